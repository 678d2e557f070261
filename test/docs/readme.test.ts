import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { joinProgram, listModules, readCodeBlocks } from './code-blocks.ts'
import { fileOf } from './project-files.ts'
import { type Outcome, type Stage, openStage } from './stage.ts'

const pages = [
  'README.md',
  'docs/configuration.md',
  'docs/kysely.md',
  'docs/drizzle.md',
  'docs/locks.md',
  'docs/reference-tables.md',
  'docs/testing.md',
]
let stage: Stage
let compiled: Outcome

const read = (page: string): Promise<string> => readFile(fileOf(page), 'utf8')
/** `docs/kysely.md` gives `kysely`. */
const nameOf = (page: string): string => page.replace('docs/', '').replace('.md', '')

beforeAll(async () => {
  stage = await openStage()
  const files: string[] = []
  for (const page of pages) {
    const text = await read(page)
    for (const [index, code] of [joinProgram(text), ...listModules(text)].entries()) {
      const file = index === 0 ? `${nameOf(page)}.ts` : `${nameOf(page)}-${index}.ts`
      await stage.write(file, code)
      files.push(file)
    }
  }
  compiled = await stage.compile(files)
}, 120_000)

// A failed build is reported by itself.
afterAll(() => (stage as Stage | undefined)?.remove())

describe('README.md', () => {
  it('is shorter than 120 lines', async () => {
    // The last line ends with a line break.
    expect((await read('README.md')).split('\n').length - 1).toBeLessThan(120)
  })

  it('has a program that prints what stands below it', async () => {
    const printed = readCodeBlocks(await read('README.md')).find(({ info }) => info === '')
    const outcome = await stage.runJavascript('README.js')
    expect(outcome).toEqual({ exitCode: 0, stdout: printed?.text, stderr: '' })
  })
})

describe('code blocks of pages for users', () => {
  it('compile under the strictest options', () => {
    expect(compiled).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  it.each(pages.slice(1))('of %s run from the top of the page to its end', async (page) => {
    expect(await stage.runJavascript(`${nameOf(page)}.js`)).toMatchObject({ exitCode: 0, stderr: '' })
  })
})
