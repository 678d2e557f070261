import { expect, test } from 'vitest'

import { effectsOf } from '../../src/migrations/schema-effects.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { parseStatement } from '../../src/sql/parser.ts'

const effects = (sql: string) => effectsOf(parseStatement(sql, mysqlDefaultModes))
const table = (name: string, ...columns: readonly string[]): readonly [string, string] => [
  name,
  `CREATE TABLE \`${name}\` (\n${columns.map((column) => `  \`${column}\` int(11) DEFAULT NULL`).join(',\n')}\n)`,
]

/** Whether the statement is taken for done when its tables changed to these. */
function isDone(sql: string, ...tables: readonly (readonly [string, string])[]): boolean {
  const { isWhole, checks } = effects(sql)
  const definitions = new Map<string, string | undefined>(tables)
  return isWhole && checks.every((check) => check(definitions))
}

test.each([
  ['CREATE TABLE a (x INT)', true],
  ['DROP TABLE a, b', true],
  ['RENAME TABLE a TO b', true],
  ['CREATE INDEX i ON a (x)', true],
  ['ALTER TABLE a ADD COLUMN x INT', true],
  ['ALTER TABLE a DROP COLUMN x', true],
  ['ALTER TABLE a RENAME TO b', true],
  ['ALTER TABLE a COMMENT = "exchange"', false],
  ["ALTER TABLE a COMMENT = 'truncate'", true],
  ['CREATE OR REPLACE TABLE a (x INT)', false],
  ['RENAME TABLE a TO c, b TO a, c TO b', false],
  ['ALTER TABLE a DROP COLUMN x, ADD COLUMN x INT', false],
  ['ALTER TABLE a TRUNCATE PARTITION p0', false],
  ['ALTER TABLE a IMPORT TABLESPACE', false],
  ['TRUNCATE TABLE a', false],
  ['UPDATE a SET x = x + 1', false],
])('%s with its tables as before may be run: %s', (sql, expected) => {
  expect(effects(sql).isVisible).toBe(expected)
})

test.each([
  ['CREATE TABLE a (x INT)', [table('a', 'x')], true],
  ['CREATE TABLE a SELECT 1 AS x', [table('a', 'x')], false],
  ['DROP TABLE a, b', [], true],
  ['DROP TABLE a, b', [table('b', 'x')], false],
  ['RENAME TABLE a TO b', [table('b', 'x')], true],
  ['RENAME TABLE a TO b', [table('a', 'x')], false],
  ['ALTER TABLE a RENAME TO b', [table('b', 'x')], true],
  ['ALTER TABLE a ADD COLUMN x INT, ADD KEY by_x (x)', [table('a', 'x')], true],
  ['ALTER TABLE a ADD COLUMN x INT', [table('a', 'y')], false],
  ['ALTER TABLE a DROP `x`', [table('a', 'y')], true],
  ['ALTER TABLE a DROP COLUMN IF EXISTS x', [table('a', 'x')], false],
  ['ALTER TABLE a CHANGE x y BIGINT', [table('a', 'y')], true],
  ['ALTER TABLE a CHANGE x y BIGINT', [table('a', 'x')], false],
  ['ALTER TABLE a CHANGE x X BIGINT', [table('a', 'x')], true],
  ['ALTER TABLE a MODIFY x BIGINT', [table('a', 'x')], true],
  ['ALTER TABLE a MODIFY x BIGINT', [table('a', 'y')], false],
  ['ALTER TABLE a ALTER COLUMN x DROP DEFAULT', [table('a', 'x')], true],
  ['ALTER TABLE a DROP PRIMARY KEY', [table('a', 'x')], true],
  ["ALTER TABLE a ADD COLUMN x INT COMMENT 'drop column y'", [table('a', 'x', 'y')], true],
  ['TRUNCATE TABLE a', [table('a', 'x')], false],
] as const)('%s with other tables than before, %j, is done: %s', (sql, tables, expected) => {
  expect(isDone(sql, ...tables)).toBe(expected)
})
