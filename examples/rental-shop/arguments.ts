import { parseArgs } from 'node:util'

export const help = `A rental shop on 8 logical shards over 2 servers.

  --engine sqlite    in memory, nothing to install (default)
  --engine mariadb   starts two private MariaDB servers with a replica each, and stops them at the end
  --data <folder>    Sakila's tables as <table>.tsv; without it, data of the same shape is invented
  --help             this text`

export interface Arguments {
  readonly engine: 'sqlite' | 'mariadb'
  readonly folder: string | undefined
}

/** Throws an Error that names the argument which is wrong. */
export function readArguments(): Arguments | 'help' {
  const { values } = parseArgs({
    options: {
      engine: { type: 'string', default: 'sqlite' },
      data: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const { engine, data: folder, help: isHelp } = values
  if (isHelp) return 'help'
  if (engine === 'sqlite' || engine === 'mariadb') return { engine, folder }
  throw new Error(`There is no engine ${engine}; there are sqlite and mariadb.`)
}
