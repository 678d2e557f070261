import { readFile } from 'node:fs/promises'
import { readCodeBlocks } from './code-blocks.ts'
import { fileOf, listFiles } from './project-files.ts'

/** Pages whose program needs servers or generated code, and the file in test/docs that compiles and runs it. */
export const pagesOnServers: Readonly<Record<string, string>> = {
  'docs/ids.md': 'orm-pages.server.test.ts',
  'docs/knex.md': 'orm-pages.server.test.ts',
  'docs/mikro-orm.md': 'mikro-orm.newer-node.test.ts',
  'docs/prisma.md': 'prisma.server.test.ts',
  'docs/sequelize.md': 'orm-pages.server.test.ts',
  'docs/typeorm.md': 'orm-pages.server.test.ts',
}

/** What may stand behind a fence. Another word would be code that nothing compiles. */
export const knownInfos: ReadonlySet<string> = new Set([
  '',
  'js',
  'json',
  'prisma',
  'sh',
  'sql',
  'text',
  'text printed',
  'ts',
  'ts alone',
])

/** The README and every page of docs/. */
export async function listUserPages(): Promise<readonly string[]> {
  const docs = await listFiles('docs')
  return ['README.md', ...docs.filter((path) => path.endsWith('.md'))]
}

/** Pages with TypeScript that needs no server: all of them, so that a new page is covered without being listed. */
export async function listPagesWithoutServers(): Promise<readonly string[]> {
  const pages = (await listUserPages()).filter((page) => !Object.hasOwn(pagesOnServers, page))
  const texts = await Promise.all(pages.map(readPage))
  return pages.filter((_, index) =>
    readCodeBlocks(texts[index] ?? '').some(({ info }) => info.startsWith('ts')),
  )
}

export function readPage(page: string): Promise<string> {
  return readFile(fileOf(page), 'utf8')
}
