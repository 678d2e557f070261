import { chmod, mkdir, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'
import { joinProgram, listModules, readCodeBlocks } from './code-blocks.ts'
import { fileOf } from './project-files.ts'
import { type Stage, openStage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
}, 120_000)
// A failed build is reported by itself.
afterAll(() => (stage as Stage | undefined)?.remove())

/** The two generators of the page write into the stage; npm would have put the program of sherd's into the path. */
async function generate(page: string): Promise<void> {
  const schema = readCodeBlocks(page).find(({ info }) => info === 'prisma')?.text ?? ''
  const program = `${process.execPath} ${join(stage.directory, 'dist/orm/prisma-generator.js')}`
  await stage.write('schema.prisma', schema.replace('"sherd-prisma"', JSON.stringify(program)))
  await stage.generatePrisma('schema.prisma')
}

/**
 * A program that calls the page's script, and an `npx` in place of the schema engine, which Prisma would download: it goes to the database it is
 * given and says which one that is, or fails at the one of STOP_AT.
 */
async function writeMigration(name: string): Promise<void> {
  const engine = `#!${process.execPath}
    import { createConnection } from 'mysql2/promise'
    const connection = await createConnection(process.env.DATABASE_URL)
    const [[row]] = await connection.query('SELECT DATABASE() AS name')
    await connection.end()
    if (row.name === process.env.STOP_AT) process.exit(1)
    if (process.argv.slice(2).join(' ') === 'prisma migrate deploy') console.log(row.name)`
  await stage.write('npx', engine)
  await chmod(join(stage.directory, 'npx'), 0o755)
  await stage.write(
    'migrate.js',
    `import { defineConfig } from 'sherd'
    import { migrateGroup } from './prisma-0.js'
    const servers = [{ primary: process.env.DB1 }, { primary: process.env.DB2 }]
    const databases = { default: { primary: process.env.MAIN } }
    const product = { databaseName: '${name}', logicalShards: 4, servers }
    migrateGroup(defineConfig({ databases, shardGroups: { product }, tables: {} }), 'product')`,
  )
}

test('the code blocks of docs/prisma.md generate, compile, and run on two servers from the top of the page to its end; its script migrates each logical database', async () => {
  const name = uniqueName(import.meta.filename, 'page')
  const page = await readFile(fileOf('docs/prisma.md'), 'utf8')
  await generate(page)
  const folder = 'prisma/migrations/20251123000000_orders'
  await mkdir(join(stage.directory, folder), { recursive: true })
  const migration = readCodeBlocks(page).find(({ info }) => info === 'sql')?.text ?? ''
  await stage.write(`${folder}/migration.sql`, migration)
  const program = joinProgram(page).replace("databaseName: 'product'", `databaseName: '${name}'`)
  await stage.write('prisma.ts', program)
  const modules = listModules(page).map((_, index) => `prisma-${index}.ts`)
  for (const [index, text] of listModules(page).entries()) await stage.write(modules[index] ?? '', text)
  const compiled = await stage.compile(['prisma.ts', ...modules])
  expect(compiled).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  const [first, second] = inject('sharedSites')
  if (first === undefined || second === undefined) throw new Error('There are two shared servers.')
  await createDatabases(first, [`${name}_main`])
  const logical = [0, 1, 2, 3].map((shard) => `${name}_${shard}`)
  await Promise.all([first, second].map((site) => dropDatabases(site, logical)))
  const env = {
    ...process.env,
    MAIN: `${first.primary.url}${name}_main`,
    DB1: first.primary.url,
    DB2: second.primary.url,
  }
  expect(await stage.runJavascript('prisma.js', env)).toEqual({
    exitCode: 0,
    stdout: "[ '1 Euro' ]\nSHERD_NO_SHARD_KEY\n",
    stderr: '',
  })
  await writeMigration(name)
  const PATH = `${stage.directory}${delimiter}${process.env['PATH']}`
  const migrated = await stage.runJavascript('migrate.js', { ...env, PATH, STOP_AT: '' })
  expect(migrated.stdout).toBe(logical.map((database) => `${database}\n`).join(''))
  const stopped = await stage.runJavascript('migrate.js', { ...env, PATH, STOP_AT: `${name}_2` })
  expect(stopped.stdout).toBe(
    logical
      .slice(0, 2)
      .map((database) => `${database}\n`)
      .join(''),
  )
  expect(stopped.stderr).toContain(`prisma migrate deploy failed on ${name}_2; those before it are done.`)
}, 120_000)
