import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { planStatement } from '../../src/plan/plan-statement.ts'
import { mysqlDefaultModes, sqliteModes } from '../../src/sql/modes.ts'
import { compactPlan } from './compact-plan.ts'
import { ormTopologies } from './orm-topology.ts'

/** A captured statement and what it gets. */
export interface OrmCase {
  /** Only in the file of all refused statements. */
  readonly orm?: string
  readonly comment?: string
  readonly sql: string
  readonly plan: unknown
}

/** ORM and dialect, as the files of test/cases are named. */
export const orms: readonly string[] = Object.keys(ormTopologies)

/** The file of the statements that are refused, of all ORMs. */
export const ormRefusedPath: string = join(import.meta.dirname, 'orm-refused.json')

/** The file of an ORM's statements that are not refused. */
export function ormPath(orm: string): string {
  return join(import.meta.dirname, `orm-${orm}.json`)
}

/** The distinct statements of an ORM, in the order in which they were captured. */
export function readCaptured(orm: string): readonly string[] {
  const path = join(import.meta.dirname, '..', 'cases', `orm-${orm}.sql.json`)
  const list: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
    throw new TypeError(`${path} is no list of statements`)
  }
  return [...new Set(list)]
}

/** Cases of a golden file; none while the file is not there. */
export function readOrmCases(path: string): readonly OrmCase[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as readonly OrmCase[]) : []
}

/** What an ORM's statements get; comments are taken over from the golden files. */
export function planCaptured(orm: string): {
  readonly planned: readonly OrmCase[]
  readonly refused: readonly OrmCase[]
} {
  const topology = ormTopologies[orm]
  if (topology === undefined) throw new RangeError(`no topology for ${orm}`)
  const modes = topology.dialect === 'sqlite' ? sqliteModes : mysqlDefaultModes
  const kept = [
    ...readOrmCases(ormPath(orm)),
    ...readOrmCases(ormRefusedPath).filter((one) => one.orm === orm),
  ]
  const comments = new Map(kept.map(({ sql, comment }) => [sql, comment]))
  const planned: OrmCase[] = []
  const refused: OrmCase[] = []
  for (const sql of readCaptured(orm)) {
    const comment = comments.get(sql)
    const plan = planStatement(sql, topology, modes)
    const one = { ...(comment === undefined ? {} : { comment }), sql, plan: compactPlan(plan) }
    if (plan.kind === 'refuse') refused.push({ orm, ...one })
    else planned.push(one)
  }
  return { planned, refused }
}
