import { dealShards } from './deal-shards.ts'
import { isPlainObject, readArray } from './read-value.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'

/**
 * Number of the server of each logical shard, by the lists of the servers or dealt evenly; undefined
 * when there is a mistake.
 */
export function placeShards(
  logicalShards: number,
  servers: readonly unknown[],
  path: string,
  report: ReportProblem,
): readonly number[] | undefined {
  const lists = servers.map((server) => (isPlainObject(server) ? server['logicalShards'] : undefined))
  if (lists.some((list) => list !== undefined)) return placeByLists(logicalShards, lists, path, report)
  if (servers.length <= logicalShards) return dealShards(logicalShards, servers.length)
  const problem = `${servers.length} servers for ${logicalShards} logical shards leave a server without any.`
  const remedy = `Take servers away, raise logicalShards to at least ${servers.length}, or place the shards by hand with \`logicalShards: [0, …]\` on each server.`
  report('SHERD_CONFIG_PLACEMENT', path, problem, remedy)
  return undefined
}

function placeByLists(
  logicalShards: number,
  lists: readonly unknown[],
  path: string,
  report: ReportProblem,
): readonly number[] | undefined {
  const owners = new Map<number, number>()
  let isComplete = true
  for (const [server, value] of lists.entries()) {
    const listPath = joinPath(joinPath(path, server), 'logicalShards')
    if (value === undefined) {
      const problem = 'The server has no list of logical shards, but another server of the group has.'
      const remedy =
        'Give `logicalShards` for all servers of the group, `[]` for none on it, or for no server.'
      report('SHERD_CONFIG_PLACEMENT', listPath, problem, remedy)
      isComplete = false
      continue
    }
    for (const [position, index] of (readArray(value, listPath, report) ?? []).entries()) {
      const isPlaced = placeOne(
        index,
        { logicalShards, owners, server },
        joinPath(listPath, position),
        report,
      )
      isComplete &&= isPlaced
    }
  }
  const missing = Array.from({ length: logicalShards }, (_, index) => index).filter(
    (index) => !owners.has(index),
  )
  if (isComplete && missing.length > 0) {
    const shown = missing.slice(0, 10).join(', ') + (missing.length > 10 ? ' …' : '')
    const remedy = 'Add them to the list of one server each.'
    report('SHERD_CONFIG_PLACEMENT', path, `No server has the logical shards ${shown}.`, remedy)
  }
  if (!isComplete || missing.length > 0) return undefined
  return Array.from({ length: logicalShards }, (_, index) => owners.get(index) ?? 0)
}

interface Placing {
  readonly logicalShards: number
  readonly owners: Map<number, number>
  readonly server: number
}

function placeOne(value: unknown, placing: Placing, path: string, report: ReportProblem): boolean {
  const { logicalShards, owners, server } = placing
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= logicalShards) {
    const problem = `Logical shards have the indexes 0 to ${logicalShards - 1}; this is none.`
    report('SHERD_CONFIG_PLACEMENT', path, problem, 'Write the index of a logical shard.')
    return false
  }
  const owner = owners.get(value)
  if (owner !== undefined) {
    const problem = `Logical shard ${value} is on servers[${owner}] already.`
    report('SHERD_CONFIG_DUPLICATE_SHARD', path, problem, 'List each logical shard once.')
    return false
  }
  owners.set(value, server)
  return true
}
