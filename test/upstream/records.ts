import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A code of sherd's refusals, how often it was given, and statements that were refused with it. */
export interface CountedRefusal {
  readonly count: number
  readonly examples: readonly string[]
}

/** What the preload wrote down in all processes of a run. */
export interface RunRecords {
  /** Through sherd. */
  readonly statements: number
  /** Those of the mode `sharded` that name a table of another database, and go to a sherd without tables. */
  readonly statementsElsewhere: number
  /** Connections that name no database, and so went to mysql2 itself. */
  readonly connectionsPast: number
  readonly refusals: Readonly<Record<string, CountedRefusal>>
  /** Names of all tables that were created or renamed to, in that order: of two spellings of one name the first is declared. */
  readonly tables: readonly string[]
  readonly databases: readonly string[]
  /** Options of connections that sherd does not have. */
  readonly optionsLeftOut: readonly string[]
}

interface Line {
  readonly table?: string
  readonly database?: string
  readonly option?: string
  readonly counts?: { readonly statements: number; readonly elsewhere?: number; readonly past: number }
  readonly refusals?: Readonly<Record<string, CountedRefusal>>
}

/** Puts together the files of all processes and threads. */
export async function readRecords(directory: string): Promise<RunRecords> {
  const files = await Promise.all((await readdir(directory)).map((name) => readLines(join(directory, name))))
  const lines = files.flat()
  // Counts grow, so the last line of each file has them all.
  const totals = files.flatMap((file) => file.findLast(({ counts }) => counts !== undefined) ?? [])
  const sum = (of: (line: Line) => number): number => totals.reduce((all, line) => all + of(line), 0)
  return {
    statements: sum(({ counts }) => counts?.statements ?? 0),
    statementsElsewhere: sum(({ counts }) => counts?.elsewhere ?? 0),
    connectionsPast: sum(({ counts }) => counts?.past ?? 0),
    refusals: joinRefusals(totals.map(({ refusals = {} }) => refusals)),
    tables: [...new Set(lines.flatMap(({ table }) => table ?? []))],
    databases: listSorted(lines.map(({ database }) => database)),
    optionsLeftOut: listSorted(lines.map(({ option }) => option)),
  }
}

async function readLines(file: string): Promise<readonly Line[]> {
  const text = await readFile(file, 'utf8')
  // A process that is killed may leave half a line.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return whole.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]))
}

function joinRefusals(
  all: readonly Readonly<Record<string, CountedRefusal>>[],
): Readonly<Record<string, CountedRefusal>> {
  const joined = new Map<string, CountedRefusal>()
  for (const [code, { count, examples }] of all.flatMap((one) => Object.entries(one))) {
    const before = joined.get(code)
    joined.set(code, {
      count: count + (before?.count ?? 0),
      examples: [...new Set([...(before?.examples ?? []), ...examples])],
    })
  }
  return Object.fromEntries([...joined].toSorted(([, a], [, b]) => b.count - a.count))
}

function listSorted(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.flatMap((value) => value ?? []))].toSorted()
}
