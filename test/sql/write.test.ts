import { describe, expect, test } from 'vitest'
import { parseAs, refusalOf, sqlite, tablesOf, textOf } from './parse.ts'

describe('INSERT', () => {
  test('rows, columns, row alias and upsert have their places', () => {
    const sql =
      'insert ignore into `db`.t (a, `b`) values (?, default), (1, (select max(x) from u)) as n(p, q) on duplicate key update b = values(b) + n.p returning id'
    const insert = parseAs('insert', sql)
    expect(insert).toMatchObject({
      verb: 'insert',
      isIgnore: true,
      options: [],
      rowAlias: { name: { name: 'n' } },
    })
    expect(textOf(sql, insert.table)).toBe('`db`.t')
    expect(insert.columns?.map(({ column }) => column.name)).toEqual(['a', 'b'])
    const rows = insert.source.kind === 'rows' ? insert.source.rows : []
    expect(rows.map((row) => textOf(sql, row))).toEqual(['(?, default)', '(1, (select max(x) from u))'])
    expect(rows.at(0)?.values.map(({ kind }) => kind)).toEqual(['marker', 'default'])
    expect(textOf(sql, insert.onConflict)).toBe('on duplicate key update b = values(b) + n.p')
    expect(insert.returning.map((item) => textOf(sql, item))).toEqual(['id'])
    expect(insert.tables.map((table) => textOf(sql, table))).toEqual(['`db`.t', 'u'])
    expect(insert.calls).toEqual(['max', 'values'])
  })

  test.each([
    ['insert into t () values ()', 'rows'],
    ['insert t value (1), ()', 'rows'],
    ['insert delayed into t partition (p1) (a) values (1)', 'rows'],
    ['insert into t values row(1, 2)', 'rows'],
    ['insert into t set a = 1, t.b = default', 'set'],
    ['insert into t (a) select b from u join v on u.a = v.a on duplicate key update a = 1', 'query'],
    ['insert into t select * from u on duplicate key update a = 1', 'query'],
    ['insert into t (select 1)', 'query'],
    ['insert into t (a) (select 1) union (select 2)', 'query'],
    ['insert into t (a) with x as (select 1) select * from x', 'query'],
    ['replace into t (a) values (1)', 'rows'],
  ])('%s has a source of kind %s', (sql, kind) => {
    expect(parseAs('insert', sql).source.kind).toBe(kind)
  })

  test('an insert without a list of columns says so', () => {
    expect(parseAs('insert', 'insert into t values (1)').columns).toBeUndefined()
    expect(parseAs('insert', 'insert into t () values ()').columns).toEqual([])
  })

  test('the target is a table even when WITH has the same name', () => {
    expect(tablesOf('with t as (select 1) insert into t select * from t', sqlite)).toEqual(['t'])
  })

  test('SQLite: conflict clauses, defaults, OR', () => {
    const upsert = parseAs(
      'insert',
      'insert into "t" (a) values (?) on conflict (a, lower(b)) where c = 1 do update set a = excluded.a where t.b = 2 returning *',
      sqlite,
    )
    expect(upsert.onConflict?.assignments).toHaveLength(1)
    expect(upsert.onConflict?.where?.kind).toBe('binary')
    expect(
      parseAs('insert', 'insert into t (a) values (1) on conflict do nothing', sqlite).onConflict
        ?.assignments,
    ).toEqual([])
    expect(parseAs('insert', 'insert or replace into t values (1)', sqlite).options).toEqual(['or replace'])
    expect(parseAs('insert', 'insert or ignore into t values (1)', sqlite).isIgnore).toBe(true)
    expect(parseAs('insert', 'insert into t default values', sqlite).source.kind).toBe('defaults')
    expect(
      parseAs('insert', 'insert into t select * from u where true on conflict (a) do nothing', sqlite)
        .onConflict,
    ).toBeDefined()
  })

  test.each([
    'insert into t (a) values (1',
    'insert into t (a values (1)',
    'insert into t (.t.a) values (1)',
    'insert into t default values',
    'insert into t (a) values (1) on conflict do nothing',
    'insert into t values (1) on duplicate key update a',
    'insert into t values (1),',
  ])('%s is refused', (sql) => {
    expect(refusalOf(sql)).toBe('SHERD_SQL_SYNTAX')
  })
})

describe('UPDATE', () => {
  test('every clause has its place', () => {
    const sql =
      'update low_priority ignore t as x set a = a + ?, x.b = default where c = 1 order by d limit 5'
    const update = parseAs('update', sql)
    expect(update.isIgnore).toBe(true)
    expect(textOf(sql, update.target)).toBe('t as x')
    expect(update.assignments.map((item) => textOf(sql, item))).toEqual(['a = a + ?', 'x.b = default'])
    expect(textOf(sql, update.where)).toBe('c = 1')
    expect(textOf(sql, update.limit)).toBe('limit 5')
    expect(update.tables.map((table) => textOf(sql, table))).toEqual(['t'])
  })

  test('several tables make a join', () => {
    expect(parseAs('update', 'update a, b set a.x = b.x where a.i = b.i').target.kind).toBe('join')
    expect(tablesOf('with c as (select 1 from z) update a join c on 1 set a.x = 1')).toEqual(['z', 'a'])
  })

  test('SQLite has UPDATE … FROM', () => {
    const update = parseAs(
      'update',
      'update or ignore t set a = 1 from u where t.i = u.i returning a',
      sqlite,
    )
    expect(update.from?.kind).toBe('table')
    expect(update.isIgnore).toBe(true)
    expect(refusalOf('update or replace t set a = 1', sqlite)).toBe('SHERD_SQL_SYNTAX')
  })
})

describe('DELETE', () => {
  test.each([
    ['delete from t where a = 1 order by b limit 1 returning a', [], 'table'],
    ['delete low_priority quick ignore from t as x where x.a = 1', [], 'table'],
    ['delete a, b.* from t a join u b on a.i = b.i where a.x = 1', ['a', 'b'], 'join'],
    ['delete from a, d.b.* using a join d.b on 1', ['a', 'd.b'], 'join'],
    ['delete x from t as x where x.a in (select 1 from u)', ['x'], 'table'],
  ])('%s deletes from %j', (sql, targets, kind) => {
    const statement = parseAs('delete', sql)
    expect(statement.targets.map((target) => textOf(sql, target))).toEqual(targets)
    expect(statement.from.kind).toBe(kind)
  })

  test('targets are not counted as tables: they are names of the FROM', () => {
    expect(tablesOf('delete x from t as x join u on 1')).toEqual(['t', 'u'])
  })

  test('a list of tables without USING is refused', () => {
    expect(refusalOf('delete from a, b where 1')).toBe('SHERD_SQL_SYNTAX')
    expect(refusalOf('delete from a join b on 1')).toBe('SHERD_SQL_SYNTAX')
    expect(refusalOf('with t as (select 1) delete from t')).toBe('SHERD_SQL_SYNTAX')
  })
})
