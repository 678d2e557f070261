import { type Connection, type FieldPacket, createConnection } from 'mysql2/promise'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { reference, sharded } from '../../src/topology/table-kinds.ts'
import { createDatabases, dropDatabases } from '../servers/databases.ts'
import type { SharedSite } from '../servers/global-setup.ts'
import { scatterTables } from './scatter-columns.ts'
import {
  type ScatterRows,
  createScatterTable,
  insertScatterRows,
  makeRows,
  pickOwners,
} from './scatter-data.ts'
import {
  type Ask,
  type ScatterAnswer,
  type ScatterField,
  type ScatterWorld,
  answerWith,
  rowsOfShard,
  shardNumber,
} from './scatter-world.ts'

/** Eight logical shards on two primaries, and one plain database on the first of them. */
export async function openScatterMariadb(
  sites: readonly SharedSite[],
  databaseName: string,
  seed: number,
): Promise<ScatterWorld> {
  const [first] = sites
  if (first === undefined) throw new Error('There are no shared servers.')
  const plainName = `${databaseName}_plain`
  const servers = sites.map(({ primary }) => ({ primary: primary.url }))
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: `${first.primary.url}${plainName}` } },
      shardGroups: { product: { databaseName, logicalShards: 8, servers } },
      tables: {
        things: sharded('product', 'owner'),
        parts: sharded('product', 'owner'),
        colours: reference('product', { copies: 'unmanaged' }),
      },
    }),
  )
  const tables = scatterTables('mysql')
  const owners = pickOwners((owner) => shardNumber(sherd, owner))
  const rows = makeRows(seed, tables, owners)
  const group = sherd.topology.shardGroups.get('product')
  const names: string[][] = sites.map(() => [])
  for (const [index, site] of sites.entries()) {
    const own = (group?.shards ?? []).filter(({ server }) => server === group?.servers[index])
    names[index] = own.map(({ name }) => name)
    await createDatabases(site, names[index] ?? [])
    for (const shard of own) await fill(site, shard.name, rowsOfShard(sherd, rows, shard.index))
  }
  await createDatabases(first, [plainName])
  await fill(first, plainName, rows)
  // Prepared statements count against a limit of the server.
  const plain = await createConnection({
    uri: `${first.primary.url}${plainName}`,
    maxPreparedStatements: 100,
  })
  const pool = sherd.pool.promise()
  return {
    dialect: 'mysql',
    tables,
    owners,
    askSherd: ({ maxConcurrencyPerServer = 4, ...ask }) =>
      sherd.scatter(() => answerOf(pool, ask), { maxConcurrencyPerServer }),
    askPlain: (ask) => answerOf(plain, ask),
    fold: (texts, collation) => fold(plain, texts, collation),
    close: async () => {
      await plain.end()
      await sherd.close()
      for (const [index, site] of sites.entries()) await dropDatabases(site, names[index] ?? [])
      await dropDatabases(first, [plainName])
    },
  }
}

async function fill(site: SharedSite, database: string, rows: ScatterRows): Promise<void> {
  const connection = await createConnection({ uri: `${site.primary.url}${database}` })
  try {
    for (const [table, own] of rows) {
      await connection.query(createScatterTable(table))
      const insert = insertScatterRows(table, own)
      if (insert !== undefined) await connection.query(insert)
    }
  } finally {
    await connection.end()
  }
}

/** What mysql2's connection and sherd's pool have in common; only their types differ. */
type Client = Pick<Connection, 'query' | 'execute'>

async function answerOf(client: object, { sql, values, protocol, options }: Ask): Promise<ScatterAnswer> {
  const asked = { ...options, sql, values: [...values] }
  try {
    const answer = await (protocol === 'query'
      ? (client as Client).query(asked)
      : (client as Client).execute(asked))
    const [rows, fields] = answer as [unknown[], FieldPacket[]] // only SELECTs are sent
    return answerWith(rows, fields.map(describeField), options)
  } catch (error) {
    if (error instanceof SherdError) return { kind: 'refused', code: error.code, message: error.message }
    const { errno, message } = error as { errno?: unknown; message?: unknown }
    return { kind: 'error', code: String(errno), message: String(message) }
  }
}

/** As mysql2's own readers look at it. */
function describeField({
  name,
  table,
  columnType,
  flags,
  decimals,
  characterSet,
}: FieldPacket & { characterSet?: number }): ScatterField {
  const isUnsigned = (Number(flags) & 32) === 0 ? '' : ' unsigned'
  const isText = [15, 249, 250, 251, 252, 253, 254].includes(columnType ?? 0)
  const digits = isText ? '' : ` ${decimals} decimals`
  // TEXT of any length: through which of its temporary tables a row went is the server's own affair.
  const type = isText && (columnType ?? 0) < 253 && columnType !== 15 ? 252 : columnType
  // A known difference: columns of an ordered UNION ALL are of a derived table, which mysql2's fields tell by name.
  const shown = table === 'sherd_rows' ? '' : table
  return { name, table: shown, type: `${type}${isUnsigned}${digits}${characterSet === 63 ? ' bytes' : ''}` }
}

async function fold(
  plain: Connection,
  texts: readonly string[],
  collation: string,
): Promise<ReadonlyMap<string, string>> {
  const charset = collation.split('_')[0] ?? ''
  // Spaces at the end count only where a collation says so; the weights show them always.
  const trim = collation.includes('_nopad_') ? '' : "TRIM(TRAILING ' ' FROM "
  const one = `HEX(WEIGHT_STRING(${trim}CONVERT(? USING ${charset})${trim === '' ? '' : ')'} COLLATE ${collation}))`
  const folded = new Map<string, string>()
  for (const text of texts) {
    const [rows] = await plain.query({ sql: `SELECT ${one}`, values: [text], rowsAsArray: true })
    folded.set(text, String((rows as unknown as string[][])[0]?.[0]))
  }
  return folded
}
