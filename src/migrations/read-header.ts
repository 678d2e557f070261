import type { Topology } from '../topology/topology.ts'
import type { SplitFile } from '../sql/split-statements.ts'

/** What the head of a file says of statements whose place is not proven. */
export type FilePlace =
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'database'; readonly database: string }
  | { readonly kind: 'all shards' }

interface HeaderProblem {
  readonly line: number
  readonly problem: string
}

/** Reads `-- sherd: group=product`, `database=default` or `shards=all`; or what is wrong with it. */
export function readHeader(
  { header }: SplitFile,
  topology: Topology,
): { readonly place?: FilePlace; readonly problem?: HeaderProblem } {
  const [first, second] = header
  if (first === undefined) return {}
  const { line } = second ?? first
  if (second !== undefined)
    return { problem: { line, problem: 'A second line says where the statements belong.' } }
  const [, word = '', name = ''] = /^(\w+)[ \t]*=[ \t]*(\S+)$/u.exec(first.text) ?? []
  if (word === 'group') {
    if (topology.shardGroups.has(name)) return { place: { kind: 'group', group: name } }
    return { problem: { line, problem: 'The config has no shard group of the name that is given here.' } }
  }
  if (word === 'database') {
    if (topology.databases.has(name)) return { place: { kind: 'database', database: name } }
    return {
      problem: { line, problem: 'The config has no unsharded database of the name that is given here.' },
    }
  }
  if (word === 'shards' && name === 'all') return { place: { kind: 'all shards' } }
  return { problem: { line, problem: 'The line does not say where the statements belong.' } }
}
