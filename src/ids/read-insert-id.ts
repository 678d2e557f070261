import { SherdError } from '../errors/sherd-error.ts'

/** The insertId that a write gives, above 0. SHERD_LOCK_STORE when the function that asks the database gives none. */
export function readInsertId(answer: unknown): bigint {
  const given =
    typeof answer === 'object' && answer !== null && 'insertId' in answer ? answer.insertId : undefined
  const isWhole = typeof given === 'bigint' || typeof given === 'string' || Number.isSafeInteger(given)
  // Safe integers, bigints and digits: looked at just above.
  const insertId = isWhole ? BigInt(given as bigint | string | number) : 0n
  if (insertId > 0n) return insertId
  throw new SherdError('SHERD_LOCK_STORE', {
    message: 'The function that asks the database gave no insertId of a write.',
    remedy:
      'Give a function that resolves to the result of a write, with its insertId; with mysql2, the first of the pair.',
  })
}
