import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import type { Sherd } from '../../src/facade/sherd.ts'

/** What became of one write as its caller saw it. */
export interface WriteRecord {
  readonly key: number
  /** One id for a single insert, two for a transaction that must hold both or none. */
  readonly ids: readonly number[]
  readonly outcome: 'acknowledged' | 'failed'
  /** Host and port of the primary that the key belongs to. */
  readonly server: string
}

export interface LoadError {
  readonly server: string
  readonly atMs: number
  readonly error: Error & { readonly code?: unknown; readonly sherdShard?: unknown }
}

/** Callers that write and read without a pause, and remember what they were told. */
export interface Load {
  readonly writes: readonly WriteRecord[]
  readonly errors: readonly LoadError[]
  /** Reads that did not find the row the same caller had written before. */
  readonly staleReads: () => number
  /** Statements that went well since the last call of this function, by server. */
  readonly takeSuccesses: () => ReadonlyMap<string, number>
  readonly stop: () => Promise<void>
}

const insert = 'INSERT INTO events (user_id, id) VALUES (?, ?)'
const read = 'SELECT id FROM events WHERE user_id = ? AND id = ?'

/** `events` has no unique key on purpose: a write that was sent twice must show as two rows. */
export const eventsTable =
  'CREATE TABLE events (user_id BIGINT NOT NULL, id BIGINT NOT NULL, KEY (user_id, id))'

export function startLoad(sherd: Sherd, callers: number): Load {
  // The pool that createSherd made; the type of `sherd.pool` is mysql2's.
  const pool = (sherd.pool as unknown as MysqlPool).promise()
  const writes: WriteRecord[] = []
  const errors: LoadError[] = []
  let successes = new Map<string, number>()
  let staleReads = 0
  let isStopped = false
  let nextId = 1
  const count = (server: string): void => {
    successes.set(server, (successes.get(server) ?? 0) + 1)
  }
  const run = async (caller: number): Promise<void> => {
    for (let round = 0; !isStopped; round++) {
      const key = caller * 1_000_000 + round
      const server = sherd.locate('shop', key).server.primary.id
      const isTransaction = round % 4 === 0
      const ids = isTransaction ? [nextId++, nextId++] : [nextId++]
      try {
        if (isTransaction) await writeTogether(pool, key, ids)
        else await pool.query(insert, [key, ids[0]])
        writes.push({ key, ids, outcome: 'acknowledged', server })
        count(server)
      } catch (error) {
        writes.push({ key, ids, outcome: 'failed', server })
        errors.push({ server, atMs: Date.now(), error: error as LoadError['error'] })
        continue
      }
      try {
        const [rows] = await pool.query(read, [key, ids[0]])
        if ((rows as readonly unknown[]).length === 0) staleReads += 1
        count(server)
      } catch (error) {
        errors.push({ server, atMs: Date.now(), error: error as LoadError['error'] })
      }
    }
  }
  const done = Promise.all(Array.from({ length: callers }, (_, caller) => run(caller)))
  return {
    writes,
    errors,
    staleReads: () => staleReads,
    takeSuccesses: () => {
      const taken = successes
      successes = new Map()
      return taken
    },
    stop: async () => {
      isStopped = true
      await done
    },
  }
}

type PromisePool = ReturnType<MysqlPool['promise']>

async function writeTogether(pool: PromisePool, key: number, ids: readonly number[]): Promise<void> {
  const connection = await pool.getConnection()
  try {
    await connection.beginTransaction()
    for (const id of ids) await connection.query(insert, [key, id])
    await connection.commit()
  } catch (error) {
    await connection.rollback().catch(() => undefined)
    throw error
  } finally {
    connection.release()
  }
}

/** What is wrong with the rows, after every caller has been told: all counts must be zero. */
export interface Damage {
  readonly lost: number
  readonly doubled: number
  /** Transactions of which one row is there and the other is not. */
  readonly torn: number
}

export async function findDamage(sherd: Sherd, writes: readonly WriteRecord[]): Promise<Damage> {
  const found = new Map<number, number>()
  const connection = sherd.connection()
  for (const { name } of sherd.topology.shardGroups.get('shop')?.shards ?? []) {
    const { rows } = await sherd.fresh(() =>
      sherd.onShard(name, () => connection.execute('SELECT id, COUNT(*) AS n FROM events GROUP BY id')),
    )
    for (const { id, n } of rows as readonly { id: number; n: number }[])
      found.set(id, (found.get(id) ?? 0) + n)
  }
  connection.release()
  const damage = { lost: 0, doubled: 0, torn: 0 }
  for (const { ids, outcome } of writes) {
    const counts = ids.map((id) => found.get(id) ?? 0)
    if (outcome === 'acknowledged') damage.lost += counts.filter((n) => n === 0).length
    damage.doubled += counts.filter((n) => n > 1).length
    if (new Set(counts.map((n) => n > 0)).size > 1) damage.torn += 1
  }
  return damage
}
