import { sessionDefaults } from '../engine/session-defaults.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { Statement } from '../sql/ast.ts'
import type { Topology } from '../topology/topology.ts'
import { type FileProblem, refusePlan } from './migration-errors.ts'
import { type PlanContext, planMigration } from './plan-statement.ts'
import type { MigrationFile } from './read-folder.ts'
import { readHeader } from './read-header.ts'
import { splitStatements } from '../sql/split-statements.ts'

/** A statement of a file with all the databases it goes to. */
export interface PlannedStatement {
  /** Its place in the file, from 0; the ledger knows it by this. */
  readonly index: number
  readonly line: number
  readonly text: string
  readonly work: 'rows' | 'schema' | 'other'
  /** Absent where sherd cannot read it. */
  readonly statement?: Statement
  /** SETs of the file before it. */
  readonly settings: readonly string[]
  /** What each database gets, by name of the logical shard or unsharded database. */
  readonly texts: ReadonlyMap<string, string>
}

export interface PlannedMigration {
  readonly name: string
  readonly path: string
  readonly checksum: string
  readonly statements: readonly PlannedStatement[]
}

/** Plans all files, or throws SHERD_MIGRATE_REFUSED with every statement whose place is not proven. */
export function planFiles(
  topology: Topology,
  files: readonly MigrationFile[],
  ddlOptions: readonly string[],
): readonly PlannedMigration[] {
  const problems: FileProblem[] = []
  const planned = files.map((file) => planFile({ topology, ddlOptions }, file, problems))
  if (problems.length > 0) throw refusePlan(problems)
  return planned
}

function planFile(
  { topology, ddlOptions }: Omit<PlanContext, 'header'>,
  file: MigrationFile,
  problems: FileProblem[],
): PlannedMigration {
  const { name, path, checksum } = file
  const refuse = (line: number, problem: string, remedy: string): void =>
    void problems.push({ code: 'SHERD_MIGRATE_REFUSED', path: `${path}:${line}`, problem, remedy })
  const statements: PlannedStatement[] = []
  const planned = { name, path, checksum, statements }
  const split = splitOrRefuse(topology, file, refuse)
  if (split === undefined) return planned
  const { place: header, problem } = readHeader(split, topology)
  if (problem !== undefined)
    refuse(
      problem.line,
      problem.problem,
      'Write one of group=<name>, database=<name> and shards=all behind -- sherd:.',
    )
  const settings: string[] = []
  for (const [index, { text, line }] of split.statements.entries()) {
    const plan = planMigration({ topology, header, ddlOptions }, text)
    if (plan.kind === 'refused') refuse(line, plan.problem, plan.remedy)
    else if (plan.kind === 'setting') settings.push(plan.text)
    else {
      const { work, statement, texts } = plan
      const known = statement === undefined ? {} : { statement }
      statements.push({ index, line, text, work, ...known, settings: [...settings], texts })
    }
  }
  return planned
}

function splitOrRefuse(
  topology: Topology,
  { text }: MigrationFile,
  refuse: (line: number, problem: string, remedy: string) => void,
): ReturnType<typeof splitStatements> | undefined {
  try {
    return splitStatements(text, sessionDefaults(topology).modes)
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    const before = text.slice(0, error.details.offset ?? 0)
    refuse(before.split('\n').length, error.message.replace(` ${error.remedy}`, ''), error.remedy)
    return undefined
  }
}
