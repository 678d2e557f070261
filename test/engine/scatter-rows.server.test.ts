import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { orderedPlan, type Term } from '../merge/hand-made-plans.ts'
import { failureOf } from './open-shop.ts'
import { openScatterShop, type ScatterShop } from './scatter-shop.ts'

const columns: Readonly<Record<string, string>> = {
  i: 'INT',
  bu: 'BIGINT UNSIGNED',
  d: 'DECIMAL(30,4)',
  f: 'FLOAT',
  db: 'DOUBLE',
  fd: 'DOUBLE(10,2)',
  y: 'YEAR',
  bit: 'BIT(10)',
  da: 'DATE',
  dt: 'DATETIME(3)',
  ts: 'TIMESTAMP(6) NULL',
  ti: 'TIME(2)',
  general: 'VARCHAR(20) COLLATE utf8mb4_general_ci',
  unicode: 'VARCHAR(20) COLLATE utf8mb4_unicode_ci',
  uca: 'VARCHAR(20) COLLATE utf8mb4_uca1400_ai_ci',
  nopad: 'VARCHAR(20) COLLATE utf8mb4_uca1400_nopad_ai_ci',
  bin: 'VARCHAR(20) COLLATE utf8mb4_bin',
  swedish: 'VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci',
  levels: 'VARCHAR(20) COLLATE utf8mb4_uca1400_as_cs',
  bytes: 'VARBINARY(20)',
  en: "ENUM('small','big','a')",
  se: "SET('x','y')",
  j: 'JSON',
  tx: 'TEXT COLLATE utf8mb4_general_ci',
  u: 'UUID',
}
const words = [
  '',
  ' ',
  'a',
  'A',
  'á',
  'b',
  'a ',
  'a\t',
  'a\u0001',
  'ab',
  'aB ',
  'ß',
  'ss',
  'ö',
  'zz',
  'z',
  '10',
  '9',
  'ä',
  'å',
  'É',
  'e',
]
const hex = (text: string): string => `CONVERT(x'${Buffer.from(text).toString('hex')}' USING utf8mb4)`

/** Rows with NULLs, ties and extremes; shard 3 is empty. */
function valuesOf(id: number): readonly string[] {
  const pick = <T>(list: readonly T[], step: number): T => list[(id * step) % list.length]!
  const word = hex(pick(words, 7))
  const all = [
    pick(['-5', '0', '7', '2147483647', '-2147483648'], 3),
    pick(['0', '18446744073709551615', '9007199254740993', '9007199254740992', '5'], 2),
    pick(
      [
        '-0.5',
        '12345678901234567890123456.7891',
        '12345678901234567890123456.7890',
        '0',
        '-99999999999999.0001',
      ],
      3,
    ),
    pick(['1.1', '1.1000001', '-3e20', '16777217'], 1),
    pick(['0.1', '1e300', '-1e300', '2e-300', '0.30000000000000004', '0.3'], 5),
    pick(['1.25', '3.5'], 1),
    pick(['1999', '2024', '0'], 2),
    pick(["b'0'", "b'1'", "b'1111111111'"], 1),
    pick(["'2020-01-02'", "'1000-01-01'", "'9999-12-31'"], 1),
    pick(["'2020-01-02 03:04:05.678'", "'2020-01-02 03:04:05.679'", "'1000-01-01'"], 2),
    pick(["'2020-01-02 03:04:05.123456'", "'2020-01-02 03:04:05.123457'", "'1999-12-31 23:59:59'"], 1),
    pick(["'-838:59:59'", "'-00:00:01'", "'00:00:00.5'", "'838:59:59'", "'99:00:00'", "'100:00:00'"], 5),
    word,
    word,
    word,
    word,
    word,
    word,
    word,
    `x'${Buffer.from(pick(words, 5)).toString('hex')}'`,
    pick(["'small'", "'big'", "'a'"], 2),
    pick(["'x'", "'y'", "'x,y'"], 2),
    pick([`'{"a": ${id % 3}}'`, "'[1]'"], 1),
    word,
    `'${String(id % 7).repeat(8)}-0000-1000-8000-000000000000'`,
  ]
  return all.map((value, index) => ((id + index * 3) % 11 === 0 ? 'NULL' : value))
}

let shop: ScatterShop
beforeAll(async () => {
  const create = `things (id INT PRIMARY KEY, ${Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')})`
  const inserts = (shard: number, database: string): readonly string[] => {
    const ids = shard === 3 ? [] : Array.from({ length: shard === 1 ? 90 : 30 }, (_, n) => n * 4 + shard)
    return ids.map((id) => `INSERT INTO ${database}.things VALUES (${[id, ...valuesOf(id)].join(', ')})`)
  }
  shop = await openScatterShop(import.meta.filename, create, inserts)
})
afterAll(() => shop.close())

const plan = (sql: string, terms: readonly Term[]) => orderedPlan(shop.engine.planner, sql, terms)
const exact = Object.keys(columns).filter((name) => !['f', 'fd', 'levels', 'en', 'se', 'u'].includes(name))

describe('rows of several shards in order', () => {
  for (const direction of ['', ' DESC'])
    test(`are those of one database for every type${direction}`, async () => {
      const terms = (name: string): readonly Term[] => [
        { expression: name, isDescending: direction !== '' },
        { expression: 'id' },
      ]
      for (const name of exact) {
        const sql = `SELECT * FROM things ORDER BY ${name}${direction}, id`
        const expected = await shop.ask(sql)
        expect({ name, rows: (await shop.run(plan(sql, terms(name)))).rows }).toEqual({
          name,
          rows: expected.rows,
        })
        const prepared = await shop.run(plan(sql, terms(name)), { protocol: 'prepared' })
        const plain = await shop.ask(sql, { protocol: 'prepared' })
        expect({ name, rows: prepared.rows }).toEqual({ name, rows: plain.rows })
      }
    })

  test('have the fields of one database, and no hidden ones', async () => {
    const sql = 'SELECT t.*, t.i + 1 AS next FROM things t ORDER BY uca, id'
    const [one, all] = [
      await shop.ask(sql),
      await shop.run(plan(sql, [{ expression: 'uca' }, { expression: 'id' }])),
    ]
    const facts = (answer: typeof one) =>
      answer.fields.map(({ name, columnType, flags }) => [name, columnType, flags])
    expect(facts(all)).toEqual(facts(one))
    expect(Object.keys(all.rows[0] as object)).toEqual(Object.keys(one.rows[0] as object))
  })

  test('keep the options of the query, whose typeCast never sees a hidden column', async () => {
    const sql = 'SELECT id, bu, d, dt, general FROM things ORDER BY dt DESC, general, id'
    const terms = [{ expression: 'dt', isDescending: true }, { expression: 'general' }, { expression: 'id' }]
    const seen = new Set<string>()
    const typeCast = (field: { name: string }, next: () => unknown): unknown => {
      seen.add(field.name)
      return next()
    }
    for (const options of [
      { rowsAsArray: true },
      { nestTables: true },
      { nestTables: '_' },
      { dateStrings: true },
      { supportBigNumbers: true, bigNumberStrings: true },
      { typeCast },
      { typeCast: false },
    ])
      for (const protocol of ['text', 'prepared'] as const) {
        if (protocol === 'prepared' && 'typeCast' in options && options.typeCast === false) continue
        const expected = await shop.ask(sql, { options, protocol })
        const { rows } = await shop.run(plan(sql, terms), { options, protocol })
        expect({ options, protocol, rows }).toEqual({ options, protocol, rows: expected.rows })
      }
    expect([...seen]).toEqual(['id', 'bu', 'd', 'dt', 'general'])
  })

  test('are cut by LIMIT and OFFSET over all shards', async () => {
    for (const tail of ['LIMIT 7', 'LIMIT 10 OFFSET 95', 'LIMIT 0', 'LIMIT 5 OFFSET 1000']) {
      const sql = `SELECT id, unicode FROM things ORDER BY unicode, id DESC ${tail}`
      const { rows } = await shop.run(
        plan(sql, [{ expression: 'unicode' }, { expression: 'id', isDescending: true }]),
      )
      expect({ tail, rows }).toEqual({ tail, rows: (await shop.ask(sql)).rows })
    }
  })

  test('by FLOAT, fixed DOUBLE, ENUM, SET, UUID or a collation of levels are refused', async () => {
    for (const name of ['f', 'fd', 'en', 'se', 'u', 'levels']) {
      const error = await failureOf(
        shop.run(plan(`SELECT id FROM things ORDER BY ${name}`, [{ expression: name }])),
      )
      expect({ name, code: error['code'] }).toEqual({ name, code: 'SHERD_SCATTER_VALUE' })
    }
    for (const expression of [
      'f + 0e0',
      'fd + 0e0',
      'en + 0',
      'CAST(en AS CHAR)',
      'UNIX_TIMESTAMP(ts)',
      'levels COLLATE utf8mb4_bin',
    ]) {
      const sql = `SELECT id FROM things ORDER BY ${expression}, id`
      const { rows } = await shop.run(plan(sql, [{ expression }, { expression: 'id' }]))
      expect({ expression, rows }).toEqual({ expression, rows: (await shop.ask(sql)).rows })
    }
  })

  test('beyond maxRows are refused', async () => {
    const error = await failureOf(
      shop.run(plan('SELECT id FROM things', []), { permission: { maxRows: 100 } }),
    )
    expect(error).toHaveProperty('code', 'SHERD_SCATTER_TOO_MANY_ROWS')
    expect(
      (await shop.run(plan('SELECT id FROM things', []), { permission: { maxRows: 150 } })).rows,
    ).toHaveLength(150)
  })
})
