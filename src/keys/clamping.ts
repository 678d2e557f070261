import type { ShardKey } from './shard-key.ts'

const maxInt32 = 2_147_483_647

/**
 * Whether INSERT IGNORE may store an integer key as another one. A number outside its column becomes the nearest
 * end of the column (MariaDB 10.11, warning 1264): INT holds 0 to 2147483647 whether signed or not, and sherd does
 * not know the column's width. Keys of other types are refused when planned. SQLite changes nothing.
 */
export function mayBeClamped(key: ShardKey): boolean {
  return typeof key !== 'number' || key < 0 || key > maxInt32
}
