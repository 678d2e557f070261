import { basename, posix } from 'node:path'

import { describe, expect, test } from 'vitest'

import { readImports, readSources, type SourceFile, type SourceImport } from './source-imports.ts'

/** A room may import itself and the rooms on lines above, never a neighbour on its own line. */
const roomLines: readonly (readonly string[])[] = [
  ['errors'],
  ['topology', 'sql', 'observe', 'locks'],
  ['keys', 'drivers', 'ids', 'jobs'],
  ['routing', 'pools', 'schema'],
  ['plan', 'session'],
  ['rewrite', 'merge'],
  ['engine'],
  ['facade', 'migrations', 'operations', 'reference', 'lookup', 'moves', 'readiness', 'checks'],
  ['orm', 'testing'],
  ['cli', 'studio'],
]

/** Where a package may be imported; a path that ends in `/` is a room. Packages not listed are refused. */
const packageDoors: readonly {
  readonly name: string
  readonly values: readonly string[]
  readonly types: readonly string[]
}[] = [
  // testing/servers/administration.ts: servers are administered over a socket before there is a topology.
  {
    name: 'mysql2',
    values: ['drivers/mysql2.ts', 'testing/servers/administration.ts'],
    types: ['facade/', 'orm/'],
  },
  { name: 'libsql', values: ['drivers/sqlite.ts'], types: [] },
  { name: 'bullmq', values: ['jobs/bullmq.ts'], types: [] },
  ...['commander', 'jiti', 'cli-table3', 'cli-progress'].map((name) => ({
    name,
    values: ['cli/'],
    types: [],
  })),
  // Locks of `sherd reference`; the library takes the client of whoever has one.
  { name: 'ioredis', values: ['cli/reference-locks.ts'], types: [] },
  { name: 'drizzle-orm', values: [], types: ['orm/'] },
  { name: 'kysely', values: [], types: ['orm/'] },
  { name: '@mikro-orm/core', values: [], types: ['orm/'] },
  { name: '@prisma/client', values: [], types: ['orm/'] },
  { name: 'knex', values: [], types: ['orm/'] },
  { name: 'sequelize', values: [], types: ['orm/'] },
]

const refusedNames = new Set(['utils', 'helpers', 'common', 'types', 'constants'])

function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
}

function lineOf(room: string): number {
  return roomLines.findIndex((rooms) => rooms.includes(room))
}

/** What is wrong with an import, or undefined. */
function findFault(file: SourceFile, { specifier, isValue }: SourceImport): string | undefined {
  if (specifier.startsWith('node:')) return undefined
  return specifier.startsWith('.')
    ? findDirectionFault(file.path, specifier)
    : findDoorFault(file.path, specifier, isValue)
}

function findDirectionFault(path: string, specifier: string): string | undefined {
  if (!specifier.endsWith('.ts')) return 'a source is imported with its ending .ts'
  const target = posix.join(posix.dirname(path), specifier)
  if (target.startsWith('..')) return 'a source outside src/'
  // The root entry gathers the public names of all rooms.
  if (path === 'index.ts') return undefined
  const [from, to] = [roomOf(path), roomOf(target)]
  if (from === to || lineOf(to) < lineOf(from)) return undefined
  return `${from} stands above ${to}, or beside it`
}

function findDoorFault(path: string, specifier: string, isValue: boolean): string | undefined {
  const door = packageDoors.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`))
  if (door === undefined) return 'a package without a door'
  const places = isValue ? door.values : [...door.values, ...door.types]
  if (places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place)))
    return undefined
  return isValue ? 'a value of this package has its door elsewhere' : 'types of this package stay elsewhere'
}

function listFaults(
  files: readonly SourceFile[],
  find: (file: SourceFile) => readonly string[],
): readonly string[] {
  return files.flatMap((file) => find(file).map((fault) => `${file.path}: ${fault}`))
}

const sources = readSources()

describe('the sources', () => {
  test('stand in rooms that have a line in the table', () => {
    const faults = listFaults(sources, ({ path }) =>
      path === 'index.ts' || lineOf(roomOf(path)) >= 0 ? [] : ['no such room'],
    )
    expect(faults).toEqual([])
  })

  test('import up the table only, and packages through their doors', () => {
    const faults = listFaults(sources, (file) =>
      file.imports.flatMap((one) => {
        const fault = findFault(file, one)
        return fault === undefined ? [] : [`${one.specifier}: ${fault}`]
      }),
    )
    expect(faults).toEqual([])
  })

  test('read the environment in cli/ only', () => {
    const readsEnvironment = /\bprocess\s*\.\s*env\b|import\s*\{[^}]*\benv\b[^}]*\}\s*from 'node:process'/
    const faults = listFaults(sources, ({ path, text }) => {
      const code = text.replaceAll(/^\s*(?:\*|\/\*|\/\/).*$/gm, '')
      return roomOf(path) !== 'cli' && readsEnvironment.test(code) ? ['reads the environment'] : []
    })
    expect(faults).toEqual([])
  })

  test('export by name, neither all at once nor by default', () => {
    const faults = listFaults(sources, ({ text }) =>
      [...text.matchAll(/^export (?:\*|default\b|\{[^}]*\bas default\b).*/gm)].map(([line]) => line),
    )
    expect(faults).toEqual([])
  })

  test('are named after what they hold', () => {
    const faults = listFaults(sources, ({ path }) =>
      [...path.split('/').slice(0, -1), basename(path, '.ts')]
        .filter((name) => refusedNames.has(name) || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name))
        .map((name) => `${name} is no name of a subject in kebab-case`),
    )
    expect(faults).toEqual([])
  })
})

describe('the table itself', () => {
  const faultOf = (path: string, line: string) => {
    const [found] = readImports(line)
    if (found === undefined) throw new Error(`no import found in ${line}`)
    return findFault({ path, text: line, imports: [] }, found)
  }

  test.each([
    ['plan/a.ts', "import { b } from '../sql/b.ts'"],
    ['plan/a.ts', "import {\n  b,\n  type C,\n} from './b.ts'"],
    ['index.ts', "export { b } from './facade/b.ts'"],
    ['drivers/mysql2.ts', "import mysql2 from 'mysql2'"],
    ['drivers/mysql2.ts', "  const library = await import('mysql2')"],
    ['facade/a.ts', "import type { Pool } from 'mysql2/promise'"],
    ['orm/a.ts', "import type { Dialect } from 'kysely'"],
    ['merge/a.ts', "import { readFile } from 'node:fs/promises'"],
  ])('lets %s say: %s', (path, line) => {
    expect(faultOf(path, line)).toBeUndefined()
  })

  test.each([
    ['sql/a.ts', "import type { Plan } from '../plan/plan.ts'"],
    ['rewrite/a.ts', "import { b } from '../merge/b.ts'"],
    ['plan/a.ts', "export { b } from '../engine/b.ts'"],
    ['plan/a.ts', "import '../facade/b.ts'"],
    ['plan/a.ts', "import { b } from '../sql/b'"],
    ['pools/a.ts', "import type { Pool } from 'mysql2'"],
    ['facade/a.ts', "import { type Pool } from 'mysql2'"],
    ['pools/a.ts', "  const library = await import('mysql2/promise')"],
    ['pools/a.ts', "  const library = require('libsql')"],
    ['orm/a.ts', "import { sql } from 'drizzle-orm'"],
    ['facade/a.ts', "import type { Dialect } from 'kysely'"],
    ['plan/a.ts', "import { debounce } from 'lodash'"],
  ])('does not let %s say: %s', (path, line) => {
    expect(faultOf(path, line)).toBeDefined()
  })
})
