import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Topology, createSherd } from 'sherd'
import { openLocalServers } from '../lib/local-servers.ts'
import { type Arguments, help, readArguments } from './arguments.ts'
import { type ShopData, readShop } from './data.ts'
import { withFreshCopies } from './keep-fresh.ts'
import { type LoadSteps, librarySteps, loadShop } from './load.ts'
import { reportRows } from './report.ts'
import { showReports } from './run-reports.ts'
import { config as defineLocalShop } from './mariadb.config.ts'
import { copiedTables, createTableSql, shardedTables } from './schema.ts'
import { defineShop, inMemory } from './sherd.config.ts'
import { openShop } from './shop.ts'
import { tourShop } from './tour.ts'

async function runShop(topology: Topology, data: ShopData, steps?: LoadSteps): Promise<void> {
  const sherd = await createSherd(topology)
  try {
    const db = openShop(sherd)
    await loadShop(sherd, db, data, steps ?? librarySteps(sherd))
    const [newPayments, rows] = await withFreshCopies(sherd, async () => {
      const payments = await tourShop(sherd, db, data)
      await showReports(sherd)
      return [payments, await reportRows(sherd, db)] as const
    })
    const added = { customer: 0, rental: 0, payment: newPayments }
    const wrong = shardedTables.filter((table) => rows[table] !== data[table].length + added[table])
    if (wrong.length > 0) throw new Error(`Not every row arrived in ${wrong.join(', ')}.`)
    console.log(
      `Every row has its logical shard, and none is missing: the rows read, and ${newPayments} payment made.`,
    )
  } finally {
    await sherd.close()
  }
}

/** The servers are started, looked at and stopped with the command `sherd`. */
async function runOnMariadb(data: ShopData): Promise<void> {
  const local = await openLocalServers(new URL('mariadb.config.ts', import.meta.url), 4)
  try {
    await writeMigration(local.directory)
    await local.sherd('dev', 'up')
    await runShop(defineLocalShop(), data, {
      makeTables: () => local.sherd('migrate'),
      syncCopies: () => local.sherd('reference', 'sync'),
    })
    await local.sherd('reference', 'verify', '--table', 'film')
    await local.sherd('status')
    const count = 'SELECT COUNT(*) AS rentals FROM rental'
    await local.sherd('exec', '--group', 'shop', '--read-only', '--execute', count)
  } finally {
    await local.close()
  }
}

/** For `sherd migrate`. */
async function writeMigration(directory: string): Promise<void> {
  await mkdir(join(directory, 'migrations'))
  const tables = [...copiedTables, ...shardedTables].map((table) => `${createTableSql(table)};\n`)
  await writeFile(join(directory, 'migrations/0001_tables.sql'), tables.join(''))
}

async function run({ engine, folder }: Arguments): Promise<void> {
  const data = await readShop(folder)
  if (engine === 'mariadb') await runOnMariadb(data)
  else await runShop(defineShop(inMemory), data)
}

function fail(exitCode: number, message: string): void {
  console.error(message)
  process.exitCode = exitCode
}

async function main(): Promise<void> {
  let given: Arguments | 'help'
  try {
    given = readArguments()
  } catch (error) {
    return fail(2, `${messageOf(error)}\n\n${help}`)
  }
  if (given === 'help') return console.log(help)
  try {
    await run(given)
  } catch (error) {
    fail(1, messageOf(error))
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

await main()
