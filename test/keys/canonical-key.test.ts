import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalKey, canonicalKeyFromLiteral } from '../../src/keys/canonical-key.ts'
import type { KeyType } from '../../src/topology/table-kinds.ts'

const where = { table: 'orders', column: 'user_id' }
const uuid = '0190163d-8694-739b-aea5-966c26f8ad91'
const uuidDigits = uuid.replaceAll('-', '')

function refusal(reason: string) {
  return expect.objectContaining({
    code: 'SHERD_KEY_FORM',
    kind: 'routing',
    details: { table: 'orders', column: 'user_id' },
    message: expect.stringContaining(`orders.user_id is refused: it is ${reason}`),
  })
}

function itRefuses(keyType: KeyType, cases: readonly (readonly [string, unknown, string])[]): void {
  for (const [name, value, reason] of cases) {
    it(`refuses ${name} as ${reason}`, () => {
      expect(() => canonicalKey(value, keyType, where)).toThrow(refusal(reason))
    })
  }
}

describe('integer key', () => {
  it('is the same for 1, 1.0, 1n and the string 1', () => {
    for (const value of [1, 1.0, 1n, '1']) expect(canonicalKey(value, 'integer', where)).toBe(1)
  })

  it('is 0 for 0, -0, 0n and the string 0', () => {
    for (const value of [0, -0, 0n, '0']) expect(canonicalKey(value, 'integer', where)).toBe(0)
  })

  it('is a number within 2^53 - 1 and a bigint beyond, however it is written', () => {
    const any = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
      fc.maxSafeInteger().map(BigInt),
    )
    fc.assert(
      fc.property(any, (value) => {
        const key = canonicalKey(value, 'integer', where)
        expect(BigInt(key)).toBe(value)
        expect(typeof key).toBe(Number.isSafeInteger(Number(value)) ? 'number' : 'bigint')
        expect(canonicalKey(String(value), 'integer', where)).toBe(key)
        expect(canonicalKeyFromLiteral(String(value), 'integer', 'integer', where)).toBe(key)
        if (typeof key === 'number') expect(canonicalKey(key, 'integer', where)).toBe(key)
      }),
    )
  })

  it('goes from -2^63 to 2^64 - 1', () => {
    for (const end of [-(2n ** 63n), 2n ** 64n - 1n]) {
      expect(canonicalKey(end, 'integer', where)).toBe(end)
      expect(canonicalKey(String(end), 'integer', where)).toBe(end)
    }
    for (const beyond of [-(2n ** 63n) - 1n, 2n ** 64n, 10n ** 40n]) {
      expect(() => canonicalKey(beyond, 'integer', where)).toThrow(refusal('outside -2^63 to 2^64 - 1'))
      expect(() => canonicalKey(String(beyond), 'integer', where)).toThrow(
        refusal('outside -2^63 to 2^64 - 1'),
      )
    }
  })

  itRefuses('integer', [
    ['1.5', 1.5, 'a fraction'],
    ['not a number', Number.NaN, 'NaN'],
    ['infinity', -Infinity, 'infinite'],
    ['2^53 as a number', 2 ** 53, 'beyond 2^53 as a number (give a bigint or a string'],
    ['-1e300', -1e300, 'beyond 2^53 as a number'],
    ['true', true, 'a boolean'],
    ['null', null, 'NULL'],
    ['undefined', undefined, 'undefined'],
    ['a Date', new Date(0), 'a Date'],
    ['an object', { toString: () => '1' }, 'an object'],
    ['an array', [1], 'an array'],
    ['a Buffer', Buffer.from('1'), 'binary'],
    ['a symbol', Symbol('1'), 'a symbol'],
    ['the empty string', '', 'an empty string'],
    ['the string 01', '01', 'a number with a leading zero'],
    ['the string -01', '-01', 'a number with a leading zero'],
    ['the string 00', '00', 'a number with a leading zero'],
    ['the string -0', '-0', 'a negative zero'],
    ['the string +1', '+1', 'a string with a plus sign'],
    ['a space before', ' 1', 'a string with white space'],
    ['a line feed after', '1\n', 'a string with white space'],
    ['the string 1.0', '1.0', 'a string with a decimal point'],
    ['the string 1e3', '1e3', 'a string with an exponent'],
    ['the string 1abc', '1abc', 'a string that is not an integer in digits'],
    ['a lone minus', '-', 'a string that is not an integer in digits'],
    ['the string 0x10', '0x10', 'a string that is not an integer in digits'],
    ['Arabic digits', '١', 'a string that is not an integer in digits'],
    ['a megabyte of digits', '9'.repeat(1_000_000), 'outside -2^63 to 2^64 - 1'],
  ])

  it('never shows its value when it is refused', () => {
    for (const value of ['8472.5', 8472.5, '8472abc', ' 8472', '8472'.repeat(9)]) {
      expect(() => canonicalKey(value, 'integer', where)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('8472') }),
      )
    }
  })
})

describe('string key', () => {
  it('is the string without trailing spaces, for PAD SPACE collations', () => {
    expect(canonicalKey('a  ', 'string', where)).toBe('a')
    expect(canonicalKey('   ', 'string', where)).toBe('')
    expect(canonicalKey(' a b', 'string', where)).toBe(' a b')
    expect(canonicalKey('a\t', 'string', where)).toBe('a\t')
  })

  it('may hold NUL, emoji and digits', () => {
    for (const value of ['a\0', '😀', '01', '']) expect(canonicalKey(value, 'string', where)).toBe(value)
  })

  itRefuses('string', [
    ['a number', 1, 'a number, but the column holds strings'],
    ['a bigint', 1n, 'a number, but the column holds strings'],
    ['half a surrogate pair', 'a\ud83d', 'a string with half a surrogate pair'],
    ['null', null, 'NULL'],
    ['a Buffer', Buffer.from('a'), 'binary'],
    ['true', true, 'a boolean'],
  ])
})

describe('uuid key', () => {
  it('is the same 32 digits for text in any case, digits and 16 bytes', () => {
    const bytes = Buffer.from(uuidDigits, 'hex')
    const inside = new Uint8Array([0, ...bytes, 0]).subarray(1, 17)
    for (const value of [uuid, uuid.toUpperCase(), uuidDigits, uuidDigits.toUpperCase(), bytes, inside]) {
      expect(canonicalKey(value, 'uuid', where)).toBe(uuidDigits)
    }
  })

  itRefuses('uuid', [
    ['a number', 1, 'a number'],
    ['35 characters', uuid.slice(1), 'a string that is not a UUID'],
    ['braces', `{${uuid}}`, 'a string that is not a UUID'],
    ['a line feed after', `${uuid}\n`, 'a string that is not a UUID'],
    [
      'hyphens in other places',
      `${uuidDigits.slice(0, 4)}-${uuidDigits.slice(4)}---`,
      'a string that is not a UUID',
    ],
    ['15 bytes', Buffer.alloc(15), 'binary, but not of 16 bytes'],
    ['null', null, 'NULL'],
  ])
})

describe('binary key', () => {
  it('is its bytes as hexadecimal digits', () => {
    expect(canonicalKey(Buffer.from([0, 255, 16]), 'binary', where)).toBe('00ff10')
    expect(canonicalKey(new Uint8Array([171]), 'binary', where)).toBe('ab')
  })

  it('is the same with and without the zero bytes that BINARY(n) adds', () => {
    expect(canonicalKey(Buffer.from([1, 0, 0]), 'binary', where)).toBe('01')
    expect(canonicalKey(Buffer.alloc(4), 'binary', where)).toBe('')
  })

  itRefuses('binary', [
    ['a string', 'ab', 'a string'],
    ['a number', 1, 'a number'],
    ['an array', [1, 2], 'an array'],
    ['null', null, 'NULL'],
  ])
})

describe('key from a literal', () => {
  it('takes digits and quoted digits for integer columns', () => {
    expect(canonicalKeyFromLiteral('42', 'integer', 'integer', where)).toBe(42)
    expect(canonicalKeyFromLiteral('-7', 'string', 'integer', where)).toBe(-7)
  })

  it('takes quoted text for string and UUID columns', () => {
    expect(canonicalKeyFromLiteral('a ', 'string', 'string', where)).toBe('a')
    expect(canonicalKeyFromLiteral(uuid, 'string', 'uuid', where)).toBe(uuidDigits)
  })

  it('refuses unquoted numbers for other columns and text for binary ones', () => {
    const refused: [string, 'integer' | 'string', KeyType, string][] = [
      ['42', 'integer', 'string', 'a number, but the column holds strings'],
      ['12345678901234567890123456789012', 'integer', 'uuid', 'a number, but the column holds UUIDs'],
      ['42', 'integer', 'binary', 'a number, but the column holds binary'],
      ['ab', 'string', 'binary', 'a string'],
      ['042', 'integer', 'integer', 'a number with a leading zero'],
    ]
    for (const [text, form, keyType, reason] of refused) {
      expect(() => canonicalKeyFromLiteral(text, form, keyType, where)).toThrow(refusal(reason))
    }
  })
})
