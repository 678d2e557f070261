import type { SqlDialect } from '../sql/modes.ts'
import type { KeyType } from '../topology/table-kinds.ts'
import type { ShardKey } from './shard-key.ts'

const maxInt32 = 2_147_483_647

/**
 * Whether INSERT IGNORE may store a key as another one. A number outside its column becomes the nearest end of
 * the column (MariaDB 10.11, warning 1264): INT holds 0 to 2147483647 whether signed or not, and sherd does not
 * know the column's width. Texts and bytes are cut to the width of the column (warning 1265), and what its
 * character set lacks becomes a question mark. SQLite cuts nothing.
 */
export function mayBeClamped(key: ShardKey, keyType: KeyType, dialect: SqlDialect): boolean {
  if (keyType !== 'integer') return dialect === 'mysql'
  return typeof key !== 'number' || key < 0 || key > maxInt32
}
