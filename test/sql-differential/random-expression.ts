import { makeChain } from './random-chain.ts'
import type { Random } from './random.ts'

/** The tables that random statements are about; each has the columns `a`, `b`, `c`, `d`, `s`, `t`, `f` and `x`. */
export const tableNames = ['t1', 't2', 't3'] as const

const columns = ['a', 'b', 'c', 'd', 's', 't', 'f', 'x', '`a`', 'b', 'c'] as const

/** Random expressions over those tables; what makes whole queries is told by the class that extends this one. */
export abstract class ExpressionMaker {
  protected readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  protected abstract query(depth: number): string

  protected maybe(times: number, make: () => string): string {
    return this.random.oneIn(times) ? make() : ''
  }

  /** One of the texts. Those that are made of others are given as functions, so that only one is made. */
  protected pick(...choices: readonly (string | (() => string))[]): string {
    const choice = this.random.pick(choices)
    return typeof choice === 'string' ? choice : choice()
  }

  protected list(most: number, make: () => string): string {
    return this.random.list(1, most, make).join(', ')
  }

  protected table(): string {
    return this.random.pick(tableNames)
  }

  protected column(): string {
    const table = this.maybe(4, () => this.pick(() => this.table(), '`t1`', 'q', 'UPDATE', 'As') + '.')
    return table + this.random.pick(columns)
  }

  protected value(): string {
    return this.pick(
      '?',
      '?',
      '1',
      "'a'",
      'NULL',
      'DEFAULT',
      '-1',
      "x'41'",
      '(1 + ?)',
      'NOW()',
      "CONCAT(?, 'b')",
    )
  }

  protected expression(depth = 1): string {
    switch (this.random.below(15)) {
      case 0:
        return makeChain(this.random, 0)
      case 1:
      case 2:
        return '?'
      case 3:
        return this.literal()
      case 4:
      case 5:
        return this.call(depth)
      case 6:
        return this.case(depth)
      case 7:
        return depth > 0 ? `(${this.query(depth - 1)})` : '1'
      case 8:
        return `(${this.expression(0)})`
      case 9:
        return this.window()
      default:
        return this.column()
    }
  }

  protected literal(): string {
    return this.pick(
      '1',
      '0',
      "'a'",
      'NULL',
      'TRUE',
      '1.5',
      '1e2',
      "DATE '2020-01-01'",
      "_utf8mb4'a'",
      "_utf8mb4 X'41' COLLATE utf8mb4_bin",
      "_latin1'a' 'b' COLLATE 'latin1_bin'",
      '_binary 0x41',
      "N'a'",
      "n'a' 'b'",
      "B'01'",
      '0b1',
      "TIME '10:00'",
      "{ts '2020-01-01 00:00:00'}",
      "'a' 'b'",
      '0x1F',
      '@v',
      '@@sql_mode',
      '@@session.autocommit',
    )
  }

  protected call(depth: number): string {
    const inner = () => this.expression(Math.max(0, depth - 1))
    return this.pick(
      () => `COALESCE(${this.list(3, inner)})`,
      () =>
        `CAST(${inner()} AS ${this.pick('CHAR', 'SIGNED', 'UNSIGNED', 'DECIMAL(10, 2)', 'CHAR(10) CHARACTER SET utf8mb4', 'DATE', 'BINARY')})`,
      () => `CONVERT(${inner()} USING utf8mb4)`,
      () => `CONVERT(${inner()}, SIGNED)`,
      () => `TRIM(${this.pick('', 'LEADING ? FROM ', 'BOTH FROM ')}${inner()})`,
      () => `SUBSTRING(${inner()} FROM 1 FOR 2)`,
      () => `SUBSTR(${inner()}, 1)`,
      () => `POSITION('a' IN ${this.column()})`,
      () => `EXTRACT(YEAR FROM ${inner()})`,
      () => `DATE_ADD(x, INTERVAL ${inner()} ${this.pick('DAY', 'MONTH', 'DAY_HOUR', 'MICROSECOND')})`,
      () => `GROUP_CONCAT(DISTINCT s ORDER BY a DESC SEPARATOR '-')`,
      () =>
        `${this.pick('COUNT', 'SUM', 'MIN', 'AVG', 'MAX')}(${this.maybe(4, () => 'DISTINCT ')}${inner()})`,
      'COUNT(*)',
      () => `JSON_OBJECT('k', ${inner()})`,
      () => `IF(${inner()}, 1, 2)`,
      'VALUES(a)',
      'CURRENT_TIMESTAMP',
      'UTC_DATE()',
      'NOW(3)',
      'LEFT(s, 1)',
      'REPLACE(s, ?, ?)',
      'MOD(a, 2)',
      'DATABASE()',
      'USER()',
      'TIMESTAMPDIFF(DAY, x, NOW())',
      'CHAR(65 USING utf8mb4)',
      () => `JSON_ARRAYAGG(a ORDER BY b DESC LIMIT 2)`,
      () => `GROUP_CONCAT(a, s ORDER BY 1 SEPARATOR ';' LIMIT 1)`,
      () => `JSON_VALUE(s, '$.a')`,
      () => `COUNT(DISTINCT a, ${inner()})`,
      () => `INTERVAL(${inner()}, 1, ${inner()})`,
      () => `INTERVAL ${this.pick('1', '?', '(SELECT a, b FROM t1)')} DAY + x`,
      () => `ADDDATE(x, INTERVAL '1:2' MINUTE_SECOND)`,
      () => `BINARY ${this.column()}`,
      () => `IFNULL(${inner()}, (${this.query(0)}))`,
      'CURRENT_USER',
      'SCHEMA()',
      'LOCALTIMESTAMP(3)',
      'DEFAULT(a)',
      'STD(a)',
      "FORMAT(f, 2, 'de_DE')",
      "GET_FORMAT(DATE, 'EUR')",
      'WEIGHT_STRING(s AS CHAR(3))',
      () => `DATE_ADD(x, INTERVAL (${this.query(0)}) DAY)`,
      () => `DATE_SUB(x, INTERVAL ${this.pick('(SELECT a, b FROM t1)', '(1) + ?', '(a)')} DAY)`,
    )
  }

  protected window(): string {
    const call = this.pick(
      'ROW_NUMBER()',
      'RANK()',
      'SUM(a)',
      'LAG(a, 1)',
      'FIRST_VALUE(s)',
      'NTILE(4)',
      'COUNT(*)',
      'NTH_VALUE(a, 2)',
      'LEAD(a, 1)',
      'AVG(DISTINCT a)',
      'PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY a)',
      'MEDIAN(a)',
    )
    const frame = this.maybe(2, () =>
      this.pick(
        ' ROWS UNBOUNDED PRECEDING',
        ' ROWS BETWEEN 1 PRECEDING AND CURRENT ROW',
        ' RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING',
        ' ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING',
        ' ROWS 2 PRECEDING EXCLUDE NO OTHERS',
        ' ROWS CURRENT ROW EXCLUDE TIES',
      ),
    )
    const partition = this.maybe(2, () => `PARTITION BY ${this.column()}`)
    return `${call} OVER ${this.pick(`(${partition} ORDER BY ${this.column()}${frame})`, '()', 'w', '(w)', '(w ORDER BY b)')}`
  }

  protected case(depth: number): string {
    const inner = () => this.expression(Math.max(0, depth - 1))
    const first = this.maybe(2, () => `${this.column()} `)
    return `CASE ${first}WHEN ${inner()} THEN ${inner()}${this.maybe(2, () => ` ELSE ${inner()}`)} END`
  }

  protected condition(depth: number): string {
    const not = this.maybe(4, () => 'NOT ')
    const one = () =>
      this.pick(
        () => `${this.column()} = ${this.expression(depth)}`,
        () => `${this.column()} ${not}IN (${this.list(3, () => this.expression(0))})`,
        () => `${this.column()} ${not}IN (${depth > 0 ? this.query(depth - 1) : '1'})`,
        () => `${not}EXISTS (${this.query(0)})`,
        () => `(a, b) ${not}IN ((1, ?), (?, 2))`,
        () => `(a, b) = (?, ?)`,
        () => `ROW(a, b) = ROW(1, 2)`,
        () => `(a, b) ${not}IN (SELECT a, b FROM t2)`,
        () => `(a, b) ${this.pick('<=>', '<>', '<')} (${this.value()}, ?)`,
        () => `((a, b), c) ${not}IN (((1, 2), 3), ((?, ?), ?))`,
        () => `(a, (SELECT 1)) = (SELECT 1, 2)`,
        () => `a ${not}BETWEEN ? AND ?`,
        () => `s ${not}LIKE ?${this.maybe(3, () => " ESCAPE '!'")}`,
        () => `s IS ${not}NULL`,
        () => `a ${this.pick('>', '<=', '<>')} ${this.pick('ANY', 'ALL', 'SOME')} (SELECT b FROM t2)`,
        () => `s = ? COLLATE utf8mb4_bin`,
        () =>
          `MATCH ${this.pick('(s)', 's', '(s, t)', '(t1.s)')} AGAINST (${this.pick("'a'", '?')}${this.pick('', ' IN BOOLEAN MODE', ' IN NATURAL LANGUAGE MODE', ' WITH QUERY EXPANSION', ' IN NATURAL LANGUAGE MODE WITH QUERY EXPANSION')})`,
        () => this.expression(depth),
        () => makeChain(this.random, 1),
      )
    return this.random.list(1, 3, one).join(this.pick(' AND ', ' OR ', ' && ', ' XOR '))
  }
}
