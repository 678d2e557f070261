import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan } from '../../src/plan/plan.ts'
import { planStatement } from '../../src/plan/plan-statement.ts'
import { mysqlDefaultModes, sqliteModes } from '../../src/sql/modes.ts'
import { sqliteTopology, topology } from './topology.ts'

/** One statement and what it gets. */
export interface GoldenCase {
  readonly comment: string
  readonly sql: string
  readonly plan?: unknown
}

const folder = import.meta.dirname

/**
 * Names of the golden files written by hand; those that begin with `sqlite` are read in that dialect.
 * Those of the ORMs have their own topologies: orm-cases.ts.
 */
export const goldenFiles: readonly string[] = readdirSync(folder).filter(
  (name) => name.endsWith('.json') && !name.startsWith('orm-') && !isSecond(name),
)

/** Those of second plans: how a statement without a key is asked of several shards. */
export const secondFiles: readonly string[] = readdirSync(folder).filter(isSecond)

function isSecond(name: string): boolean {
  return name.endsWith('.json') && /scatter|broadcast/u.test(name)
}

export function goldenPath(file: string): string {
  return join(folder, file)
}

export function readCases(file: string): readonly GoldenCase[] {
  return JSON.parse(readFileSync(goldenPath(file), 'utf8')) as readonly GoldenCase[]
}

export function planOf(file: string, sql: string): Plan {
  return file.startsWith('sqlite')
    ? planStatement(sql, sqliteTopology, sqliteModes)
    : planStatement(sql, topology, mysqlDefaultModes)
}
