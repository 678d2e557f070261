import { readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import type { Machine } from './machine.ts'
import type { OrmName, OrmResult } from './orm.ts'

const begin = '<!-- figures of `npm run bench -- orm --pages` -->'
const end = '<!-- end of figures -->'

/** The page in docs/ of each ORM. */
export const ormPages: Readonly<Record<OrmName, string>> = {
  drizzle: 'drizzle',
  kysely: 'kysely',
  typeorm: 'typeorm',
  sequelize: 'sequelize',
  knex: 'knex',
  objection: 'knex',
  'mikro-orm': 'mikro-orm',
  prisma: 'prisma',
}

/** Rewrites what stands between the two marks in the pages of the ORMs that were measured, and gives their paths. */
export function writeFigures(
  results: readonly OrmResult[],
  machine: Machine,
  serverVersion: string,
): readonly string[] {
  return [...new Set(results.map(({ orm }) => ormPages[orm]))].map((page) => {
    const path = new URL(`../docs/${page}.md`, import.meta.url).pathname
    const mine = results.filter(({ orm }) => ormPages[orm] === page)
    const figures = formatFigures(mine, machine, serverVersion, Math.round(loadavg()[0] ?? 0))
    writeFileSync(path, putFigures(readFileSync(path, 'utf8'), figures))
    return path
  })
}

/** The text of a page with other figures. Throws when it has no place for them. */
export function putFigures(page: string, figures: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`The page lacks ${begin} or ${end}.`)
  return `${page.slice(0, from + begin.length)}\n${figures}\n${page.slice(to)}`
}

export function formatFigures(
  results: readonly OrmResult[],
  { date, cores, node, mysql2, commit }: Machine,
  serverVersion: string,
  load: number,
): string {
  const isOne = new Set(results.map(({ orm }) => orm)).size === 1
  const rows = results.map((result) => {
    const name = isOne ? result.operation : `${titleOf(result.orm)}: ${result.operation}`
    const figures = [
      Math.round(result.plainMicroseconds),
      Math.round(result.sherdMicroseconds),
      result.ratio.toFixed(2),
      Math.round(result.plainCpu),
      Math.round(result.sherdCpu),
    ]
    return `| ${[name, ...figures].join(' | ')} |`
  })
  return [
    `${date}, ${cores} cores, MariaDB ${serverVersion.split('-')[0]} on the same machine, Node ${node.slice(1)}, mysql2 ${mysql2}, commit ${commit}; load ${load} at the end of the run.`,
    '',
    '| | plain, µs | sherd, µs | throughput × plain | plain, CPU µs | sherd, CPU µs |',
    '|-|-|-|-|-|-|',
    ...rows,
  ].join('\n')
}

const titleOf = (orm: OrmName): string => orm.charAt(0).toUpperCase() + orm.slice(1)
