import { SherdError } from '../errors/sherd-error.ts'
import { askEndpoint, Silent } from './ask-endpoint.ts'
import type { CheckContext } from './check-topology.ts'
import type { Observation } from './finding.ts'
import { judgeDatabases } from './judge-databases.ts'
import { judgeReplicas } from './judge-replicas.ts'
import { judgeServers } from './judge-servers.ts'
import { judgeTables } from './judge-tables.ts'
import { readMysqlServer } from './read-mysql-server.ts'
import { databasesOn, viewSchema } from './schema-view.ts'
import type { EndpointAnswer, EndpointFacts } from './server-facts.ts'

/** Asks every endpoint, then judges what they said together. */
export async function checkMysql(context: CheckContext): Promise<readonly Observation[]> {
  const { topology, processes } = context
  const answers = await askAll(context)
  const all = answers.flatMap((answer) => (answer.kind === 'facts' ? [answer.facts] : []))
  const byServer = new Map(
    all.filter(({ endpoint }) => endpoint.role === 'primary').map((facts) => [facts.server, facts.databases]),
  )
  const view = viewSchema(topology, (server) => byServer.get(server))
  return [
    ...answers.flatMap(judgeAnswer),
    ...judgeReplicas(all),
    ...judgeServers(topology, all, { processes }),
    ...judgeDatabases(topology, all, view),
    ...judgeTables(topology, view),
  ]
}

async function askAll(context: CheckContext): Promise<readonly EndpointAnswer[]> {
  const waiting = context.topology.servers.flatMap((server) =>
    [server.primary, ...server.replicas].map((endpoint) => ({ server, endpoint })),
  )
  const answers = new Map<number, EndpointAnswer>()
  const queue = waiting.entries()
  const work = async (): Promise<void> => {
    for (const [index, place] of queue) answers.set(index, await askOne(context, place))
  }
  await Promise.all(Array.from({ length: Math.min(context.concurrency, waiting.length) }, work))
  return waiting.flatMap((_, index) => answers.get(index) ?? [])
}

async function askOne(
  { topology, driver, timeoutMs, signal, now }: CheckContext,
  { server, endpoint }: Pick<EndpointFacts, 'server' | 'endpoint'>,
): Promise<EndpointAnswer> {
  const databases = endpoint.role === 'primary' ? databasesOn(topology, server) : []
  // A database that is not there must not hide what else is to be said of its server.
  const { database: _, ...without } = endpoint
  try {
    const facts = await askEndpoint(driver, without, [], { timeoutMs, signal }, (connection) =>
      readMysqlServer(connection, { driver, server, endpoint, databases, now }),
    )
    return { kind: 'facts', facts }
  } catch (error) {
    return { kind: 'failed', server, endpoint, error }
  }
}

function judgeAnswer(answer: EndpointAnswer): readonly Observation[] {
  if (answer.kind === 'facts') return []
  const { endpoint, error } = answer
  const place = endpoint.id
  if (error instanceof Silent)
    return [
      { name: 'server-silent', place, problem: `The server at ${endpoint.address} did not answer in time.` },
    ]
  if (!(error instanceof SherdError)) {
    const reason = error instanceof Error ? error.message : String(error)
    return [
      {
        name: 'server-unreachable',
        place,
        problem: `The server at ${endpoint.address} cannot be asked: ${reason}`,
      },
    ]
  }
  const { remedy, message } = error
  const problem = message.endsWith(remedy) ? message.slice(0, -remedy.length).trim() : message
  const name = error.code === 'SHERD_SERVER_MODE' ? 'server-mode' : 'server-unreachable'
  return [{ name, place, problem, remedy }]
}
