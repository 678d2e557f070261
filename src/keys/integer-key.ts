import { type KeyColumn, describeForm, keyFormError } from './key-form-error.ts'

/** The lowest value of a signed BIGINT column. */
export const lowestInteger = -(2n ** 63n)
/** The highest value of an unsigned BIGINT column. */
export const highestInteger = 2n ** 64n - 1n

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER)
const zero = 48
const nine = 57
const minus = 45
/** Every number of so many digits is a safe integer. */
const safeDigits = 15
/** 2^64 - 1 has 20 digits, -2^63 has 19 and a sign. */
const maxLength = 20

/** Numbers, bigints and digit strings that name the same integer give the same key. */
export function integerKey(value: unknown, where: KeyColumn): number | bigint {
  if (typeof value === 'number') return keyOfNumber(value, where)
  if (typeof value === 'string') return keyOfDigits(value, where)
  if (typeof value === 'bigint') return keyOfBigint(value, where)
  throw keyFormError(where, describeForm(value))
}

function keyOfNumber(value: number, where: KeyColumn): number {
  // Adding 0 turns -0 into 0.
  if (Number.isSafeInteger(value)) return value + 0
  if (Number.isInteger(value)) {
    throw keyFormError(where, 'beyond 2^53 as a number (give a bigint or a string, which are exact)')
  }
  throw keyFormError(where, describeForm(value))
}

function keyOfBigint(value: bigint, where: KeyColumn): number | bigint {
  if (value >= -maxSafe && value <= maxSafe) return Number(value)
  if (value >= lowestInteger && value <= highestInteger) return value
  throw keyFormError(where, 'outside -2^63 to 2^64 - 1, which no integer column can hold')
}

function keyOfDigits(text: string, where: KeyColumn): number | bigint {
  const isNegative = text.charCodeAt(0) === minus
  const start = isNegative ? 1 : 0
  const digits = text.length - start
  let sum = 0
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < zero || code > nine) throw keyFormError(where, describeText(text))
    sum = sum * 10 + (code - zero)
  }
  if (digits === 0) throw keyFormError(where, describeText(text))
  if (text.charCodeAt(start) === zero && text.length > 1) {
    throw keyFormError(where, digits === 1 ? 'a negative zero' : 'a number with a leading zero')
  }
  if (digits <= safeDigits) return isNegative ? -sum : sum
  // Checked before BigInt, which takes quadratic time for a megabyte of digits.
  if (text.length > maxLength) {
    throw keyFormError(where, 'outside -2^63 to 2^64 - 1, which no integer column can hold')
  }
  return keyOfBigint(BigInt(text), where)
}

function describeText(text: string): string {
  if (text === '') return 'an empty string'
  if (/\s/.test(text)) return 'a string with white space'
  if (text.startsWith('+')) return 'a string with a plus sign'
  if (/^-?\d+\.\d*$/.test(text)) return 'a string with a decimal point'
  if (/^-?\d+(\.\d*)?e/i.test(text)) return 'a string with an exponent'
  return 'a string that is not an integer in digits'
}
