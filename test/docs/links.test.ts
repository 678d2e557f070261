import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileOf, listFiles, listPages } from './project-files.ts'

const pages = await listPages()

/** Where a page links to inside the project, with the heading or anchor behind `#`. */
function readLinks(page: string): readonly (readonly [path: string, anchor: string | undefined])[] {
  return [...page.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#')
      return [path, anchor]
    })
}

/** GitHub's anchors of headings, and those written by hand. */
function readAnchors(page: string): readonly string[] {
  const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
  return [...headings, ...[...page.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)]
}

describe('links', () => {
  it.each(pages)('of %s lead to files and headings that exist', async (page) => {
    const broken: string[] = []
    for (const [path, anchor] of readLinks(await readFile(fileOf(page), 'utf8'))) {
      const file = path === '' ? fileOf(page) : join(dirname(fileOf(page)), path)
      if (!existsSync(file)) broken.push(path)
      else if (anchor !== undefined && !readAnchors(await readFile(file, 'utf8')).includes(anchor))
        broken.push(`${path}#${anchor}`)
    }
    expect(broken).toEqual([])
  })

  it('lead from the life of a statement to the corridor and all the rooms it passes', async () => {
    const linked = readLinks(await readFile(fileOf('docs/life-of-a-statement.md'), 'utf8')).map(
      ([path]) => path,
    )
    expect(linked).toContain('../src/engine/run-statement.ts')
    for (const room of [
      'facade',
      'session',
      'sql',
      'plan',
      'keys',
      'routing',
      'rewrite',
      'engine',
      'pools',
      'drivers',
      'merge',
    ]) {
      expect(
        linked.some((path) => path.startsWith(`../src/${room}/`)),
        room,
      ).toBe(true)
    }
  })

  it('lead from the README to every page of docs/ but the decisions, which have a folder', async () => {
    const linked = readLinks(await readFile(fileOf('README.md'), 'utf8')).map(([path]) => path)
    const docs = (await listFiles('docs')).filter((path) => !path.startsWith('docs/decisions/'))
    expect(docs.filter((path) => !linked.includes(path))).toEqual([])
  })
})
