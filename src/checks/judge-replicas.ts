import type { Observation } from './finding.ts'
import type { EndpointFacts, ReplicationSource } from './server-facts.ts'

/** Primaries write, replicas do not, and each follows the primary beside which the config has it. */
export function judgeReplicas(all: readonly EndpointFacts[]): readonly Observation[] {
  return all.flatMap((facts) =>
    facts.endpoint.role === 'primary' ? judgePrimary(facts, all) : judgeReplica(facts, all),
  )
}

function judgePrimary(facts: EndpointFacts, all: readonly EndpointFacts[]): readonly Observation[] {
  const place = facts.endpoint.id
  const found: Observation[] = []
  if (isOn(facts, 'read_only') || isOn(facts, 'super_read_only'))
    found.push({ name: 'primary-read-only', place, problem: 'The primary takes no writes: it is read_only.' })
  if (!isOn(facts, 'log_bin') || (facts.flavour === 'mysql' && !isOn(facts, 'gtid_mode')))
    found.push({
      name: 'binary-log-off',
      place,
      problem:
        facts.server.replicas.length > 0
          ? 'The primary writes no binary log with GTIDs, so its replicas cannot follow it.'
          : 'The primary writes no binary log with GTIDs, so no replica can follow it and no logical shard can be moved.',
    })
  return [...found, ...judgeDomain(facts, all)]
}

/** Domains are MariaDB's; MySQL's GTIDs carry the server's own UUID. */
function judgeDomain(facts: EndpointFacts, all: readonly EndpointFacts[]): readonly Observation[] {
  const domain = facts.variables.get('gtid_domain_id')
  if (domain === undefined) return []
  const other = all.find(
    (one) =>
      one.endpoint.role === 'primary' &&
      one.identity !== facts.identity &&
      one.variables.get('gtid_domain_id') === domain,
  )
  if (other === undefined) return []
  const problem = `Several primaries write with gtid_domain_id ${domain}, so no server can follow two of them and no logical shard can be moved.`
  return [{ name: 'gtid-domain-shared', place: facts.endpoint.id, problem }]
}

function judgeReplica(facts: EndpointFacts, all: readonly EndpointFacts[]): readonly Observation[] {
  const place = facts.endpoint.id
  const primary = all.find(({ endpoint }) => endpoint === facts.server.primary)
  if (primary !== undefined && primary.identity === facts.identity)
    return [{ name: 'replica-is-primary', place, problem: 'This address leads to the primary itself.' }]
  const found: Observation[] = []
  if (!isOn(facts, 'read_only'))
    found.push({
      name: 'replica-writable',
      place,
      problem: 'The replica takes writes, which its primary would never see.',
    })
  if (!isOn(facts, 'log_bin') || !(isOn(facts, 'log_slave_updates') || isOn(facts, 'log_replica_updates')))
    found.push({
      name: 'replica-log-off',
      place,
      problem: 'The replica does not log what it applies, so that no other server could follow it.',
    })
  return [...found, ...judgeSources(facts, primary)]
}

function judgeSources(facts: EndpointFacts, primary: EndpointFacts | undefined): readonly Observation[] {
  const place = facts.endpoint.id
  const { sources } = facts
  if (sources === undefined) {
    const problem = 'The user may not see whether the replica follows its primary.'
    return [{ name: 'replication-not-visible', place, problem }]
  }
  if (sources.length === 0)
    return [{ name: 'replica-follows-nobody', place, problem: 'The server follows no other one.' }]
  const serverId = primary?.variables.get('server_id')
  const own = serverId === undefined ? sources[0] : sources.find((source) => source.serverId === serverId)
  if (own !== undefined) return judgeSource(place, own, facts)
  const stopped = sources.find(({ isReading }) => !isReading)
  if (stopped !== undefined) return judgeSource(place, stopped, facts)
  const problem = 'The replica follows another server than its primary in the config.'
  return [{ name: 'replica-follows-another', place, problem }]
}

function judgeSource(place: string, source: ReplicationSource, facts: EndpointFacts): readonly Observation[] {
  if (source.serverId === facts.variables.get('server_id')) {
    const problem = 'The replica has the server_id of its primary, whose changes it then takes for its own.'
    return [{ name: 'server-id-shared', place, problem }]
  }
  if (!source.isReading || !source.isApplying) {
    const what = source.isReading ? 'does not apply' : 'does not read'
    const numbers = source.errorNumbers.length === 0 ? '' : ` (error ${source.errorNumbers.join(', ')})`
    const problem = `The replica ${what} the log of its primary${numbers}, so its rows grow old.`
    return [{ name: 'replica-stopped', place, problem }]
  }
  if (source.usesGtid) return []
  const problem = 'The replica follows by file and offset, which a failover cannot go on from.'
  return [{ name: 'replica-without-gtid', place, problem }]
}

/** MariaDB 12 has more words for read_only than ON, all but OFF restrict writes. */
function isOn({ variables }: EndpointFacts, name: string): boolean {
  const value = (variables.get(name) ?? 'OFF').toUpperCase()
  return value !== 'OFF' && value !== '0'
}
