import { createSherd } from 'sherd'
import { startServers } from 'sherd/testing'
import { type Arguments, help, readArguments } from './arguments.ts'
import { type ShopData, readShop } from './data.ts'
import { withFreshCopies } from './keep-fresh.ts'
import { loadShop } from './load.ts'
import { reportRows } from './report.ts'
import { showReports } from './run-reports.ts'
import { shardedTables } from './schema.ts'
import { type Places, defineShop, inMemory } from './sherd.config.ts'
import { openShop } from './shop.ts'
import { tourShop } from './tour.ts'

async function runShop(places: Places, data: ShopData): Promise<void> {
  const sherd = await createSherd(defineShop(places))
  try {
    const db = openShop(sherd)
    await loadShop(sherd, db, data)
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

async function runOnMariadb(data: ShopData): Promise<void> {
  const set = await startServers({ primaries: 2, replicasPerPrimary: 1 })
  try {
    const servers = set.servers.map(({ primary, replicas }) => ({
      primary: primary.url(),
      replicas: replicas.map((replica) => replica.url()),
    }))
    const [first] = set.servers
    if (first === undefined) throw new Error('No server was started.')
    await first.primary.query('CREATE DATABASE shop_main CHARACTER SET utf8mb4')
    await runShop({ main: { primary: first.primary.url('shop_main') }, servers }, data)
  } finally {
    await set.stop()
  }
}

async function run({ engine, folder }: Arguments): Promise<void> {
  const data = await readShop(folder)
  if (engine === 'mariadb') await runOnMariadb(data)
  else await runShop(inMemory, data)
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
