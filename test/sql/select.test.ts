import { describe, expect, test } from 'vitest'
import type { TableExpression } from '../../src/sql/ast.ts'
import { mysql, parseAs, parseSelect, refusalOf, sqlite, tablesOf, textOf } from './parse.ts'
import { conjunctTexts } from './print-expression.ts'

/** Joins as text, with their parentheses. */
function printTables(sql: string, table: TableExpression | undefined): string {
  if (table?.kind !== 'join') return textOf(sql, table) ?? ''
  const on = table.on ? ` on ${textOf(sql, table.on)}` : ''
  const using = table.using.length > 0 ? ` using (${table.using.map(({ name }) => name).join(', ')})` : ''
  const type = `${table.isNatural ? 'natural ' : ''}${table.type}`
  return `(${printTables(sql, table.left)} ${type} ${printTables(sql, table.right)}${on}${using})`
}

function joinsOf(from: string, modes = mysql): string {
  const sql = `select 1 from ${from}`
  return printTables(sql, parseSelect(sql, modes).from)
}

describe('SELECT', () => {
  test('every clause has its place in the text', () => {
    const sql =
      'select sql_calc_found_rows distinct a as x, t.*, count(*) n from `my db`.t as y partition (p0) force index (i) where a = ? and b in (1, ?) group by a desc, b with rollup having n > 1 window w as (order by a) order by a desc, b limit 5, ? for update of y nowait'.replace(
        'as y partition (p0)',
        'partition (p0) as y',
      )
    const query = parseSelect(sql)
    expect(textOf(sql, query)).toBe(sql)
    expect(query.isDistinct).toBe(true)
    expect(query.options).toEqual(['sql_calc_found_rows'])
    expect(query.items.map((item) => textOf(sql, item))).toEqual(['a as x', 't.*', 'count(*) n'])
    expect(query.items.map((item) => item.alias?.name)).toEqual(['x', undefined, 'n'])
    expect(textOf(sql, query.from)).toBe('`my db`.t partition (p0) as y force index (i)')
    expect(query.from).toMatchObject({
      kind: 'table',
      alias: { name: 'y' },
      name: { database: { name: 'my db' } },
    })
    expect(query.where && conjunctTexts(sql, query.where)).toEqual(['a = ?', 'b in (1, ?)'])
    expect(query.groupBy.map((item) => textOf(sql, item))).toEqual(['a desc', 'b'])
    expect(query.hasRollup).toBe(true)
    expect(textOf(sql, query.having)).toBe('n > 1')
    expect(query.windows.map((window) => textOf(sql, window))).toEqual(['(order by a)'])
    expect(query.orderBy.map((item) => [textOf(sql, item), item.isDescending])).toEqual([
      ['a desc', true],
      ['b', false],
    ])
    expect(textOf(sql, query.limit)).toBe('limit 5, ?')
    expect(textOf(sql, query.limit?.offset)).toBe('5')
    expect(textOf(sql, query.limit?.count)).toBe('?')
    expect(textOf(sql, query.locking[0])).toBe('for update of y nowait')
  })

  test('the list of IN has the place of its parentheses', () => {
    const sql = 'select 1 from t where a in ( 1, ? )'
    const { where } = parseSelect(sql)
    expect(where?.kind === 'in' && textOf(sql, where.list)).toBe('( 1, ? )')
  })

  test('parentheses around an operand belong to the operator and not to the operand', () => {
    const sql = 'select 1 from t where (a) = (5)'
    const { where } = parseSelect(sql)
    expect(textOf(sql, where)).toBe('(a) = (5)')
    expect(where?.kind === 'binary' && textOf(sql, where.right)).toBe('5')
  })

  test.each([
    ['limit 3', undefined, '3'],
    ['limit 2, 3', '2', '3'],
    ['limit 3 offset 2', '2', '3'],
    ['offset 2 rows fetch next 3 rows only', '2', '3'],
    ['fetch first 3 rows only', undefined, '3'],
  ])('%s gives offset %s and count %s', (clause, offset, count) => {
    const sql = `select 1 from t ${clause}`
    const { limit } = parseSelect(sql)
    expect([textOf(sql, limit?.offset), textOf(sql, limit?.count)]).toEqual([offset, count])
  })

  test.each([
    ['lock in share mode', 'share'],
    ['for share skip locked', 'share'],
    ['for update wait 5', 'update'],
    ['for update', 'update'],
  ])('%s locks for %s', (clause, strength) => {
    expect(parseSelect(`select 1 from t ${clause}`).locking).toMatchObject([{ strength }])
  })

  test('INTO is found before FROM and behind it', () => {
    expect(parseSelect('select a into @x from t').into).toMatchObject({ target: 'variables' })
    expect(parseSelect('select a from t limit 1 into @x, @y').into).toMatchObject({ target: 'variables' })
    expect(parseSelect("select a from t into outfile '/x' fields terminated by ','").into).toMatchObject({
      target: 'file',
    })
  })

  test('NULLS FIRST of SQLite is kept, because merging depends on it', () => {
    expect(parseSelect('select 1 from t order by a nulls last', sqlite).orderBy[0]?.nulls).toBe('last')
  })

  test('names of functions and variables are collected once, in lower case', () => {
    const sql =
      "select now(), NOW(), cast(@A as char), db.f(1), @@session.sql_mode from t where current_date = trim(leading 'x' from b)"
    const { calls, variables } = parseAs('select', sql)
    expect(calls).toEqual(['now', 'cast', 'f', 'current_date', 'trim'])
    expect(variables.map(({ name, scope }) => [name, scope])).toEqual([
      ['a', undefined],
      ['sql_mode', 'session'],
    ])
  })

  test.each([
    "select case a when 1 then 'x' else ? end from t",
    'select row_number() over (partition by a order by b rows between unbounded preceding and current row) from t',
    'select sum(a) over w, rank() over (w rows 5 preceding) from t window w as (partition by b)',
    "select group_concat(distinct a, b order by c desc separator ';') from t",
    'select count(distinct a, b), extract(year_month from c), position(a in b), convert(a using utf8mb4) from t',
    "select _utf8mb4'x', N'y', x'ff', b'01', 0xff, date '2020-01-01', {d '2020-01-01'}, 'a' 'b' from t",
    'select * from t where match (a, b) against (? in boolean mode)',
    'select * from t where (a, b) = (1, 2) and (a, b) in ((1, 2), (3, 4))',
    'select * from t where a = any (select 1 from u) and exists (select 2) and b >= all (select 3)',
    "select json_value(a, '$.x' returning signed null on empty) from t",
    "select * from t, json_table(t.doc, '$[*]' columns (a int path '$.a', nested path '$.b' columns (c int path '$'))) as j",
    'select * from t left join lateral (select 1 from u where u.a = t.a limit 1) as l on true',
    "select timestampdiff(day, a, b), date_add(a, interval '1:1' day_hour), get_format(date, 'usa') from t",
    'select left(a, 1), `right`, if(a, b, c), mod(a, 2), values(a), t.select, t.`from` from t',
    'select a offset, b end from t',
    'table t order by a limit 1',
    'values row(1, 2), row(3, 4) order by 1',
    'select 1 from dual',
  ])('%s is read', (sql) => {
    expect(refusalOf(sql)).toBe(sql.includes('a offset') ? 'SHERD_SQL_SYNTAX' : 'accepted')
  })

  test.each([
    'select',
    'select 1 from',
    'select a from t where',
    'select a, from t',
    'select 1 from t limit a',
    'select 1 from t limit 1 limit 2',
    'select key from t',
    'select 1 from t for system_time as of now()',
    'select 1 from t fetch first rows only',
    'select 1 from t fetch first 1 rows with ties',
    '(select 1 from t limit 5) order by a',
    'select 1 from a left join b',
    'select 1 from a full outer join b on 1',
    'select 1 from t where a in (select 1',
    'select 1 from t where a = 1)',
    'select 1a from t',
    'select 1 union',
    'select * from t where a = ?1',
  ])('%s is refused', (sql) => {
    expect(refusalOf(sql)).toBe('SHERD_SQL_SYNTAX')
  })
})

describe('joins', () => {
  test.each([
    ['a, b join c on 1', '(a cross (b inner c on 1))'],
    ['a join b on 1 left join c using (x, y)', '((a inner b on 1) left c using (x, y))'],
    ['a left join b join c on 1 on 2', '(a left (b inner c on 1) on 2)'],
    ['a join b join c on 1 on 2', '(a inner (b inner c on 1) on 2)'],
    ['a join b join c on 1', '((a inner b) inner c on 1)'],
    ['a join b right join c on 1', '((a inner b) right c on 1)'],
    ['a join b left join c on 1 left join d on 2', '(((a inner b) left c on 1) left d on 2)'],
    ['a join (b, c) using (x)', '(a inner (b cross c) using (x))'],
    ['a natural left join b', '(a natural left b)'],
    ['a cross join b straight_join c on 1', '((a cross b) straight c on 1)'],
    ['{oj a left outer join b on 1}', '(a left b on 1)'],
    ['((a join b on 1))', '(a inner b on 1)'],
    ['(select 1) x join b on 1', '((select 1) x inner b on 1)'],
  ])('%s', (from, expected) => {
    expect(joinsOf(from)).toBe(expected)
  })

  test('SQLite joins from left to right and needs no ON', () => {
    expect(joinsOf('a left join b full join c on 1', sqlite)).toBe('((a left b) full c on 1)')
    expect(refusalOf('select 1 from a join b join c on 1 on 2', sqlite)).toBe('SHERD_SQL_SYNTAX')
  })
})

describe('queries of several', () => {
  test('INTERSECT binds tighter than UNION', () => {
    const sql = 'select 1 union select 2 intersect select 3 except all select 4 order by 1 limit 2'
    const { query } = parseAs('select', sql)
    expect(query).toMatchObject({
      kind: 'setOperation',
      operator: 'except',
      isAll: true,
      left: { operator: 'union', right: { operator: 'intersect' } },
      orderBy: [{}],
    })
    expect(textOf(sql, query)).toBe(sql)
  })

  test('SQLite goes from left to right', () => {
    const { query } = parseAs('select', 'select 1 union select 2 intersect select 3', sqlite)
    expect(query).toMatchObject({ operator: 'intersect', left: { operator: 'union' } })
  })

  test('ORDER BY inside the parentheses stays there', () => {
    const sql = '(select a from t order by a limit 1) union all (select b from u) limit 3'
    const { query } = parseAs('select', sql)
    expect(textOf(sql, query.limit)).toBe('limit 3')
    expect(query.kind === 'setOperation' && textOf(sql, query.left.limit)).toBe('limit 1')
  })

  test('what opens with a parenthesis is told apart by what stands behind it', () => {
    expect(parseSelect('select ((select 1) + 1)').items[0]?.expression.kind).toBe('binary')
    expect(parseSelect('select ((select 1))').items[0]?.expression.kind).toBe('subquery')
    expect(parseSelect('select ((select 1) union (select 2))').items[0]?.expression.kind).toBe('subquery')
    expect(parseSelect('select 1 from ((select 1) union (select 2)) as t').from?.kind).toBe('derived')
    expect(parseSelect('select 1 from ((select 1) as t)').from?.kind).toBe('derived')
    expect(parseSelect('select 1 from (values (1), (2)) as t').from?.kind).toBe('derived')
  })
})

describe('tables of a statement', () => {
  test.each([
    [
      'select * from a, db.b where x in (select y from `c`) order by (select z from d)',
      ['a', 'db.b', '`c`', 'd'],
    ],
    ['select cast((select 1 from a) as char), trim(both (select 1 from b) from c)', ['a', 'b']],
    ['with x as (select 1 from a) select * from x join b', ['a', 'b']],
    ['with a as (select 1 from a) select * from a', ['a']],
    ['with recursive x as (select 1 from a union all select 1 from x) select * from x', ['a']],
    ['with x as (select 1 from a), y as (select 1 from x) select * from y, x', ['a']],
    ['with x as (select 1 from a) select * from db.x', ['a', 'db.x']],
    ['select * from (with x as (select 1 from a) select * from x) t, x', ['a', 'x']],
    ['select 1 for update', []],
  ])('%s', (sql, tables) => {
    expect(tablesOf(sql)).toEqual(tables)
  })

  test('a name that servers read differently is refused', () => {
    expect(refusalOf('with x as (select 1) select * from X')).toBe('SHERD_SQL_SYNTAX')
    expect(refusalOf('with x as (select 1 from y), y as (select 1) select * from x')).toBe('SHERD_SQL_SYNTAX')
  })

  test('a WITH of SQLite is recursive without the word', () => {
    expect(tablesOf('with x as (select 1 union all select 1 from x) select * from x', sqlite)).toEqual([])
  })

  test('a reference to a common table is marked', () => {
    expect(parseSelect('with x as (select 1) select * from x').from).toMatchObject({ isCommonTable: true })
  })
})
