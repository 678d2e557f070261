import type { KeyType } from '../topology/table-kinds.ts'
import { integerKey } from './integer-key.ts'
import { type KeyColumn, keyFormError } from './key-form-error.ts'
import type { ShardKey } from './shard-key.ts'
import { binaryKey, stringKey, uuidKey } from './text-key.ts'

/**
 * The one form of a value given for a shard key column, however it was written: 1, '1' and 1n are the same.
 * Throws SHERD_KEY_FORM for everything the server might compare differently than we hash:
 * '01', ' 1', 1.5, true, NULL, NaN, a Date.
 */
export function canonicalKey(value: unknown, keyType: KeyType, where: KeyColumn): ShardKey {
  switch (keyType) {
    case 'integer':
      return integerKey(value, where)
    case 'string':
      return stringKey(value, where)
    case 'uuid':
      return uuidKey(value, where)
    case 'binary':
      return binaryKey(value, where)
  }
}

/**
 * The key of a literal in the text of a statement. `text` is what the literal means: digits with their
 * sign for `integer`, the string without quotes and escapes for `string`. Throws SHERD_KEY_FORM.
 */
export function canonicalKeyFromLiteral(
  text: string,
  form: 'integer' | 'string',
  keyType: KeyType,
  where: KeyColumn,
): ShardKey {
  if (form === 'integer' && keyType !== 'integer') {
    throw keyFormError(where, `a number, but the column holds ${contents[keyType]}`)
  }
  return canonicalKey(text, keyType, where)
}

const contents = { string: 'strings', uuid: 'UUIDs', binary: 'binary' } as const
