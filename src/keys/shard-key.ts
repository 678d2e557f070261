/**
 * A shard key in its one canonical form: integers as bigint, strings as they are without trailing
 * spaces (PAD SPACE collations take `'a'` and `'a '` for equal), UUIDs as 32 lower case
 * hexadecimal digits, binary as lower case hexadecimal digits.
 */
export type ShardKey = bigint | string
