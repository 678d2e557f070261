import type { Statement } from '../sql/ast.ts'
import type { Topology } from '../topology/topology.ts'
import type { Analysis } from './analysis.ts'
import { copiesIn, refuseCopyWrite } from './copies-in.ts'
import { isPlainRead } from './is-plain-read.ts'
import type { PassthroughPlan, Plan } from './plan.ts'
import { qualifiedNames } from './plan-other.ts'
import { refusal, refuse } from './refusals.ts'

/** The plan for an unsharded database, if there is one of that name. */
export function passThrough(topology: Topology, plan: Omit<PassthroughPlan, 'kind'>): Plan {
  if (topology.databases.has(plan.database)) return Object.freeze({ kind: 'passthrough', ...plan })
  return refuse(
    refusal(
      'SHERD_NO_DEFAULT_DATABASE',
      `The statement would go to the database ${plan.database}, which the config does not declare.`,
    ),
  )
}

/** For a parsed statement without tables on shards; reads and schema statements of reference tables may also meet a copy. */
export function passThroughParsed(analysis: Analysis, database: string): Plan {
  const { statement, topology } = analysis
  const localCopy = localCopyOf(analysis, statement)
  const isRead = isPlainRead(analysis)
  return passThrough(topology, { database, isRead, statement, ...(localCopy ? { localCopy } : {}) })
}

function localCopyOf(analysis: Analysis, statement: Statement): PassthroughPlan['localCopy'] | undefined {
  const { occurrences } = analysis
  if (occurrences.length === 0) return undefined
  let shardGroups: readonly string[] | 'all' = 'all'
  for (const { declaration } of occurrences) {
    if (declaration?.kind !== 'reference') return undefined
    const { groups } = declaration
    if (groups === 'all') continue
    shardGroups = shardGroups === 'all' ? groups : shardGroups.filter((group) => groups.includes(group))
  }
  if (shardGroups.length === 0) return undefined
  const isOther = statement.kind === 'ddl' || statement.kind === 'other'
  const names = occurrences.map(({ name }) => name).toSorted((a, b) => a.start - b.start)
  const qualified = isOther ? qualifiedNames(analysis, statement) : Object.freeze(names)
  const writes = refuseCopyWrite(analysis)
  return Object.freeze({ shardGroups, qualified, ...(writes ? { writes } : copiesIn(analysis)) })
}
