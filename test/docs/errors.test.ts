import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { errorRegistry } from '../../src/errors/registry.ts'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { listCodes, writeErrorsPage } from './errors-page.ts'
import { fileOf, listFiles } from './project-files.ts'

const text = writeErrorsPage()
const codes = listCodes()

/** Codes in a text; `SHERD_SQL_`, the beginning of several, is none. */
function findCodes(source: string): readonly string[] {
  return source.match(/\bSHERD(?:_[A-Z]+)+(?![A-Z_])/g) ?? []
}

async function readSources(): Promise<string> {
  const files = (await listFiles('src')).filter((file) => !file.endsWith('/errors/registry.ts'))
  return (await Promise.all(files.map((file) => readFile(fileOf(file), 'utf8')))).join('\n')
}

describe('docs/errors.md', () => {
  // The page changes only by flag: npx vitest run --project unit test/docs/errors -u
  it('is what the registry says, word for word', async () => {
    await expect(text).toMatchFileSnapshot(fileOf('docs/errors.md'))
  })

  it('has a heading for each code of the registry and none for another', () => {
    const headings = [...text.matchAll(/^### (\S+)$/gm)].map(([, code]) => code)
    expect(new Set(headings)).toEqual(new Set(codes))
    expect(headings.length).toBe(codes.length)
    expect(new Set(findCodes(text))).toEqual(new Set(codes))
  })

  it('says the short text and the remedy of each code', () => {
    for (const code of codes) {
      const part = text.split(`### ${code}\n`)[1]?.split('\n### ')[0]
      expect(part, code).toContain(errorRegistry[code].short)
      expect(part, code).toContain(errorRegistry[code].remedy)
    }
  })

  it('has the anchor that each error links to', () => {
    const links = codes.map((code) => new SherdError(code, { message: '' }).docs)
    for (const link of links) {
      const [path, anchor] = link.split('#')
      expect(path).toBe('docs/errors.md')
      expect(text).toContain(`<a id="${anchor}"></a>`)
    }
    expect(new Set(links).size).toBe(codes.length)
  })
})

describe('the registry of errors', () => {
  it('has every code that the sources raise, and none that they never do', async () => {
    const used = new Set(findCodes(await readSources()))
    expect([...used].filter((code) => !Object.hasOwn(errorRegistry, code))).toEqual([])
    expect(codes.filter((code) => !used.has(code))).toEqual([])
  })

  it('gives each code a heading of its own, a reason and a remedy that are sentences', () => {
    expect(new Set(codes.map((code) => errorRegistry[code].short)).size).toBe(codes.length)
    for (const code of codes) {
      const { short, long, remedy } = errorRegistry[code]
      expect(short, code).not.toMatch(/\.$/)
      expect(long, code).toMatch(/\.$/)
      expect(remedy, code).toMatch(/[.…]$/)
    }
  })
})
