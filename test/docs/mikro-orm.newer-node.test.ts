import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { readFile } from 'node:fs/promises'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'
import { joinProgram } from './code-blocks.ts'
import { fileOf } from './project-files.ts'
import { type Stage, openStage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
}, 120_000)
// A failed build is reported by itself.
afterAll(() => (stage as Stage | undefined)?.remove())

test('the code blocks of docs/mikro-orm.md compile, and run on two servers from the top of the page to its end', async () => {
  const name = uniqueName(import.meta.filename, 'page')
  const program = joinProgram(await readFile(fileOf('docs/mikro-orm.md'), 'utf8'))
  await stage.write('mikro-orm.ts', program.replace("databaseName: 'product'", `databaseName: '${name}'`))
  expect(await stage.compile(['mikro-orm.ts'])).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  const [first, second] = inject('sharedSites')
  if (first === undefined || second === undefined) throw new Error('There are two shared servers.')
  await createDatabases(first, [`${name}_main`])
  await Promise.all(
    [first, second].map((site) =>
      dropDatabases(
        site,
        [0, 1, 2, 3].map((shard) => `${name}_${shard}`),
      ),
    ),
  )
  const env = {
    ...process.env,
    MAIN: `${first.primary.url}${name}_main`,
    DB1: first.primary.url,
    DB2: second.primary.url,
  }
  const outcome = await stage.runJavascript('mikro-orm.js', env)
  expect(outcome).toMatchObject({ exitCode: 0, stderr: '' })
  expect(outcome.stdout).toContain(
    "[ [ 1, 'Euro' ] ]\nSHERD_NO_SHARD_KEY Nothing in the statement fixes user_id",
  )
}, 120_000)
