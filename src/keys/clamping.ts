import type { ShardKey } from './shard-key.ts'

const maxInt32 = 2_147_483_647

/**
 * Whether a key may lie outside its column: INT holds 0 to 2147483647 whether signed or not, and sherd
 * does not know the column's width. INSERT IGNORE stores what lies outside as the nearest end of the
 * column, which is another key (MariaDB 10.11, warning 1264). False for keys that are no integers.
 */
export function isIntegerKeyBeyondInt32(key: ShardKey): boolean {
  if (typeof key === 'number') return key < 0 || key > maxInt32
  return typeof key === 'bigint'
}
