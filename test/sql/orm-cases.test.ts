import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseStatement } from '../../src/sql/parser.ts'
import { refusalOf } from './parse.ts'
import { mysqlDefaultModes, sqliteModes } from '../../src/sql/modes.ts'

/** Statements captured from ORMs that are refused, by their beginnings; the servers refuse all but the comments, too. */
const refused: Readonly<Record<string, readonly string[]>> = {
  'orm-drizzle-mysql': [],
  'orm-knex-mysql': [],
  'orm-kysely-mysql': [
    'insert into `users` (`id`, `name`) values (?, ?) on conflict',
    'insert into `users` default values',
  ],
  'orm-kysely-sqlite': [
    'select * from "users" left join lateral',
    'select * from "users" where "id" = ? for update',
    'select * from "users" where "id" = ? for share',
    'select * from "users" where "id" = ? for update skip locked',
    'select * from "users" where "id" = ? for update of',
    'select * from "users" lock in share mode',
    'select sql_calc_found_rows',
    'insert into "users" ("id", "name") values (?, ?) on duplicate key update "name" = ?',
    'insert into "users" ("id", "name") values (?, ?) on duplicate key update "name" = values',
  ],
  'orm-mikro-mariadb': [
    // Executable comments in queries of information_schema.
    'select table_name as table_name, nullif(table_schema',
    'select',
    "select `u`.`id` from `users` as `u` where `u`.`id` in 'select",
    'insert into `users` as `u`',
  ],
  'orm-prisma-mysql': [],
  'orm-sequelize-mysql': [],
  'orm-typeorm-mysql': [],
}

test.each(Object.keys(refused))('%s: every statement is read but those known to be refused', (file) => {
  const list: unknown = JSON.parse(
    readFileSync(new URL(`../cases/${file}.sql.json`, import.meta.url), 'utf8'),
  )
  const statements = Array.isArray(list)
    ? list.filter((item): item is string => typeof item === 'string')
    : []
  const modes = file.endsWith('sqlite') ? sqliteModes : mysqlDefaultModes
  const found = statements.filter((sql) => refusalOf(sql, modes) !== 'accepted')
  const expected = refused[file] ?? []
  expect(found).toHaveLength(expected.length)
  for (const [index, start] of expected.entries())
    expect(found[index]?.trimStart().startsWith(start)).toBe(true)
  for (const sql of statements) if (!found.includes(sql)) checkSpans(sql, modes)
})

function checkSpans(sql: string, modes: typeof sqliteModes): void {
  const { markers, tables, start, end } = parseStatement(sql, modes)
  for (const marker of markers) expect(sql.slice(marker.start, marker.end)).toBe('?')
  for (const { table } of tables) expect(sql.slice(table.start, table.end)).toContain(table.name)
  expect(sql.slice(start, end)).toBe(sql.slice(start, end).trim())
}
