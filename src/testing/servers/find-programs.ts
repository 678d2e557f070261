import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

import { SherdError } from '../../errors/sherd-error.ts'

export interface FindOptions {
  /** Directories to look in first, written like PATH. Default: none, only the usual places of packages. */
  readonly searchPath?: string
}

/** Where MariaDB's programs are. */
export interface MariadbPrograms {
  readonly server: string
  readonly install: string
}

// /usr/sbin: Debian; /usr/libexec: Fedora; the rest: own builds and Homebrew on both processors.
const packageDirectories: readonly string[] = [
  '/usr/sbin',
  '/usr/bin',
  '/usr/libexec',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/local/mariadb/bin',
  '/usr/local/mariadb/scripts',
  '/opt/homebrew/bin',
  '/opt/homebrew/opt/mariadb/bin',
  '/usr/local/opt/mariadb/bin',
]

interface WantedProgram {
  readonly name: string
  readonly aptPackage: string
  readonly brewPackage: string
}

/** The programs of MariaDB on this machine. Throws SHERD_TEST_SERVER_MISSING with the install command. */
export function findMariadb(options: FindOptions = {}): MariadbPrograms {
  const from = { aptPackage: 'mariadb-server', brewPackage: 'mariadb' }
  return {
    server: findProgram({ name: 'mariadbd', ...from }, options),
    install: findProgram({ name: 'mariadb-install-db', ...from }, options),
  }
}

/** The Redis server on this machine. Throws SHERD_TEST_SERVER_MISSING with the install command. */
export function findRedis(options: FindOptions = {}): string {
  return findProgram({ name: 'redis-server', aptPackage: 'redis-server', brewPackage: 'redis' }, options)
}

/** First in the search path, then where packages put it. */
export function findProgram(
  wanted: WantedProgram,
  options: FindOptions & { readonly usualDirectories?: readonly string[] } = {},
): string {
  const first = (options.searchPath ?? '').split(delimiter).filter((directory) => directory !== '')
  for (const directory of [...first, ...(options.usualDirectories ?? packageDirectories)]) {
    const program = join(directory, wanted.name)
    if (isExecutable(program)) return program
  }
  throw new SherdError('SHERD_TEST_SERVER_MISSING', {
    message: `The program ${wanted.name} was not found on this machine.`,
    remedy: `Install it: \`apt-get install ${wanted.aptPackage}\` on Debian and Ubuntu, \`brew install ${wanted.brewPackage}\` on macOS; or name its directory in searchPath.`,
  })
}

function isExecutable(program: string): boolean {
  try {
    accessSync(program, constants.X_OK)
    return true
  } catch {
    return false
  }
}
