import { expect, test } from 'vitest'
import { mysql, parseAs, refusalOf, sqlite, textOf } from './parse.ts'

test.each([
  [
    'create table t (a int references u(a), foreign key (b) references `d`.`v` (b), check (a > 0)) engine=innodb;',
    'create table',
    ['t', 'u', '`d`.`v`'],
  ],
  ['create temporary table if not exists t (a int)', 'create temporary table', ['t']],
  ['create or replace table t like u', 'create table', ['t', 'u']],
  ['create table t (like u)', 'create table', ['t', 'u']],
  ['create table t as select * from u where a in (select 1 from v)', 'create table', ['t', 'u', 'v']],
  ['create table t (a int) engine=innodb select * from u', 'create table', ['t', 'u']],
  ['create table t (select 1 from u)', 'create table', ['t', 'u']],
  [
    'create table t (a int) partition by range (a) (partition p0 values less than (10))',
    'create table',
    ['t'],
  ],
  [
    'alter table t add column a int, add constraint f foreign key (a) references u (a)',
    'alter table',
    ['t', 'u'],
  ],
  ['alter table t add (b int references u (a)), rename to v', 'alter table', ['t', 'u', 'v']],
  ['alter table t rename column a to b, rename index i to j', 'alter table', ['t']],
  ['alter online table if exists t exchange partition p with table u', 'alter table', ['t', 'u']],
  ['drop table if exists t, `d`.u cascade', 'drop table', ['t', '`d`.u']],
  ['drop view v', 'drop view', ['v']],
  ['truncate table t', 'truncate', ['t']],
  ['truncate t', 'truncate', ['t']],
  ['rename table a to b, c to d', 'rename table', ['a', 'b', 'c', 'd']],
  ['create unique index i using btree on t (a desc)', 'create index', ['t']],
  ['drop index i on t', 'drop index', ['t']],
  [
    'create algorithm=merge definer=`r`@`h` sql security invoker view v (a) as select 1 from t with local check option',
    'create view',
    ['v', 't'],
  ],
  [
    'create definer=root@localhost trigger g before insert on t for each row set new.a = 1',
    'create trigger',
    ['t'],
  ],
  ['create database if not exists d', 'create database', []],
  ['drop schema d', 'drop database', []],
  ["create user 'a'@'%' identified by 'x'", 'create user', []],
])('%s', (sql, action, tables) => {
  const statement = parseAs('ddl', sql, mysql)
  expect(statement.action).toBe(action)
  expect(statement.tables.map((table) => textOf(sql, table))).toEqual(tables)
})

test('SQLite renames columns without saying so', () => {
  const tables = (sql: string): number => parseAs('ddl', sql, sqlite).tables.length
  expect(tables('alter table t rename a to b')).toBe(1)
  expect(tables('alter table t rename to b')).toBe(2)
  expect(tables('drop index i')).toBe(0)
})

test.each([
  'create procedure p() select 1 from t',
  'create function f() returns int return 1',
  'create or replace definer = root@localhost trigger g before insert on t for each row begin set new.a = 1; end',
  'alter event e on schedule every 1 day do delete from t',
])('%s is refused as a program', (sql) => {
  expect(refusalOf(sql, mysql)).toBe('SHERD_UNSUPPORTED_STATEMENT')
})

test.each([
  'create table t (a int default (select 1 from u))',
  'create table t (a int) union=(u, v)',
  'drop table t; drop table u',
  'create virtual table t using fts5(a)',
])('%s is refused', (sql) => {
  expect(refusalOf(sql, sql.includes('virtual') ? sqlite : mysql)).toMatch(/^SHERD_SQL_(?:SYNTAX|MULTIPLE)$/u)
})
