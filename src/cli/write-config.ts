import { defineConfig } from '../topology/define-config.ts'
import { sharded } from '../topology/table-kinds.ts'

/** What `sherd init` knows of a config that is to be written. */
export interface ConfigChoices {
  /** The variable with the URL of the unsharded database; absent: there is none. */
  readonly databaseVariable?: string
  readonly group: string
  readonly logicalShards: number
  /** The variables with the URLs of the servers of the group. */
  readonly serverVariables: readonly string[]
  /** The first sharded tables. */
  readonly tables: readonly { readonly table: string; readonly key: string }[]
}

/** The variables of the environment for a group's servers: `PRODUCT_SERVER_0_URL` … */
export function nameServerVariables(group: string, servers: number): readonly string[] {
  return Array.from({ length: servers }, (_, index) => `${group.toUpperCase()}_SERVER_${index}_URL`)
}

/** Holds the choices against the rules of a config, with `databaseUrl` for the database. Throws SHERD_CONFIG. */
export function checkChoices(choices: ConfigChoices, databaseUrl: string | undefined): void {
  const { group, logicalShards, serverVariables, tables } = choices
  const isSqlite = databaseUrl?.startsWith('sqlite:') === true
  defineConfig({
    ...(databaseUrl === undefined ? {} : { databases: { default: { primary: databaseUrl } } }),
    shardGroups: {
      [group]: {
        databaseName: group,
        logicalShards,
        servers: serverVariables.map((_, index) => ({
          primary: isSqlite ? `sqlite:./server-${index}` : `mysql://app@server-${index}/`,
        })),
      },
    },
    tables: tables.map(({ table, key }) => ({ [table]: sharded(group, key) })),
  })
}

/** The text of a config in TypeScript. URLs stay in the environment, so that no password is in it. */
export function writeConfig(choices: ConfigChoices): string {
  const { databaseVariable, group, logicalShards, serverVariables, tables } = choices
  const servers = serverVariables.map((name) => `        { primary: ${readVariable(name)} },`)
  const declared = tables.map(
    ({ table, key }) => `    ${propertyOf(table)}: sharded(${quote(group)}, ${quote(key)}),`,
  )
  const example = '    // orders: sharded(…, …) with its shard group and the column that is its shard key'
  return `${[
    `import { defineConfig${tables.length === 0 ? '' : ', sharded'} } from 'sherd'`,
    '',
    'export default defineConfig({',
    ...(databaseVariable === undefined
      ? []
      : [
          '  // Tables that are not declared below stay here, untouched.',
          '  databases: {',
          `    default: { primary: ${readVariable(databaseVariable)} },`,
          '  },',
        ]),
    '  shardGroups: {',
    `    ${propertyOf(group)}: {`,
    `      databaseName: ${quote(group)},`,
    '      // Chosen once: another number moves keys. Servers can be added later, as long as there are fewer of them.',
    `      logicalShards: ${logicalShards},`,
    '      servers: [',
    ...servers,
    '      ],',
    '    },',
    '  },',
    '  tables: {',
    ...(tables.length === 0 ? [example] : declared),
    '  },',
    '})',
  ].join('\n')}\n`
}

function readVariable(name: string): string {
  return `process.env[${quote(name)}]`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function propertyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/u.test(name) ? name : quote(name)
}
