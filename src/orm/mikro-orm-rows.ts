/** What a relation leads to; `never` for nullable ones, and for dates, bytes, lists and collections. */
type Target<Relation> = [Relation] extends [{ readonly length: number } | Date]
  ? never
  : [Relation] extends [{ unwrap(): infer Entity }]
    ? Entity
    : [Relation] extends [object]
      ? Relation
      : never

/** Names of the relations that lead to one entity and may hold columns. */
export type RelationsOf<Entity> = {
  [Name in keyof Entity & string]-?: [Target<NonNullable<Entity[Name]>>] extends [never] ? never : Name
}[keyof Entity & string]

/** `order.userId` for each property behind a relation that is never NULL. */
type Paths<Entity> = {
  [Name in keyof Entity & string]-?: [Target<Entity[Name]>] extends [never]
    ? never
    : `${Name}.${keyof Target<Entity[Name]> & string}`
}[keyof Entity & string]

type ValueAt<Entity, Path> = Path extends `${infer Name}.${infer Inner}`
  ? Name extends keyof Entity
    ? Inner extends keyof Target<Entity[Name]>
      ? Target<Entity[Name]>[Inner]
      : never
    : never
  : never

/** MikroORM has `undefined` for what may be NULL, besides `null`. */
type Stored<Value> = undefined extends Value ? Exclude<Value, undefined> | null : Value

/** The properties of an entity as the table has them, and under their paths those of the entities its relations lead to. */
export type RowOf<Entity> = { readonly [Name in keyof Entity & string]-?: Stored<Entity[Name]> } & {
  readonly [Path in Paths<Entity>]: Stored<ValueAt<Entity, Path>>
}
