import type { Command } from 'commander'

import type { Sherd } from '../facade/sherd.ts'
import { type EndpointStatus, readServerStatus } from '../operations/read-status.ts'
import { readReachableFreshness } from '../reference/read-reachable-freshness.ts'
import { summarizeFreshness, type TableFreshness } from '../reference/summarize-freshness.ts'
import { type CommandContext, type CommonOptions, fail, withCommonOptions } from './command.ts'
import { withSherd } from './open-sherd.ts'
import { describeError } from './report-error.ts'
import { paint, printJson, printLine, printTable, type Terminal } from './terminal.ts'

/** `sherd status`: servers, replicas and copies. Exit code 1 when one does not answer or does not do its work. */
export function addStatus(program: Command, context: CommandContext): void {
  const command = program
    .command('status')
    .description('tell servers, roles, lag, connections, logical shards, and how fresh reference tables are')
    .action((options: CommonOptions) =>
      withSherd(context, options, (sherd) => status(context, options, sherd)),
    )
  withCommonOptions(command, 'sherd status\nsherd status --json')
}

async function status(context: CommandContext, { json }: CommonOptions, sherd: Sherd): Promise<void> {
  const { terminal } = context
  const { topology } = sherd
  const servers = await readServerStatus(sherd.serverDoor(), topology)
  const copies = await readReachableFreshness(sherd)
  const tables = summarizeFreshness(copies.known)
  const isHealthy =
    servers.every(({ problem }) => problem === undefined) &&
    copies.unknown.length === 0 &&
    tables.every(isWhole)
  if (!isHealthy) fail(context)
  if (json === true) {
    const told = servers.map(({ error, ...rest }) =>
      error === undefined ? rest : { ...rest, error: describeError(error) },
    )
    return printJson(terminal, { servers: told, referenceTables: tables, unknownCopies: copies.unknown })
  }
  printServers(terminal, servers)
  if (tables.length > 0) printTables(terminal, tables)
  if (copies.unknown.length > 0)
    printLine(
      terminal,
      paint(terminal, 'bad', `Not known, because a server does not answer: ${copies.unknown.length} copies.`),
    )
}

function isWhole({ copies, complete, different }: TableFreshness): boolean {
  return complete === copies && different === 0
}

function printServers(terminal: Terminal, servers: readonly EndpointStatus[]): void {
  const head = ['SERVER', 'ROLE', 'ADDRESS', 'STATE', 'VERSION', 'WRITES', 'LAG', 'CONNECTIONS', 'SHARDS']
  const rows = servers.map((one) => [
    one.server,
    one.role,
    one.address,
    stateOf(terminal, one),
    one.version ?? '',
    one.isReadOnly === undefined ? '' : one.isReadOnly ? 'read only' : 'yes',
    lagOf(one),
    one.connections === undefined ? '' : `${one.connections.used} of ${one.connections.allowed}`,
    one.role === 'primary' ? one.logicalShards : '',
  ])
  printTable(terminal, head, rows)
}

function stateOf(terminal: Terminal, { problem, error }: EndpointStatus): string {
  if (problem === undefined) return paint(terminal, 'good', 'up')
  return paint(terminal, 'bad', error === undefined ? problem : `${problem} ${describeError(error).code}`)
}

function lagOf({ replication }: EndpointStatus): string {
  if (replication === undefined) return ''
  const { state, lagSeconds, isCaughtUp } = replication
  if (state !== 'running') return state === 'unknown' ? 'not known' : ''
  if (isCaughtUp === true) return '0 s'
  return lagSeconds === undefined ? 'not known' : `${lagSeconds} s${isCaughtUp === false ? ', behind' : ''}`
}

function printTables(terminal: Terminal, tables: readonly TableFreshness[]): void {
  const rows = tables.map((table) => [
    table.table,
    paint(terminal, isWhole(table) ? 'good' : 'bad', `${table.complete} of ${table.copies}`),
    table.lagSeconds === undefined ? 'not known' : `${Math.round(table.lagSeconds)} s`,
    table.different,
    table.failing,
  ])
  printTable(terminal, ['REFERENCE TABLE', 'COPIES FILLED', 'LAG', 'DIFFERENT', 'FAILING'], rows)
}
