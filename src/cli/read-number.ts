import { InvalidArgumentError } from 'commander'

/** An argument that is a whole number above 0. */
export function readWholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text)
  throw new InvalidArgumentError('It is no whole number above 0.')
}
