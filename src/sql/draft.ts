/** A node while its optional parts are still being read. */
export type Draft<Node> = { -readonly [Key in keyof Node]: Node[Key] }
