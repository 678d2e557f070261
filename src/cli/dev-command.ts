import { join } from 'node:path'

import type { Command } from 'commander'

import { pathOfRecord } from '../testing/dev/dev-record.ts'
import { startDevServers } from '../testing/dev/start-dev-servers.ts'
import { stopDevServers } from '../testing/dev/stop-dev-servers.ts'
import { type CommandContext, type CommonOptions, readTopology, withCommonOptions } from './command.ts'
import { paint, printJson, printLine, printTable } from './terminal.ts'

interface DownOptions extends CommonOptions {
  readonly remove?: boolean
}

/** `sherd dev`: the servers of the config on this machine, in `.sherd/dev` of the directory. */
export function addDev(program: Command, context: CommandContext): void {
  const dev = program
    .command('dev')
    .description('private MariaDB servers for the config on this machine, in .sherd/dev here')
    .addHelpText('after', '\nExample:\n  sherd dev up\n  sherd dev down')
  const up = dev
    .command('up')
    .description('start those that do not run, with replicas, databases and users, and write .sherd/dev.json')
    .action((options: CommonOptions) => start(context, options))
  withCommonOptions(up, 'sherd dev up\njq .urls .sherd/dev.json')
  const down = dev
    .command('down')
    .description('stop them; their data stays for the next start')
    .option('--remove', 'delete their data, too')
    .action((options: DownOptions) => stop(context, options))
  withCommonOptions(down, 'sherd dev down --remove')
}

async function start(context: CommandContext, options: CommonOptions): Promise<void> {
  const { terminal } = context
  const home = join(terminal.directory, '.sherd')
  const servers = await startDevServers(await readTopology(context, options), home)
  if (options.json === true) return printJson(terminal, servers)
  printTable(
    terminal,
    ['IN THE CONFIG', 'ROLE', 'HERE', 'STATE', 'DATABASES'],
    servers.map(({ address, role, port, isStarted, databases }) => [
      address,
      role,
      `127.0.0.1:${port}`,
      paint(terminal, 'good', isStarted ? 'started' : 'runs already'),
      role === 'primary' ? databases.length : '',
    ]),
  )
  const isAsConfigured = servers.every((server) => server.isAsConfigured)
  printLine(
    terminal,
    isAsConfigured
      ? 'They are where the config says.'
      : `Set the URLs of the config from ${pathOfRecord(home)}: some of its servers are on other machines.`,
  )
}

/** Needs no config: what was started is on record. */
async function stop({ terminal }: CommandContext, { json, remove }: DownOptions): Promise<void> {
  const home = join(terminal.directory, '.sherd')
  const servers = await stopDevServers(home, { isRemoved: remove === true })
  if (json === true) return printJson(terminal, servers)
  if (servers.length === 0) return printLine(terminal, `There are no servers in ${home}.`)
  const rows = servers.map(({ address, port, wasRunning }) => [
    address,
    `127.0.0.1:${port}`,
    wasRunning ? 'stopped' : 'did not run',
  ])
  printTable(terminal, ['IN THE CONFIG', 'HERE', 'STATE'], rows)
}
