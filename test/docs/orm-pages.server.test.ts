import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createDatabases, dropDatabases } from '../servers/databases.ts'
import { joinProgram } from './code-blocks.ts'
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
})
