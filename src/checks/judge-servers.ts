import { findServerModeProblem } from '../engine/checked-driver.ts'
import { sessionDefaults } from '../engine/session-defaults.ts'
import { connectionBudget } from '../topology/connection-budget.ts'
import type { Topology } from '../topology/topology.ts'
import type { Observation } from './finding.ts'
import type { EndpointFacts } from './server-facts.ts'

export interface JudgeOptions {
  /** That use the config at the same time. */
  readonly processes: number
}

/** The longest wait for a row lock that is thought of as one, in seconds. */
const longestLockWait = { 'one-server': 300, xa: 60, 'best-effort': 60 } as const
const clockToleranceMs = 1_000

/** Variables, clocks and limits of servers. Of several endpoints at one address the first speaks. */
export function judgeServers(
  topology: Topology,
  all: readonly EndpointFacts[],
  options: JudgeOptions,
): readonly Observation[] {
  const addresses = new Map(all.toReversed().map((facts) => [facts.endpoint.address, facts]))
  const each = all.filter((facts) => addresses.get(facts.endpoint.address) === facts)
  return [
    ...all.flatMap((facts) => judgeSession(topology, facts)),
    ...each.flatMap((facts) => judgeTimeouts(topology, facts)),
    ...judgeAlike(all, each),
    ...judgeClocks(each),
    ...judgeBudget(topology, each, options),
  ]
}

function judgeSession(topology: Topology, facts: EndpointFacts): readonly Observation[] {
  const { endpoint, variables, flavour } = facts
  const place = endpoint.id
  const found: Observation[] = []
  const refusal = findServerModeProblem(endpoint, facts.connection, sessionDefaults(topology).modes)
  // Unsharded databases may be as they always were; see engine/checked-driver.ts.
  if (!facts.connection.isStrict && endpoint.database === undefined)
    found.push({
      name: 'sql-mode-not-strict',
      place,
      problem:
        'Without a strict sql_mode a value that does not fit is stored as another one, also a shard key.',
    })
  else if (refusal !== undefined)
    found.push({ name: 'server-mode', place, problem: withoutRemedy(refusal), remedy: refusal.remedy })
  const isTracked =
    flavour === 'mariadb'
      ? /(?:^|,)(?:last_gtid|\*)(?:,|$)/u.test(variables.get('session_track_system_variables') ?? '')
      : (variables.get('session_track_gtids') ?? 'OFF') !== 'OFF'
  if (!isTracked)
    found.push({
      name: 'session-tracking-off',
      place,
      problem:
        'Answers to writes do not tell their GTID, so that reads of replicas would wait for a question more.',
    })
  return found
}

/** The message of an error ends with its remedy. */
function withoutRemedy({ message, remedy }: { readonly message: string; readonly remedy: string }): string {
  return message.endsWith(remedy) ? message.slice(0, -remedy.length).trim() : message
}

function judgeTimeouts({ transactions }: Topology, facts: EndpointFacts): readonly Observation[] {
  const { endpoint, variables } = facts
  const found: Observation[] = []
  const lockWait = Number(variables.get('innodb_lock_wait_timeout') ?? 0)
  if (endpoint.role === 'primary' && lockWait > longestLockWait[transactions])
    found.push({
      name: 'lock-wait-long',
      place: endpoint.id,
      problem: `innodb_lock_wait_timeout is ${lockWait} s: a statement that waits for a row keeps its connection so long${
        transactions === 'one-server' ? '' : ', and no server sees a deadlock that spans two of them'
      }.`,
    })
  const waitSeconds = Number(variables.get('wait_timeout') ?? Infinity)
  const { idleTimeoutMs } = endpoint.options
  if (waitSeconds * 1_000 <= idleTimeoutMs)
    found.push({
      name: 'idle-timeout-long',
      place: endpoint.id,
      problem: `The server closes idle connections after ${waitSeconds} s (wait_timeout), sherd only after ${idleTimeoutMs / 1_000} s (idleTimeoutMs).`,
    })
  return found
}

/** What must be equal wherever a statement may run. */
function judgeAlike(all: readonly EndpointFacts[], each: readonly EndpointFacts[]): readonly Observation[] {
  const named = each.filter(({ zone }) => /^[A-Za-z]/u.test(zone.name) && !zone.name.startsWith('SYSTEM'))
  return [
    ...judgeSqlMode(all),
    ...findOthers(
      each,
      'time-zone-differs',
      ({ zone }) => `${zone.offsetSeconds}`,
      (facts, first) => {
        const far = `${describeZone(facts)} here and ${describeZone(first)} on ${first.endpoint.id}`
        return `The time zone is ${far}: NOW() and TIMESTAMP columns would differ by shard.`
      },
    ),
    ...findOthers(
      each,
      'lower-case-names-differ',
      ({ variables }) => variables.get('lower_case_table_names') ?? '',
      (facts, first) =>
        `lower_case_table_names is ${facts.variables.get('lower_case_table_names')} here and ${first.variables.get('lower_case_table_names')} on ${first.endpoint.id}: a name would be found on one and not on the other.`,
    ),
    ...(named.length === 0 ? [] : each.filter(({ zone }) => !zone.knowsNames)).map(({ endpoint }) => ({
      name: 'time-zone-tables-missing' as const,
      place: endpoint.id,
      problem: `${named[0]?.endpoint.id} has the time zone ${named[0]?.zone.name}, and this server knows none by name.`,
    })),
  ]
}

function judgeSqlMode(all: readonly EndpointFacts[]): readonly Observation[] {
  const modes = ({ variables }: EndpointFacts): ReadonlySet<string> =>
    new Set((variables.get('sql_mode') ?? '').split(',').filter((mode) => mode !== ''))
  return findOthers(
    all,
    'sql-mode-differs',
    (facts) => [...modes(facts)].toSorted().join(','),
    (facts, first) => {
      const added = [...modes(facts)].filter((mode) => !modes(first).has(mode))
      const lacking = [...modes(first)].filter((mode) => !modes(facts).has(mode))
      const parts = [
        ...(added.length === 0 ? [] : [`has ${added.join(', ')}`]),
        ...(lacking.length === 0 ? [] : [`lacks ${lacking.join(', ')}`]),
      ]
      return `Beside ${first.endpoint.id} the sql_mode ${parts.join(' and ')}: one statement would mean two things.`
    },
  )
}

/** Those that differ from what most have. */
function findOthers(
  all: readonly EndpointFacts[],
  name: 'sql-mode-differs' | 'time-zone-differs' | 'lower-case-names-differ',
  read: (facts: EndpointFacts) => string,
  tell: (facts: EndpointFacts, usual: EndpointFacts) => string,
): readonly Observation[] {
  const counts = new Map<string, number>()
  for (const facts of all) counts.set(read(facts), (counts.get(read(facts)) ?? 0) + 1)
  const most = Math.max(...counts.values())
  const usual = all.find((facts) => counts.get(read(facts)) === most)
  if (usual === undefined) return []
  return all
    .filter((facts) => read(facts) !== read(usual))
    .map((facts) => ({ name, place: facts.endpoint.id, problem: tell(facts, usual) }))
}

function describeZone({ zone }: EndpointFacts): string {
  const minutes = Math.round(Math.abs(zone.offsetSeconds) / 60)
  const pad = (value: number): string => String(value).padStart(2, '0')
  const offset = `${zone.offsetSeconds < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
  return zone.name === offset ? offset : `${zone.name} (${offset})`
}

/** Against this machine, which makes ids and leases by its own clock. */
function judgeClocks(each: readonly EndpointFacts[]): readonly Observation[] {
  return each.flatMap(({ endpoint, clock }) => {
    if (Math.abs(clock.aheadMs) - clock.withinMs <= clockToleranceMs) return []
    const seconds = Math.round(Math.abs(clock.aheadMs) / 100) / 10
    const problem = `The clock is about ${seconds} s ${clock.aheadMs > 0 ? 'ahead of' : 'behind'} the one of this machine.`
    return [{ name: 'clock-differs' as const, place: endpoint.id, problem }]
  })
}

function judgeBudget(
  topology: Topology,
  each: readonly EndpointFacts[],
  { processes }: JudgeOptions,
): readonly Observation[] {
  const allowances = new Map(
    each.map(({ endpoint, variables }) => [
      endpoint.address,
      {
        maxConnections: Number(variables.get('max_connections')),
        maxPreparedStatements: Number(variables.get('max_prepared_stmt_count')),
      },
    ]),
  )
  const { servers } = connectionBudget(topology, { processes, allowances })
  return servers.flatMap(({ isOverrun, endpoints, connections, preparedStatements, allowance }) => {
    if (isOverrun !== true) return []
    const many = processes === 1 ? 'One process' : `${processes} processes`
    const problem = `${many} may open ${connections} connections and prepare ${preparedStatements} statements; the server allows ${allowance?.maxConnections} (a tenth is for others) and ${allowance?.maxPreparedStatements}.`
    return [{ name: 'connections-overrun' as const, place: endpoints[0] ?? '', problem }]
  })
}
