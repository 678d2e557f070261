import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { joinPrinted, joinProgram, listModules, readCodeBlocks } from './code-blocks.ts'
import {
  knownInfos,
  listPagesWithoutServers,
  listUserPages,
  pagesOnServers,
  readPage,
} from './covered-pages.ts'
import { type Outcome, type Stage, openStage } from './stage.ts'

const pages = await listPagesWithoutServers()
const programs = new Map(
  await Promise.all(pages.map(async (page) => [page, joinProgram(await readPage(page))] as const)),
)
let stage: Stage
let compiled: Outcome

/** `docs/kysely.md` gives `page-kysely`. */
const nameOf = (page: string): string => `page-${page.replace('docs/', '').replaceAll('/', '-').slice(0, -3)}`

beforeAll(async () => {
  stage = await openStage()
  // What `ts alone` blocks import as the config of the reader's project.
  const config = "import { defineConfig } from 'sherd'\n\nexport default defineConfig({})\n"
  await stage.write('sherd.config.ts', config)
  const files = ['sherd.config.ts']
  for (const page of pages) {
    const text = await readPage(page)
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
    expect((await readPage('README.md')).split('\n').length - 1).toBeLessThan(120)
  })
})

describe('code blocks of pages for users', () => {
  it('compile under the strictest options', () => {
    expect(compiled).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  const running = pages.filter((page) => programs.get(page) !== '')
  it.each(running)(
    'of %s run from top to end, and print what the page shows',
    async (page) => {
      const outcome = await stage.runJavascript(`${nameOf(page)}.js`)
      expect(outcome).toMatchObject({ exitCode: 0, stderr: '' })
      const printed = joinPrinted(await readPage(page))
      if (printed !== undefined) expect(outcome.stdout).toBe(printed)
    },
    60_000,
  )

  it.each(Object.entries(pagesOnServers))('of %s are run by test/docs/%s', async (page, file) => {
    const name = page.replace('docs/', '').replace('.md', '')
    expect(await readPage(`test/docs/${file}`)).toMatch(new RegExp(`['/]${name}(?:\\.md)?'`))
    expect(joinProgram(await readPage(page))).not.toBe('')
  })

  it('say what they are by a word that the tests know', async () => {
    const unknown = await Promise.all(
      (await listUserPages()).map(async (page) => {
        const text = await readPage(page)
        const infos = readCodeBlocks(text).map(({ info }) => info)
        // A fence that is indented, or never closed, would hide its code from all other tests.
        const fences = [...text.matchAll(/^\s*(?:```|~~~)/gm)].length
        const odd = fences === 2 * infos.length ? [] : ['a fence that is not read']
        return [...odd, ...infos.filter((info) => !knownInfos.has(info))].map((info) => `${page}: ${info}`)
      }),
    )
    expect(unknown.flat()).toEqual([])
  })
})
