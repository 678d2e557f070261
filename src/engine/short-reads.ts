import type { RawRow } from '../drivers/raw-rows.ts'
import type { Statement } from '../sql/ast.ts'
import type { Session } from '../session/session.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import type { Request } from './request.ts'

/** A statement is short when its server expects to look at no more rows: to send it then costs more than to run it. */
const shortRows = 256
/** Plans that are used less often are not worth a question. */
const usesBeforeAsking = 8
/** Tables grow: how long the answer is taken for true. */
const lifetimeMs = 60_000

/** A read of several logical shards by a plan that may come again. */
export interface RepeatedRead {
  readonly engine: Engine
  readonly session: Session
  readonly plan: { readonly statement: Statement }
  readonly request: Pick<Request, 'protocol'>
}

/** What is known of the statements of a plan. */
interface Cost {
  uses: number
  asked: number
  askedAt: number
  isShort: boolean
  /** They failed together once: since then each is sent by itself. */
  isApart: boolean
}

const costs = new WeakMap<RepeatedRead['plan'], Cost>()

function costOf(plan: RepeatedRead['plan']): Cost {
  const known = costs.get(plan)
  if (known !== undefined) return known
  const cost = { uses: 0, asked: 0, askedAt: -Infinity, isShort: false, isApart: false }
  costs.set(plan, cost)
  return cost
}

/**
 * Whether the statements for one server go there in one text, to be run one after the other. Only where nothing is lost:
 * the rows of each shard keep their own fields, an error is met again when each is sent by itself, and outside of a
 * transaction nobody minds that they ran before. With `isOneByOne` they would not run side by side anyway; else they must
 * be short.
 */
export function mayUnite(read: RepeatedRead, isOneByOne: boolean): boolean {
  if (!isUnitable(read)) return false
  const cost = costOf(read.plan)
  return !cost.isApart && (cost.isShort || isOneByOne)
}

/**
 * How many of `count` statements for a server go there in one text. Where they may not be united for being short, as many as
 * leave each core of the server something to do, together with what this process has under way there: more texts would
 * only wait for each other.
 */
export function countTogether(
  read: RepeatedRead,
  server: Server,
  count: number,
  isOneByOne: boolean,
): number {
  if (mayUnite(read, isOneByOne)) return maxTogether
  const cores = coresOf.get(server) ?? Infinity
  // What replicas have to do is not looked at, and they have cores of their own.
  if (!isUnitable(read) || costOf(read.plan).isApart || server.replicas.length > 0) return 1
  const free = cores * statementsPerCore - read.engine.pools.primary(server).load
  // Where a server does not tell its cores there are always some left.
  return Math.min(Math.max(Math.ceil(count / Math.max(free, 1)), 1), maxTogether)
}

/** Statements that a core has use for: one runs while others wait for the disk or the network. */
const statementsPerCore = 4

/** Asked once; infinite where a server does not tell. */
const coresOf = new WeakMap<Server, number>()

function isUnitable({ engine, session, plan, request }: RepeatedRead): boolean {
  if (session.transaction !== undefined || session.pin !== undefined || request.protocol !== 'text')
    return false
  return engine.topology.dialect === 'mysql' && !plan.statement.sql.includes(';')
}

/** Statements that failed together are sent by themselves from then on, but when only the connection was lost. */
export function keepApart({ engine, plan }: RepeatedRead, error: unknown): void {
  if (!engine.driver.isConnectionLost(error)) costOf(plan).isApart = true
}

/**
 * Counts a use of a plan, and asks now and then how many rows its statements look at. Not the time they took: that is
 * longer the more this process and the server have to do, which is when it matters most.
 */
export function noteUse(run: RepeatedRead, statements: readonly ShardStatement[]): void {
  if (!isUnitable(run)) return
  const cost = costOf(run.plan)
  cost.uses += 1
  const now = run.engine.deadlines.now()
  if (cost.isApart || cost.uses < usesBeforeAsking || now - cost.askedAt < lifetimeMs) return
  cost.askedAt = now
  cost.asked += 1
  const asked = sample(statements, cost.asked)
  let open = asked.length
  let mostRows = 0
  for (const { shard } of asked) if (!coresOf.has(shard.server)) askCores(run.engine, shard.server)
  for (const statement of asked)
    expectRows(run, statement, (rows) => {
      mostRows = Math.max(mostRows, rows)
      open -= 1
      if (open === 0) cost.isShort = mostRows <= shortRows
    })
}

/** Most statements in one text: a server works on one text at a time, and may have hundreds of logical shards. */
export const maxTogether = 8

/** One statement of each server, another one each time: shards may differ in size. */
function sample(statements: readonly ShardStatement[], turn: number): readonly ShardStatement[] {
  const byServer = new Map<Server, ShardStatement[]>()
  for (const statement of statements) {
    const own = byServer.get(statement.shard.server)
    if (own === undefined) byServer.set(statement.shard.server, [statement])
    else own.push(statement)
  }
  return [...byServer.values()].flatMap((own) => own[turn % own.length] ?? [])
}

/** Rows that a server expects to look at; infinitely many when it does not say. */
function expectRows(
  { engine }: RepeatedRead,
  { shard, text, values }: ShardStatement,
  callback: (rows: number) => void,
): void {
  const segments = text.segments.map((segment, index) => (index === 0 ? `EXPLAIN ${segment}` : segment))
  engine.pools.primary(shard.server).lease('', (_, lease) => {
    if (lease === undefined) return callback(Infinity)
    let column = -1
    let rows = 1
    const sent = { text: { segments, sql: segments.join('?') }, values, protocol: 'text' as const }
    lease.connection.readRows(sent, 'all', {
      onColumns: (_fields, columns) => {
        column = columns.findIndex(({ name }) => name === 'rows')
      },
      onRow: (_row, raw: RawRow) => {
        // Each table of a join is read for each row of those before. NULL: the server knows the row, or needs none.
        rows *= Math.max(Number(raw[column] ?? 1), 1)
      },
      onEnd: (error) => {
        lease.release()
        callback(error || column === -1 ? Infinity : rows)
      },
    })
  })
}

/** MariaDB has as many groups of threads as cores, whether it uses them or not: https://mariadb.com/kb/en/thread-pool-system-status-variables/ */
function askCores({ pools }: Engine, server: Server): void {
  coresOf.set(server, Infinity)
  pools.primary(server).lease('', (_, lease) => {
    if (lease === undefined) return
    const options = { rowsAsArray: true, typeCast: true, nestTables: false }
    const sent = { text: 'SELECT @@thread_pool_size', values: [], protocol: 'text' as const, options }
    lease.connection.run(sent, (error, rows) => {
      lease.release()
      // One row with the one column that was asked for.
      if (!error) coresOf.set(server, (rows as readonly (readonly number[])[])[0]?.[0] ?? Infinity)
    })
  })
}
