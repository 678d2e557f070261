import { describe, expect, it } from 'vitest'
import { isOrmName } from '../../bench/orm.ts'
import { formatFigures, ormPages, putFigures } from '../../bench/orm-pages.ts'
import { readPage } from './covered-pages.ts'

const headings = [
  'Declare',
  'Connect',
  'Migrations',
  'Ids',
  'Read and write',
  'Relations',
  'Transactions',
  'What is refused and what to do',
  'Measured overhead',
]
const machine = {
  date: '2026-01-01',
  cpu: 'a processor',
  cores: 2,
  node: 'v24.1.0',
  mysql2: '3.24.6',
  commit: 'abcdef0',
}
const figures = { plainMicroseconds: 100.4, sherdMicroseconds: 105, ratio: 0.956, cpuAbove: 2 }

describe('pages of ORMs', () => {
  it.each(Object.values(ormPages))(
    'docs/%s.md has the headings of all others, in their order',
    async (page) => {
      const found = (await readPage(`docs/${page}.md`)).matchAll(/^## (.+)$/gm)
      expect([...found].map(([, heading]) => heading)).toEqual(headings)
    },
  )

  it.each(Object.keys(ormPages).filter(isOrmName))('have measured figures of %s', async (orm) => {
    const page = await readPage(`docs/${ormPages[orm]}.md`)
    const overhead = page.slice(page.indexOf('## Measured overhead'))
    for (const operation of ['select of a row', 'insert of a row', 'transaction of 3', 'page with a join'])
      expect(overhead).toContain(operation)
  })

  it('get the figures of a run between their marks, and nothing else of them changes', async () => {
    const page = await readPage('docs/kysely.md')
    const result = {
      orm: 'kysely',
      operation: 'insert of a row',
      plainCpu: 60,
      sherdCpu: 62,
      ...figures,
    } as const
    const written = putFigures(page, formatFigures([result], machine, '10.11.19-MariaDB-log', 3))
    expect(written).toContain('\n| insert of a row | 100 | 105 | 0.96 | 60 | 62 |\n')
    expect(written).toContain('2026-01-01, 2 cores, MariaDB 10.11.19 on the same machine, Node 24.1.0')
    expect(putFigures(written, formatFigures([result], machine, '10.11.19-MariaDB-log', 3))).toBe(written)
    expect(written).toContain('commit abcdef0; load 3 at the end of the run.')
    expect(written.slice(0, 1000)).toBe(page.slice(0, 1000))
    expect(() => putFigures('A page without marks.', '')).toThrow('lacks')
  })
})
