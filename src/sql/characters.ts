/** Classes of ASCII characters for the lexer; everything above 127 may be part of a name. */
export const characterClass = {
  illegal: 0,
  blank: 1,
  letter: 2,
  digit: 3,
  quote: 4,
  sign: 5,
} as const

const classes = new Uint8Array(128)
for (const blank of [9, 10, 11, 12, 13, 32]) classes[blank] = characterClass.blank
for (let code = 48; code <= 57; code++) classes[code] = characterClass.digit
for (let code = 65; code <= 90; code++) classes[code] = classes[code + 32] = characterClass.letter
for (const letter of '_$') classes[letter.charCodeAt(0)] = characterClass.letter
for (const quote of `'"\``) classes[quote.charCodeAt(0)] = characterClass.quote
for (const sign of '(),.;{}[]@:?#+-*/%^~&|!<>=') classes[sign.charCodeAt(0)] = characterClass.sign

/** The class of a character; those above 127 count as letters, as servers and SQLite have it. */
export function classOf(code: number): number {
  return code < 128 ? (classes[code] ?? 0) : characterClass.letter
}

/** True for what may stand inside an unquoted name. */
export function isNamePart(code: number): boolean {
  if (code >= 128) return true
  const found = classes[code]
  return found === characterClass.letter || found === characterClass.digit
}

/** True for `0` to `9`. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
