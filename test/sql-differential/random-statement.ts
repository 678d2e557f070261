import { ExpressionMaker } from './random-expression.ts'
import type { Random } from './random.ts'

/** What creates such a table. */
export function createTable(name: string): string {
  return `CREATE TABLE ${name} (a INT PRIMARY KEY, b INT, c INT, d INT, s VARCHAR(20), t VARCHAR(20), f DECIMAL(10, 2), x DATE, KEY s_key (s))`
}

/** Random statements that are near to right: names fit, clauses stand where they may, now and then one too many. */
export class StatementMaker extends ExpressionMaker {
  #aliases = 1

  make(): string {
    return this.#statement() + this.maybe(40, () => this.#comment())
  }

  #statement(): string {
    switch (this.random.below(9)) {
      case 0:
        return this.#insert()
      case 1:
        return this.#update()
      case 2:
        return this.#delete()
      default:
        return this.#with() + this.query(2)
    }
  }

  #comment(): string {
    return this.pick(' /* ? */', ' -- ?', ' # ?', '/**/', ' /* sherd: key=1 */')
  }

  #alias(): string {
    return this.maybe(3, () =>
      this.pick(' AS n', ' n', ' AS `n m`', " AS 'n'", ' value', ' AS name', ' AS end_'),
    )
  }

  /** Every entry but the first has an alias of its own, because the server refuses two of one name while it parses. */
  #tableEntry(depth: number, isFirst: boolean): string {
    const alias = `j${this.#aliases++}`
    if (depth > 0 && this.random.oneIn(5))
      return `(${this.maybe(8, () => this.#with())}${this.query(depth - 1)})${this.pick(' ', ' AS ')}${alias}`
    if (depth > 0 && this.random.oneIn(12)) return `(${this.#from(depth - 1)})`
    if (depth > 0 && this.random.oneIn(30)) return `{OJ ${this.#from(depth - 1)}}`
    if (this.random.oneIn(25)) return `${this.#jsonTable()}${this.pick(' ', ' AS ')}${alias}`
    if (this.random.oneIn(40)) return `(VALUES (1, ?), (2, 3)) ${alias}`
    const name = isFirst && !this.random.oneIn(3) ? '' : this.pick(' ', ' AS ') + alias
    const table = this.random.oneIn(10) ? this.pick('q', 'cte', '`t1`', 'key.t1') : this.table()
    return table + name + this.maybe(8, () => this.#indexHint())
  }

  #indexHint(): string {
    return this.pick(
      ' USE INDEX (s_key)',
      ' FORCE INDEX FOR JOIN (PRIMARY)',
      ' IGNORE KEY (s_key)',
      ' USE INDEX ()',
      ' USE KEY FOR ORDER BY (s_key, PRIMARY)',
      ' FORCE INDEX FOR GROUP BY (`s_key`)',
      ' IGNORE INDEX (s_key) IGNORE INDEX FOR JOIN (PRIMARY)',
    )
  }

  #jsonTable(): string {
    const columnsOfIt = this.list(2, () =>
      this.pick(
        'n FOR ORDINALITY',
        "a INT PATH '$.a'",
        "b VARCHAR(10) CHARACTER SET utf8mb4 PATH '$.b' DEFAULT '1' ON EMPTY NULL ON ERROR",
        "c INT EXISTS PATH '$.c'",
        "NESTED PATH '$.d[*]' COLUMNS (d INT PATH '$')",
      ),
    )
    return `JSON_TABLE(${this.pick("'[1]'", '?', 't1.s', "CONCAT('[', a, ']')")}, '$[*]' COLUMNS (${columnsOfIt}))`
  }

  #from(depth: number): string {
    let text = this.#tableEntry(depth, true)
    for (let left = this.random.below(3); left > 0; left--) {
      const on = ` ON ${this.condition(0)}`
      const join = this.pick(
        ' JOIN ',
        ' INNER JOIN ',
        ' LEFT JOIN ',
        ' RIGHT OUTER JOIN ',
        ' CROSS JOIN ',
        ' STRAIGHT_JOIN ',
        ', ',
        ' NATURAL JOIN ',
        ' NATURAL LEFT JOIN ',
      )
      const isBare = join === ', ' || join.includes('NATURAL')
      text +=
        join +
        this.#tableEntry(depth, false) +
        (isBare ? '' : this.pick(on, on, on, ' USING (a)', ' USING (a, b)', ''))
    }
    return text
  }

  #select(depth: number): string {
    const options = this.maybe(5, () =>
      this.pick(
        '/*+ MAX_EXECUTION_TIME(1) */ ',
        'SQL_BIG_RESULT SQL_BUFFER_RESULT ',
        'SQL_SMALL_RESULT DISTINCT ',
        'DISTINCT ',
        'ALL ',
        'SQL_NO_CACHE ',
        'STRAIGHT_JOIN ',
        'SQL_CALC_FOUND_ROWS ',
        'DISTINCTROW ',
        'HIGH_PRIORITY ',
      ),
    )
    const items = this.pick('*', 't1.*', () => this.list(3, () => this.expression(depth) + this.#alias()))
    const where = this.maybe(2, () => ` WHERE ${this.condition(depth)}`)
    const group = this.maybe(
      6,
      () =>
        ` GROUP BY ${this.list(2, () => this.column())}${this.maybe(4, () => this.pick(' WITH ROLLUP', ' DESC', ' ASC'))}`,
    )
    const having = this.maybe(8, () => ` HAVING ${this.condition(0)}`)
    const window = this.maybe(8, () =>
      this.pick(
        ' WINDOW w AS (PARTITION BY b ORDER BY a)',
        ' WINDOW w AS (PARTITION BY b), v AS (w ORDER BY a)',
      ),
    )
    const from = this.random.oneIn(10) ? '' : ` FROM ${this.#from(depth)}`
    return `SELECT ${options}${items}${from}${where}${group}${having}${window}${this.#tail()}${this.maybe(12, () => this.#locking())}`
  }

  #tail(): string {
    const order = this.maybe(
      4,
      () =>
        ` ORDER BY ${this.list(2, () => this.pick('1', () => this.column(), 's COLLATE utf8mb4_bin', 'a + 1', 'RAND()') + this.pick('', ' DESC', ' ASC'))}`,
    )
    const limit = this.maybe(5, () =>
      this.pick(
        ' LIMIT 1',
        ' LIMIT ?',
        ' LIMIT ?, ?',
        ' LIMIT 1 OFFSET 2',
        ' LIMIT ? OFFSET ?',
        ' OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY',
        ' FETCH FIRST ROW ONLY',
        ' FETCH FIRST 2 ROWS ONLY',
        ' OFFSET ? ROW FETCH NEXT ? ROW ONLY',
        ' OFFSET 1 ROW',
        ' FETCH FIRST 1 ROWS WITH TIES',
        ' LIMIT 1 ROWS EXAMINED 10',
      ),
    )
    return order + limit
  }

  #locking(): string {
    return this.pick(
      ' FOR UPDATE',
      ' LOCK IN SHARE MODE',
      ' FOR UPDATE NOWAIT',
      ' FOR UPDATE SKIP LOCKED',
      ' FOR UPDATE WAIT 1',
      ' LOCK IN SHARE MODE NOWAIT',
      ' LOCK IN SHARE MODE SKIP LOCKED',
      ' LOCK IN SHARE MODE WAIT 2',
      ' INTO @v',
      ' INTO @v, @`w x`',
      ' PROCEDURE ANALYSE()',
    )
  }

  protected override query(depth: number): string {
    if (this.random.oneIn(40)) return `${this.#values()}${this.#tail()}`
    const first = this.random.oneIn(8) ? `(${this.#select(depth)})` : this.#select(depth)
    if (depth === 0 || !this.random.oneIn(6)) return first + this.maybe(20, () => this.#tail())
    const parts = this.random.list(1, 3, () => {
      const operator = this.pick(
        'UNION',
        'UNION ALL',
        'UNION DISTINCT',
        'EXCEPT',
        'INTERSECT',
        'INTERSECT ALL',
        'EXCEPT ALL',
      )
      return ` ${operator} ${this.pick(
        () => this.#select(0),
        () => `(${this.#select(0)})`,
        () => `(${this.query(depth - 1)})`,
        () => this.#values(),
      )}`
    })
    return first + parts.join('') + this.#tail()
  }

  #values(): string {
    return `VALUES ${this.list(2, () => `(1, ${this.pick('?', '2', "'a'")})`)}`
  }

  #with(): string {
    if (!this.random.oneIn(8)) return ''
    const list = this.list(2, () => {
      const names = this.maybe(2, () => ' (a, b)')
      return `${this.pick('t1', 'q', 'cte')}${names} AS (${this.maybe(5, () => this.#with())}${this.query(1)})`
    })
    const recursion =
      'q (n) AS (SELECT 1 UNION ALL SELECT n + ? FROM q WHERE n < 5)' + this.pick('', ' CYCLE n RESTRICT')
    return this.pick(
      `WITH ${list} `,
      `WITH ${list} `,
      `WITH RECURSIVE ${list} `,
      `WITH RECURSIVE ${recursion} `,
      `WITH RECURSIVE ${recursion}, cte AS (SELECT * FROM q) `,
    )
  }

  #insert(): string {
    const verb = this.pick(
      'INSERT INTO',
      'INSERT',
      'INSERT IGNORE INTO',
      'REPLACE INTO',
      'REPLACE',
      'INSERT LOW_PRIORITY INTO',
      'INSERT HIGH_PRIORITY IGNORE INTO',
      'INSERT DELAYED INTO',
      'REPLACE LOW_PRIORITY',
    )
    const names = this.pick('(a, b)', ' (a, b)', '(`a`, `b`)', '', '()', ' (t1.a, t1.b)')
    const row = () => `(${this.value()}, ${this.value()})`
    const source = this.pick(
      () => `${names} VALUES ${this.list(3, row)}`,
      () => `${names} VALUE ${row()}`,
      () => `${names} VALUES ()`,
      () => ` SET a = ${this.value()}, b = ${this.value()}`,
      () => `${names} ${this.query(1)}`,
      () => `${names} (${this.#select(1)})`,
      () => `${names} WITH q AS (SELECT 1, 2) SELECT * FROM q`,
      () => `${names} VALUES (IGNORE, ?)`,
      () => `${names} (VALUES (1, 2), (3, ?))`,
      () => `${names} (SELECT 1, 2) UNION (SELECT 3, 4)`,
    )
    const update = this.maybe(
      3,
      () =>
        ` ON DUPLICATE KEY UPDATE ${this.list(2, () => `b = ${this.pick('VALUES(b)', 'VALUE(b)', 'b + 1', '?', () => this.expression(0))}`)}`,
    )
    return `${verb} ${this.table()}${source}${update}${this.#returning()}`
  }

  #returning(): string {
    return this.maybe(6, () => ` RETURNING ${this.pick('*', 'a', 'a AS n, b + 1', 'COUNT(*)')}`)
  }

  #update(): string {
    const options = this.maybe(6, () => this.pick('IGNORE ', 'LOW_PRIORITY ', 'LOW_PRIORITY IGNORE '))
    const target = this.pick(
      () => this.table(),
      () => `${this.table()} AS j`,
      () => this.#from(1),
      () => `${this.table()} PARTITION (p0)`,
    )
    const set = this.list(
      2,
      () => `${this.column()} = ${this.pick('DEFAULT', '?', () => this.expression(1))}`,
    )
    return `${this.maybe(20, () => this.#with())}UPDATE ${options}${target} SET ${set}${this.maybe(2, () => ` WHERE ${this.condition(1)}`)}${this.#tail()}`
  }

  #delete(): string {
    const options = this.maybe(6, () => this.pick('IGNORE ', 'QUICK ', 'LOW_PRIORITY '))
    const where = this.maybe(2, () => ` WHERE ${this.condition(1)}`)
    return this.pick(
      () => `DELETE ${options}FROM ${this.table()}${where}${this.#tail()}${this.#returning()}`,
      () => `DELETE ${options}FROM ${this.table()} AS j${where}`,
      () => `DELETE ${options}t1, t2 FROM ${this.#from(1)}${where}`,
      () => `DELETE ${options}t1.* FROM ${this.#from(1)}${where}`,
      () => `DELETE ${options}FROM t1, t2 USING ${this.#from(1)}${where}`,
      () => `DELETE ${options}FROM t1.*, j1 USING t1, ${this.#from(1)}${where}`,
      () => `DELETE ${options}j FROM t2 AS j JOIN ${this.table()} USING (a)${where}`,
      () => `DELETE ${options}FROM ${this.table()} PARTITION (p0, p1)${where}`,
    )
  }
}

/** A word or sign of a text. Strings and quoted names are kept whole. */
const pieces = /'[^']*'|`[^`]*`|"[^"]*"|\w+|\s+|<=>|<=|>=|<>|!=|:=|&&|\|\||<<|>>|./gsu

/** The same text with one word or sign left out, doubled, swapped with another or taken from elsewhere. */
export function damage(random: Random, sql: string, other: string): string {
  const list = sql.match(pieces) ?? [sql]
  const at = random.below(list.length)
  const piece = list[at] ?? ''
  switch (random.below(4)) {
    case 0:
      return list.toSpliced(at, 1).join('')
    case 1:
      return list.toSpliced(at, 0, piece, ' ').join('')
    case 2:
      return list.with(at, random.pick(list)).join('')
    default:
      return list.toSpliced(at, 0, ' ', random.pick(other.match(pieces) ?? ['']), ' ').join('')
  }
}
