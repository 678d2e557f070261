import { createInterface } from 'node:readline/promises'

import type { Command } from 'commander'

import { locate } from '../routing/locate.ts'
import type { Topology } from '../topology/topology.ts'
import { type CommandContext, type CommonOptions, fail, readTopology, withCommonOptions } from './command.ts'
import { describeError } from './report-error.ts'
import { paint, printJson, printTable } from './terminal.ts'

interface Routed {
  readonly key: string
  readonly shard?: string
  readonly server?: string
  readonly address?: string
  readonly error?: string
}

/** `sherd route`: where keys belong, without asking a server. */
export function addRoute(program: Command, context: CommandContext): void {
  const command = program
    .command('route <group> [keys...]')
    .description(
      'tell the logical shard, database and server of keys; without keys, or with -, of each line of standard input',
    )
    .action((group: string, keys: readonly string[], options: CommonOptions) =>
      route(context, group, keys, options),
    )
  withCommonOptions(command, 'sherd route product 42 43\ncut -f1 users.tsv | sherd route product -')
}

async function route(
  context: CommandContext,
  group: string,
  keys: readonly string[],
  options: CommonOptions,
): Promise<void> {
  const topology = await readTopology(context, options)
  const { terminal } = context
  const isPiped = keys.length === 0 || (keys.length === 1 && keys[0] === '-')
  const found: Routed[] = []
  for await (const key of isPiped ? createInterface({ input: terminal.input }) : keys)
    if (key !== '' || !isPiped) found.push(routeOne(topology, group, key))
  if (found.some(({ error }) => error !== undefined)) fail(context)
  if (options.json === true) return printJson(terminal, found)
  const rows = found.map(({ key, shard, server, address, error }) =>
    error === undefined
      ? [key, shard ?? '', server ?? '', address ?? '']
      : [key, paint(terminal, 'bad', error), '', ''],
  )
  printTable(terminal, ['KEY', 'SHARD', 'SERVER', 'PRIMARY'], rows)
}

function routeOne(topology: Topology, group: string, key: string): Routed {
  try {
    const { name, server } = locate(topology, group, key)
    return { key, shard: name, server: server.id, address: server.primary.address }
  } catch (error) {
    const { code, message } = describeError(error)
    // Of the group or the config, and so of all keys alike.
    if (code !== 'SHERD_KEY_FORM' && code !== 'SHERD_UNKNOWN_KEY') throw error
    return { key, error: `${code}: ${message}` }
  }
}
