import type * as Mysql2 from '../src/drivers/mysql2.ts'
import type * as CreateEngine from '../src/engine/create-engine.ts'
import type * as RewriteRoute from '../src/engine/rewrite-route.ts'
import type * as RoutePlan from '../src/engine/route-plan.ts'
import type * as Root from '../src/index.ts'
import type * as PlanStatement from '../src/plan/plan-statement.ts'
import type * as Parser from '../src/sql/parser.ts'
import type { Build } from './compiled.ts'
import { type BenchResult, sink, timeCalls, timeEmptyCall } from './time-calls.ts'

const pointSelect = 'SELECT id, name, cents FROM customers WHERE id = ?'
const columns = Array.from({ length: 9 }, (_, i) => `c${i}`)

/** What a text costs the first time, and what is left of it when its plan, or that of its shape, is known. */
export async function benchSql(build: Build): Promise<readonly BenchResult[]> {
  const engine = await openEngine(build)
  const { parseStatement } = await build.load<typeof Parser>('sql/parser.js')
  const { planStatement } = await build.load<typeof PlanStatement>('plan/plan-statement.js')
  const { topology, defaults, planner } = engine
  const { modes } = defaults
  const join = writeJoin(10)
  const insert = writeBulkInsert(1000)
  // Each batch has a number of rows of its own, as those of an application that fills its batches by size.
  const batches = Array.from({ length: 50 }, (_, i) => writeBulkInsert(1000 + i))
  for (const sql of [pointSelect, join, insert, ...batches]) requireRouted(planner.find(sql).kind, sql)
  return [
    timeEmptyCall(),
    timeCalls('parse: point select', 'µs', 3000, () => parseStatement(pointSelect, modes)),
    timeCalls('parse: join of 10 tables', 'µs', 300, () => parseStatement(join, modes)),
    timeCalls('parse and plan: point select', 'µs', 1000, () => planStatement(pointSelect, topology, modes)),
    timeCalls('parse and plan: insert of 1,000 rows × 10 markers', 'µs', 10, () =>
      planStatement(insert, topology, modes),
    ),
    timeCalls('known shape: insert of 1,000 rows × 10 markers', 'µs', batches.length, (i) =>
      planner.find(batches[i] ?? ''),
    ),
    await timeHotSelect(build, engine),
  ]
}

function requireRouted(kind: string, sql: string): void {
  if (kind !== 'direct' && kind !== 'subset') throw new Error(`Not routed: ${sql.slice(0, 80)}`)
}

type Engine = ReturnType<typeof CreateEngine.createEngine>

/** The part of a hot point select between the facade and the pool. */
async function timeHotSelect(build: Build, engine: Engine): Promise<BenchResult> {
  const { routePlan } = await build.load<typeof RoutePlan>('engine/route-plan.js')
  const { rewriteRoute } = await build.load<typeof RewriteRoute>('engine/rewrite-route.js')
  const route = (id: number): void => {
    const plan = engine.planner.find(pointSelect)
    if (plan.kind !== 'direct') throw new Error('The point select is not routed.')
    const request = {
      sql: pointSelect,
      values: [id],
      protocol: 'text',
      isStreamed: false,
      scope: undefined,
    } as const
    routePlan(engine, plan, request, (error, found) => {
      if (found === undefined) throw error
      if (found.kind === 'many' || found.kind === 'each')
        throw new Error('The point select is not routed to one shard.')
      sink.last = rewriteRoute(engine, plan, found, request.values)
    })
  }
  return timeCalls('known plan, route and text: point select', 'µs', 100_000, route)
}

async function openEngine(build: Build): Promise<Engine> {
  const { defineConfig, sharded } = await build.load<typeof Root>('index.js')
  const { createEngine } = await build.load<typeof CreateEngine>('engine/create-engine.js')
  const { loadMysqlDriver } = await build.load<typeof Mysql2>('drivers/mysql2.js')
  const server = 'mysql://nobody@127.0.0.1:1/'
  const names = ['customers', ...Array.from({ length: 10 }, (_, i) => `t${i}`)]
  const topology = defineConfig({
    databases: { default: { primary: `${server}main` } },
    shardGroups: { product: { databaseName: 'product', logicalShards: 8, servers: [{ primary: server }] } },
    tables: Object.fromEntries(names.map((name) => [name, sharded('product', 'id')])),
  })
  return createEngine(topology, await loadMysqlDriver())
}

function writeJoin(tables: number): string {
  const columns = Array.from({ length: tables }, (_, i) => `t${i}.a, t${i}.b`).join(', ')
  const joins = Array.from({ length: tables - 1 }, (_, i) => `JOIN t${i + 1} ON t${i + 1}.id = t${i}.id`)
  return `SELECT ${columns} FROM t0 ${joins.join(' ')} WHERE t0.id = ? AND t3.a > ? ORDER BY t0.b LIMIT 20`
}

function writeBulkInsert(rows: number): string {
  const row = `(?, ${columns.map(() => '?').join(', ')})`
  const values = Array.from({ length: rows }, () => row).join(', ')
  return `INSERT INTO customers (id, ${columns.join(', ')}) VALUES ${values}`
}
