import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PartialColumn } from '../../src/plan/scatter-plan.ts'
import { finishPlan } from '../merge/hand-made-plans.ts'
import { failureOf } from './open-shop.ts'
import { openScatterShop, type ScatterShop } from './scatter-shop.ts'

const columns: Readonly<Record<string, string>> = {
  ti1: 'TINYINT',
  n: 'INT',
  i: 'INT UNSIGNED',
  bi: 'BIGINT',
  bu: 'BIGINT UNSIGNED',
  d: 'DECIMAL(30,4)',
  d0: 'DECIMAL(65,0)',
  du: 'DECIMAL(10,10) UNSIGNED',
  db: 'DOUBLE',
  da: 'DATE',
  dt: 'DATETIME(3)',
  dt0: 'DATETIME',
  ts: 'TIMESTAMP(6) NULL',
  ti: 'TIME(2)',
  general: 'VARCHAR(20) COLLATE utf8mb4_general_ci',
  uca: 'VARCHAR(20) COLLATE utf8mb4_uca1400_ai_ci',
  nopad: 'VARCHAR(20) COLLATE utf8mb4_uca1400_nopad_ai_ci',
  bin: 'VARCHAR(20) COLLATE utf8mb4_bin',
  levels: 'VARCHAR(20) COLLATE utf8mb4_uca1400_as_cs',
  ch: 'CHAR(20)',
  swedish: 'VARCHAR(20) CHARACTER SET latin1',
  tx: 'TEXT',
  bytes: 'VARBINARY(20)',
  blobs: 'BLOB',
}
const unshippable = {
  f: 'FLOAT',
  fd: 'DOUBLE(10,2)',
  y: 'YEAR',
  bit: 'BIT(10)',
  en: "ENUM('small','big')",
  j: 'JSON',
}
const all = { ...columns, ...unshippable }

function valuesOf(id: number): readonly string[] {
  const pick = (list: readonly string[]): string => list[id % list.length]!
  const word = pick(["'a'", "'A'", "'á'", "'a '", "''", "'ö\\n?'", "x'f09f9880'"])
  return [
    pick(['-128', '127', '0']),
    pick(['2147483647', '-2147483648', '5']),
    pick(['0', '4294967295']),
    pick(['-9223372036854775808', '9223372036854775807', '-1']),
    pick(['18446744073709551615', '9223372036854775808', '0']),
    pick(['-0.5', '12345678901234567890123456.7891', '0']),
    pick([`-${'9'.repeat(65)}`, '7', '0']),
    pick(['0.0000000001', '0.9999999999']),
    pick(['0.1', '1e300', '-2.5e-300', '0', '0.30000000000000004', '123456789012345680']),
    pick(["'2020-01-02'", "'0000-00-00'", "'9999-12-31'", "'1000-01-01'"]),
    pick(["'2020-01-02 03:04:05.678'", "'0000-00-00'"]),
    pick(["'2020-01-02 03:04:05'", "'1000-01-01'"]),
    pick(["'2020-01-02 03:04:05.123456'", "'1999-12-31 23:59:59'"]),
    pick(["'-838:59:59'", "'-00:00:01.25'", "'100:00:00'", "'00:00:00'"]),
    ...Array.from({ length: 6 }, () => word),
    pick(["'ö'", "'o'", "'Z '"]),
    word,
    pick(["x''", "x'00ff'", "'a'"]),
    pick(["x'00'", "x'c3'"]),
    pick(['1.1', '2.2']),
    '1.25',
    '2006',
    "b'1'",
    pick(["'big'", "'small'"]),
    "'[1]'",
  ].map((value, index) => ((id + index) % 9 === 0 ? 'NULL' : value))
}

let shop: ScatterShop
beforeAll(async () => {
  const create = `things (id INT PRIMARY KEY, ${Object.entries(all)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')})`
  shop = await openScatterShop(import.meta.filename, create, (shard, database) =>
    (shard === 3 ? [] : Array.from({ length: 20 }, (_, n) => n * 4 + shard)).map(
      (id) => `INSERT INTO ${database}.things VALUES (${[id, ...valuesOf(id)].join(', ')})`,
    ),
  )
})
afterAll(() => shop.close())

const isString = (name: string) => /VARCHAR|TEXT|CHAR/.test(all[name as keyof typeof all] ?? '')
const grouped = (name: string, isCompared = true) => {
  const columnsOf: PartialColumn[] = [
    { value: 0, collation: 2, isCompared, field: 0 },
    { value: 1, isCompared: false },
  ]
  const sql = `SELECT ${name}, COUNT(*) FROM things GROUP BY ${name} ORDER BY ${name} DESC`
  return {
    sql,
    plan: finishPlan(shop.engine.planner, `SELECT ${name}, COUNT(*) FROM things GROUP BY ${name}`, {
      partial: `SELECT ${name} AS sherd_0, COUNT(*) AS sherd_1, COLLATION(${name}) AS sherd_2{ FROM things}{ GROUP BY ${name}}`,
      finish:
        `SELECT sherd_0 AS ${name}, CAST(SUM(sherd_1) AS SIGNED) AS "COUNT(*)" FROM {partials} sherd GROUP BY sherd_0 ORDER BY sherd_0 DESC`.replaceAll(
          '"',
          '`',
        ),
      types: `SELECT ${name} AS sherd_0{ FROM things} LIMIT 0`,
      columns: columnsOf,
    }),
  }
}
/** Of equal strings any may stand for the group. */
const folded = (name: string, rows: readonly unknown[]) =>
  isString(name) ? rows.map((row) => Object.values(row as object)[1]) : rows

describe('an aggregate over several shards', () => {
  for (const isOnOneServer of [false, true])
    test(`groups every type as one database does, shards on ${isOnOneServer ? 'one server' : 'two servers'}`, async () => {
      for (const name of Object.keys(columns)) {
        const { sql, plan } = grouped(name)
        for (const protocol of ['text', 'prepared'] as const) {
          const indexes = shop.engine.topology.shardGroups.get('shop')!.shards
          const own = indexes.filter(({ server }) => server === indexes[0]!.server).map(({ index }) => index)
          const text = isOnOneServer
            ? sql.replace(' GROUP', ` WHERE id % 4 IN (${own.join(', ')}) GROUP`)
            : sql
          const plain = await shop.ask(text, { protocol })
          const answer = await shop.run(plan, { protocol, isOnOneServer })
          expect({ name, protocol, rows: folded(name, answer.rows) }).toEqual({
            name,
            protocol,
            rows: folded(name, plain.rows),
          })
          expect(answer.fields.map((field) => [field.name, field.columnType])).toEqual(
            plain.fields.map((field) => [field.name, field.columnType]),
          )
        }
      }
    })

  test('refuses types whose values cannot be written exactly for another server', async () => {
    for (const name of Object.keys(unshippable)) {
      const error = await failureOf(shop.run(grouped(name).plan))
      expect({ name, code: error['code'] }).toEqual({ name, code: 'SHERD_SCATTER_VALUE' })
    }
  })

  test('refuses to order by an ENUM even on one server, where a UNION would make it a string', async () => {
    const error = await failureOf(shop.run(grouped('en').plan, { isOnOneServer: true }))
    expect(error).toHaveProperty('code', 'SHERD_SCATTER_VALUE')
  })

  test('without groups gives its one row even of empty shards, with the options of the query', async () => {
    const sql = 'SELECT COUNT(*), SUM(bi), SUM(d), MAX(dt), AVG(ti1) FROM things'
    const plan = finishPlan(shop.engine.planner, sql, {
      partial:
        'SELECT COUNT(*) AS sherd_0, SUM(bi) AS sherd_1, SUM(d) AS sherd_2, MAX(dt) AS sherd_3, SUM(ti1) AS sherd_4, COUNT(ti1) AS sherd_5{ FROM things}',
      finish:
        'SELECT CAST(SUM(sherd_0) AS SIGNED) AS `COUNT(*)`, SUM(sherd_1) AS `SUM(bi)`, SUM(sherd_2) AS `SUM(d)`, MAX(sherd_3) AS `MAX(dt)`, SUM(sherd_4) / SUM(sherd_5) AS `AVG(ti1)` FROM {partials} sherd',
      columns: Array.from({ length: 6 }, (_, value) => ({ value, isCompared: false })),
    })
    for (const options of [
      {},
      { rowsAsArray: true },
      { dateStrings: true },
      { nestTables: true },
      { nestTables: '_' },
      { supportBigNumbers: true, bigNumberStrings: true },
    ]) {
      const { rows } = await shop.run(plan, { options })
      expect(rows).toEqual((await shop.ask(sql, { options })).rows)
    }
  })

  test('is refused beyond maxRows partial rows', async () => {
    const error = await failureOf(shop.run(grouped('bi').plan, { permission: { maxRows: 5 } }))
    expect(error).toHaveProperty('code', 'SHERD_SCATTER_TOO_MANY_ROWS')
  })
})
