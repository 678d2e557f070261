import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createDatabases, dropDatabases } from '../servers/databases.ts'
import { joinProgram, listModules } from './code-blocks.ts'
import { fileOf } from './project-files.ts'
import { openStage, type Stage } from './stage.ts'

const pages = ['typeorm', 'sequelize', 'knex', 'ids']
let stage: Stage
beforeAll(async () => {
  stage = await openStage()
}, 120_000)
// A failed build is reported by itself.
afterAll(() => (stage as Stage | undefined)?.remove())

describe('pages that need servers', () => {
  it.each(pages)('docs/%s.md compiles under the strictest options and runs from top to end', async (page) => {
    const [first, second] = inject('sharedSites')
    if (first === undefined || second === undefined) throw new Error('There are no shared servers.')
    const [main, logical] = [`${page}_page_main`, [0, 1, 2, 3].map((index) => `${page}_page_${index}`)]
    await createDatabases(first, [main])
    await Promise.all([first, second].map((site) => dropDatabases(site, logical)))
    await stage.write(`${page}.ts`, joinProgram(await readFile(fileOf(`docs/${page}.md`), 'utf8')))
    // Decorators of TypeORM are those of TypeScript before the standard.
    const options = page === 'typeorm' ? { experimentalDecorators: true } : {}
    expect(await stage.compile([`${page}.ts`], options)).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    const environment = {
      ...process.env,
      META_URL: `${first.primary.url}${main}`,
      DB1: first.primary.url,
      DB2: second.primary.url,
    }
    const outcome = await stage.runJavascript(`${page}.js`, environment)
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('docs/drizzle.md has a migrator that makes the tables of drizzle-kit on two servers', async () => {
    const [first, second] = inject('sharedSites')
    if (first === undefined || second === undefined) throw new Error('There are no shared servers.')
    const logical = [0, 1, 2, 3].map((index) => `drizzle_page_${index}`)
    await createDatabases(first, ['drizzle_page_main'])
    await Promise.all([first, second].map((site) => dropDatabases(site, logical)))
    const page = await readFile(fileOf('docs/drizzle.md'), 'utf8')
    const migrator = listModules(page).find((text) => text.includes('migrateShards')) ?? ''
    await stage.write('migrate-shards.ts', migrator)
    // The folder that the page names, and its tables.
    await cp(fileOf('examples/drizzle/migrations'), join(stage.directory, 'drizzle'), { recursive: true })
    await stage.write('drizzle.ts', drizzleProgram)
    expect(await stage.compile(['drizzle.ts'])).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    const main = `${first.primary.url}drizzle_page_main`
    const environment = { ...process.env, MAIN: main, DB1: first.primary.url, DB2: second.primary.url }
    expect(await stage.runJavascript('drizzle.js', environment)).toEqual({
      exitCode: 0,
      stdout: logical.map((name) => `${name} 0\n`).join(''),
      stderr: '',
    })
  })
})

/** Migrates twice, which is once, and reads the empty tables of each logical shard. */
const drizzleProgram = `
import { int, mysqlTable } from 'drizzle-orm/mysql-core'
import { drizzle } from 'drizzle-orm/mysql2'
import { createSherd, defineConfig } from 'sherd'
import { sharded } from 'sherd/drizzle'
import { migrateShards } from './migrate-shards.ts'

const servers = [{ primary: process.env['DB1'] }, { primary: process.env['DB2'] }]
const customerId = () => ({ customerId: int('customer_id').notNull() })
const tables = [mysqlTable('orders', customerId()), mysqlTable('order_items', customerId())]
const sherd = await createSherd(
  defineConfig({
    databases: { default: { primary: process.env['MAIN'] } },
    shardGroups: { product: { databaseName: 'drizzle_page', logicalShards: 4, servers } },
    tables: tables.map((table) => sharded(table, { group: 'product', key: 'customerId' })),
  }),
)
await sherd.createDatabases()
const db = drizzle({ client: sherd.pool, schema: {}, mode: 'planetscale' })
await migrateShards(db)
await migrateShards(db)
for (const { name } of sherd.topology.shardGroups.get('product')?.shards ?? []) {
  const [rows] = await sherd.onShard(name, () => sherd.pool.promise().query('SELECT id, product FROM orders JOIN order_items USING (customer_id)'))
  console.log(name, (rows as object[]).length)
}
await sherd.close()
`
