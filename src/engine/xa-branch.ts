import type { Branch } from '../session/transaction.ts'

/** First part of every name, so that sherd knows its own branches among others'. */
export const xaPrefix = 'sherd-'

/** The branch as XA statements name it. */
export function branchText({ transactionId, number }: Branch): string {
  return `'${transactionId}','${number}'`
}

/** Statements that take back a branch that was not prepared. */
export function undoBranch(branch: Branch): readonly string[] {
  return [`XA END ${branchText(branch)}`, `XA ROLLBACK ${branchText(branch)}`]
}
