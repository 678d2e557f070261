import type { ErrorCode } from '../errors/registry.ts'
import { type ConfigProblem, SherdError } from '../errors/sherd-error.ts'
import { quoteName } from './suggest-name.ts'

/** Notes one mistake of a config; reading goes on, so that all mistakes are told at once. */
export type ReportProblem = (code: ErrorCode, path: string, problem: string, remedy: string) => void

/** A list of mistakes and the function that adds to it. */
export interface ProblemList {
  readonly problems: readonly ConfigProblem[]
  readonly report: ReportProblem
}

/** An empty list. The same mistake at the same place is kept once. */
export function createProblemList(): ProblemList {
  const problems: ConfigProblem[] = []
  const report: ReportProblem = (code, path, problem, remedy) => {
    const isKnown = problems.some((known) => known.path === path && known.problem === problem)
    if (!isKnown) problems.push({ code, path, problem, remedy })
  }
  return { problems, report }
}

/** Throws SHERD_CONFIG with all mistakes, or does nothing when there are none. */
export function throwProblems({ problems }: ProblemList): void {
  if (problems.length === 0) return
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`
  const lines = problems.map(({ path, problem, remedy }) => `  ${path}: ${problem} ${remedy}`)
  throw new SherdError('SHERD_CONFIG', {
    message: [`The config has ${count}:`, ...lines, ''].join('\n'),
    details: { problems: Object.freeze([...problems]) },
  })
}

/** `shardGroups.product`, or `shardGroups["my group"]` where the name is no identifier. */
export function joinPath(path: string, name: string | number): string {
  if (typeof name === 'number') return `${path}[${name}]`
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${quoteName(name)}]`
  return path === '' ? name : `${path}.${name}`
}
