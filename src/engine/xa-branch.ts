import { randomBytes } from 'node:crypto'
import type { Branch } from '../session/transaction.ts'

/** The branch as XA statements name it. */
export function branchText({ transactionId, number }: Branch): string {
  return `'${transactionId}','${number}'`
}

/** Statements that take back a branch that was not prepared. */
export function undoBranch(branch: Branch): readonly string[] {
  return [`XA END ${branchText(branch)}`, `XA ROLLBACK ${branchText(branch)}`]
}

/** Names transactions: `sherd-<identity of the server that decides>-<this process>-<number>`, all lower case and digits. */
export function createTransactionIds(): (identity: string) => string {
  const coordinator = randomBytes(6).toString('hex')
  let count = 0
  return (identity) => `sherd-${identity}-${coordinator}-${(++count).toString(36)}`
}

const ours = /^sherd-([0-9a-f]{8})-[0-9a-f]{12}-[0-9a-z]+$/

/** The identity of the server that decides; undefined for the name of somebody else's transaction. */
export function decidingServer(transactionId: string): string | undefined {
  return ours.exec(transactionId)?.[1]
}

/** A row of XA RECOVER as a branch of ours. mysql2 gives `data` as a Buffer, both names in one. */
export function readRecovered(row: unknown): Branch | undefined {
  const { gtrid_length: length, data } = row as { readonly gtrid_length: number; readonly data: unknown }
  const text = Buffer.isBuffer(data) ? data.toString('latin1') : String(data)
  const transactionId = text.slice(0, length)
  const number = text.slice(length)
  if (decidingServer(transactionId) === undefined || !/^\d{1,6}$/.test(number)) return undefined
  return { transactionId, number: Number(number) }
}
