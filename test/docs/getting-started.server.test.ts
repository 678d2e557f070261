import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'
import { joinPrinted, joinProgram } from './code-blocks.ts'
import { readPage } from './covered-pages.ts'
import { type Stage, openStage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
}, 120_000)
// A failed build is reported by itself.
afterAll(() => (stage as Stage | undefined)?.remove())

/** What the last step of the page says: the dialect and the addresses. */
function moveToMariadb(program: string, databaseName: string): string {
  const memory = "{ primary: 'sqlite::memory:' }"
  const replaced: readonly (readonly [string, string])[] = [
    ['import { Kysely, SqliteDialect, sql }', 'import { Kysely, MysqlDialect, sql }'],
    ["import { kyselySqliteDialect } from 'sherd/kysely'\n", ''],
    ['kyselySqliteDialect(sherd, SqliteDialect)', 'new MysqlDialect({ pool: sherd.pool })'],
    [`default: ${memory}`, "default: { primary: process.env['MAIN_DB'] }"],
    [`[${memory}, ${memory}]`, "[{ primary: process.env['DB1'] }, { primary: process.env['DB2'] }]"],
    ["databaseName: 'shop'", `databaseName: '${databaseName}'`],
  ]
  return replaced.reduce((text, [from, to]) => {
    expect(text).toContain(from)
    return text.replace(from, to)
  }, program)
}

test('docs/getting-started.md prints the same on MariaDB with only the dialect and the addresses changed', async () => {
  const [first, second] = inject('sharedSites')
  if (first === undefined || second === undefined) throw new Error('There are two shared servers.')
  const name = uniqueName(import.meta.filename, 'page')
  const shards = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => `${name}_${index}`)
  const page = await readPage('docs/getting-started.md')
  await stage.write('getting-started.ts', moveToMariadb(joinProgram(page), name))
  expect(await stage.compile(['getting-started.ts'])).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  await createDatabases(first, [`${name}_main`])
  try {
    const outcome = await stage.runJavascript('getting-started.js', {
      ...process.env,
      MAIN_DB: `${first.primary.url}${name}_main`,
      DB1: first.primary.url,
      DB2: second.primary.url,
    })
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' })
    expect(outcome.stdout.replaceAll(`${name}_`, 'shop_')).toBe(joinPrinted(page))
  } finally {
    await dropDatabases(first, [`${name}_main`, ...shards])
    await dropDatabases(second, shards)
  }
}, 120_000)
