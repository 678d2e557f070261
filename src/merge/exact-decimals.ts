/** A DECIMAL or an integer: its digits without the point, and how many of them stand behind it. */
export interface ExactNumber {
  readonly digits: bigint
  readonly decimals: number
}

/** Reads the text of a server; undefined when it is not a plain number with that many decimals. */
export function readExact(text: string, decimals: number): bigint | undefined {
  const point = text.indexOf('.')
  const behind = point < 0 ? 0 : text.length - point - 1
  if (behind !== decimals || !/^-?\d+(?:\.\d+)?$/u.test(text)) return undefined
  return BigInt(point < 0 ? text : text.slice(0, point) + text.slice(point + 1))
}

/** As a server writes it: a digit before the point at least, and no sign on a zero. */
export function writeExact({ digits, decimals }: ExactNumber): string {
  const text = sizeOf(digits).padStart(decimals + 1, '0')
  const sign = digits < 0n ? '-' : ''
  if (decimals === 0) return sign + text
  return `${sign}${text.slice(0, -decimals)}.${text.slice(-decimals)}`
}

/** How many digits it has, those behind the point too. */
export function countDigits(digits: bigint): number {
  return sizeOf(digits).length
}

function sizeOf(digits: bigint): string {
  return (digits < 0n ? -digits : digits).toString()
}

/** A server keeps decimals in words of nine digits, nine words at most; two are left free here. */
const wordDigits = 9
const maxWords = 7

/**
 * A sum by a count with `extra` decimals more, as the server divides (`do_div_mod` of strings/decimal.c): it cuts the
 * quotient off at a whole word and rounds what is left, half away from zero. Where the decimals fill their words, as those
 * of DECIMAL(10,5), it does not round at all. Undefined when the quotient might not fit, where it gives up decimals.
 */
export function divideExact(sum: ExactNumber, count: bigint, extra: number): ExactNumber | undefined {
  const held = fillWords(sum.decimals)
  const kept = fillWords(held + Math.max(0, extra - (held - sum.decimals)))
  const wholeDigits = Math.max(countDigits(sum.digits) - sum.decimals, 1)
  if (count <= 0n || (fillWords(wholeDigits) + wordDigits + kept) / wordDigits > maxWords) return undefined
  // Division of bigints cuts off towards zero.
  const cut = (sum.digits * 10n ** BigInt(kept - sum.decimals)) / count
  const decimals = sum.decimals + extra
  const surplus = kept - decimals
  if (surplus === 0) return { digits: cut, decimals }
  const unit = 10n ** BigInt(surplus)
  const half = cut < 0n ? -unit / 2n : unit / 2n
  return { digits: (cut + half) / unit, decimals }
}

function fillWords(digits: number): number {
  return Math.ceil(digits / wordDigits) * wordDigits
}
