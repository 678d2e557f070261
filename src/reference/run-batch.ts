import type { RawRow } from '../drivers/raw-rows.ts'
import { applyCarefully, type CarefulChanges } from './apply-carefully.ts'
import { countChanges, diffRows, type RowChanges } from './diff-rows.ts'
import { identify, writeKeys } from './key-conditions.ts'
import { type HeldCopy, holdCopy, rowsOf, type TableRound } from './round.ts'
import type { StatusRow } from './status-row.ts'
import type { ReferenceBatch, ReferenceChange } from './sync-context.ts'
import {
  keyColumns,
  keyOf,
  selectByKeys,
  writeDelete,
  writeInserts,
  writeOverLooseKey,
  writeUpdates,
} from './table-text.ts'

/** What a batch read under the lock of the status row. */
export interface BatchRead<T> {
  /** Rows as the copy should have them. */
  readonly source: readonly RawRow[]
  /** Reads the rows of the copy that these must be equal to; those that are not among `source` go. */
  readonly readCopies: () => Promise<readonly RawRow[]>
  /** What the status row is then; told how many rows changed. */
  readonly advance?: (changed: number) => Partial<StatusRow> | undefined
  readonly answer: T
}

/** One batch: read, compare, write, advance the status row, commit. Gives the answer and how many rows changed. */
export async function runBatch<T>(
  round: TableRound,
  read: (held: HeldCopy) => Promise<BatchRead<T>>,
): Promise<{ readonly answer: T; readonly changed: number }> {
  const apply = (isCareful: boolean): Promise<Applied<T>> =>
    holdCopy(
      round,
      async (held) => {
        const batch = await read(held)
        await hooksOf(round)?.collect?.({ ...nameOf(round), rows: batch.source.length })
        const { copies, joined } = await joinLooseKeys(round, held, batch)
        const found = diffRows(round.table, batch.source, copies)
        await announce(round, withJoined(found, joined))
        const made = isCareful
          ? await applyCarefully(round, held, batch.source, copies)
          : await applyPlainly(round, held, found)
        const changes = withJoined(made, joined)
        return { status: batch.advance?.(countChanges(changes)), answer: { answer: batch.answer, changes } }
      },
      isCareful,
    )
  const { answer, changes } = await applyWhileInConflict(apply)
  const { tally } = round
  tally.blocked += changes.blocked
  tally.inserted += changes.inserts.length
  tally.updated += changes.updates.length
  tally.deleted += changes.deletes.length
  tally.batches++
  if (countChanges(changes) > 0) await hooksOf(round)?.after?.(describeBatch(round, changes))
  if (changes.left.length > 0) await deleteLeft(round, changes.left)
  return { answer, changed: countChanges(changes) + changes.left.length }
}

/** What depends on each other is read by several statements, and the source goes on between them: read once more, it fits. */
const maxCarefulAttempts = 4

async function applyWhileInConflict<T>(apply: (isCareful: boolean) => Promise<T>): Promise<T> {
  for (let careful = 0; ; careful++) {
    try {
      return await apply(careful > 0)
    } catch (error) {
      if (careful >= maxCarefulAttempts || !isConflict(error)) throw error
    }
  }
}

function withJoined<T extends RowChanges>(changes: T, joined: readonly RawRow[]): T {
  return { ...changes, updates: [...changes.updates, ...joined] }
}

/** Rows whose deletion the server carries on to other tables by its own rules, as in one database. */
async function deleteLeft(round: TableRound, keys: readonly RawRow[]): Promise<void> {
  try {
    await holdCopy(round, async ({ source, target, requireLock }) => {
      const { door } = round.context
      const again = await rowsOf(source, selectByKeys(door, round.table, keys, 'source'))
      const back = new Set(again.map((row) => identify(keyOf(round.table, row))))
      const gone = keys.filter((key) => !back.has(identify(key)))
      requireLock()
      if (gone.length > 0) await target.run(writeDelete(door, round.table, gone))
      return { answer: undefined }
    })
    round.tally.deleted += keys.length
  } catch (error) {
    if (!isConflict(error)) throw error
    round.tally.blocked += keys.length
  }
}

interface Applied<T> {
  readonly answer: T
  readonly changes: CarefulChanges
}

/** Deletes, then updates, then inserts, checked by the server. */
async function applyPlainly(round: TableRound, held: HeldCopy, changes: RowChanges): Promise<CarefulChanges> {
  const { table, context } = round
  const { inserts, updates, deletes } = changes
  await lockUpdated(round, held, updates)
  const texts = [
    ...(deletes.length === 0 ? [] : [writeDelete(context.door, table, deletes)]),
    ...writeUpdates(context.door, table, updates),
    ...writeInserts(context.door, table, inserts),
  ]
  for (const text of texts) {
    held.requireLock()
    await held.target.run(text)
  }
  return { ...changes, blocked: 0, left: [] }
}

/**
 * A key that is new by its bytes and one that is gone may be the same to the server, as `a` and `A`. Written as DELETE and
 * INSERT, rows that point to it would go or forbid it; so the row takes its new key in place. Gives the rows of the copy then.
 */
async function joinLooseKeys(
  { table, context }: TableRound,
  held: HeldCopy,
  { source, readCopies }: Pick<BatchRead<unknown>, 'source' | 'readCopies'>,
): Promise<{ readonly copies: readonly RawRow[]; readonly joined: readonly RawRow[] }> {
  const copies = await readCopies()
  if (!table.hasLooseKey) return { copies, joined: [] }
  const { inserts, deletes } = diffRows(table, source, copies)
  if (inserts.length === 0 || deletes.length === 0) return { copies, joined: [] }
  for (const row of inserts) {
    held.requireLock()
    await held.target.run(writeOverLooseKey(context.door, table, row))
  }
  const after = await readCopies()
  const left = diffRows(table, source, after)
  const still = new Set([...left.inserts, ...left.updates])
  return { copies: after, joined: inserts.filter((row) => !still.has(row)) }
}

/** Somebody who writes copies directly must not take a row away between reading and ON DUPLICATE KEY UPDATE. */
async function lockUpdated(
  { table, context: { door } }: TableRound,
  { target }: HeldCopy,
  updates: readonly RawRow[],
): Promise<void> {
  if (updates.length === 0 || door.dialect === 'sqlite') return
  const keys = updates.map((row) => keyOf(table, row))
  const locked = await rowsOf(
    target,
    `SELECT 1 FROM ${table.target} WHERE ${writeKeys(door, keyColumns(table), keys)} FOR UPDATE`,
  )
  if (locked.length !== keys.length)
    throw Object.assign(new Error('rows went while they were compared'), { errno: 1020 })
}

async function announce(round: TableRound, changes: RowChanges): Promise<void> {
  const { before } = hooksOf(round) ?? {}
  if (before !== undefined && countChanges(changes) > 0) await before(describeBatch(round, changes))
}

function hooksOf({ context, table }: TableRound) {
  return context.hooks?.[table.name]
}

function nameOf({ table, copy }: TableRound): { readonly table: string; readonly shard: string } {
  return { table: table.name, shard: copy.shard.name }
}

function describeBatch(round: TableRound, { inserts, updates, deletes }: RowChanges): ReferenceBatch {
  const { table } = round
  const columns = keyColumns(table)
  const describe =
    (kind: ReferenceChange['kind']) =>
    (key: RawRow): ReferenceChange => ({
      kind,
      key: Object.fromEntries(columns.map(({ name }, place) => [name, String(key[place])])),
    })
  return {
    ...nameOf(round),
    changes: [
      ...inserts.map((row) => describe('insert')(keyOf(table, row))),
      ...updates.map((row) => describe('update')(keyOf(table, row))),
      ...deletes.map(describe('delete')),
    ],
  }
}

/** 1062 duplicate entry, 1451 and 1452 foreign keys, 1557 and 1761 the like of cascades; SQLite tells by a code. */
function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  if ('errno' in error && typeof error.errno === 'number')
    return [1022, 1062, 1169, 1216, 1217, 1451, 1452, 1557, 1761, 1762].includes(error.errno)
  return (
    'code' in error &&
    /^SQLITE_CONSTRAINT_(?:FOREIGNKEY|UNIQUE|PRIMARYKEY|TRIGGER)$/u.test(String(error.code))
  )
}
