import { type KeyColumn, describeForm, keyFormError } from './key-form-error.ts'

const space = 32
const uuidBytes = 16
const uuidWithHyphens = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const uuidDigits = /^[0-9a-f]{32}$/i
/** With the `u` flag pairs are one character, so this finds the lone halves only. */
const loneSurrogate = /\p{Surrogate}/u

/**
 * A string as it is, without its trailing spaces: PAD SPACE collations, which are nearly all of
 * MariaDB's, take `'a'` and `'a '` for equal, so both must lead to one shard. For NO PAD collations
 * this only puts two keys on the same shard, which is harmless.
 */
export function stringKey(value: unknown, where: KeyColumn): string {
  if (typeof value !== 'string') {
    const isNumber = typeof value === 'number' || typeof value === 'bigint'
    // `column = 1` compares as numbers on the server: it also matches '01' and '1x' of other shards.
    throw keyFormError(where, isNumber ? 'a number, but the column holds strings' : describeForm(value))
  }
  if (loneSurrogate.test(value)) {
    throw keyFormError(where, 'a string with half a surrogate pair, which UTF-8 cannot hold')
  }
  let end = value.length
  while (end > 0 && value.charCodeAt(end - 1) === space) end--
  return end === value.length ? value : value.slice(0, end)
}

/** 36 characters, 32 digits or 16 bytes of the same UUID give the same 32 lower case digits. */
export function uuidKey(value: unknown, where: KeyColumn): string {
  if (typeof value === 'string') {
    if (uuidWithHyphens.test(value)) return value.replaceAll('-', '').toLowerCase()
    if (uuidDigits.test(value)) return value.toLowerCase()
    throw keyFormError(where, 'a string that is not a UUID of 36 characters or 32 digits')
  }
  if (!(value instanceof Uint8Array)) throw keyFormError(where, describeForm(value))
  if (value.length !== uuidBytes) throw keyFormError(where, 'binary, but not of 16 bytes as a UUID is')
  return hex(value)
}

/**
 * Bytes as hexadecimal digits without trailing zero bytes: BINARY(n) pads what it stores with them,
 * so a key reads back longer than it was written.
 */
export function binaryKey(value: unknown, where: KeyColumn): string {
  // Text would become bytes in the connection's character set, which we should have to guess.
  if (!(value instanceof Uint8Array)) throw keyFormError(where, describeForm(value))
  let end = value.length
  while (end > 0 && value[end - 1] === 0) end--
  return hex(value.subarray(0, end))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}
