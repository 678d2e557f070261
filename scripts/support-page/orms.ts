import { groupBy, makeTable, showSql, showText } from './markdown.ts'
import type { SupportCase } from './outcomes.ts'
import { wayOut } from './statements.ts'

type Orms = ReadonlyMap<string, readonly SupportCase[]>

const names: Readonly<Record<string, string>> = {
  'drizzle-mysql': 'Drizzle',
  'knex-mysql': 'Knex',
  'kysely-mysql': 'Kysely',
  'kysely-sqlite': 'Kysely on SQLite',
  'mikro-mariadb': 'MikroORM',
  'prisma-mysql': 'Prisma',
  'sequelize-mysql': 'Sequelize',
  'typeorm-mysql': 'TypeORM',
}
const outcomes = ['direct', 'subset', 'broadcast', 'passthrough', 'session', 'scope', 'refuse'] as const

/** How many of each ORM's statements have each outcome. */
export function countOutcomes(orms: Orms): readonly string[] {
  const rows = [...orms].map(([orm, cases]) => [
    names[orm] ?? orm,
    String(cases.length),
    ...outcomes.map((outcome) => String(cases.filter((one) => one.outcome === outcome).length)),
  ])
  return makeTable(
    ['ORM', 'statements', ...outcomes.map((name) => (name === 'scope' ? 'in a scope' : name))],
    rows,
  )
}

/** What needs a scope, by the code of the refusal outside one, over all ORMs. */
export function showScoped(orms: Orms): readonly string[] {
  const cases = [...orms.values()].flat().filter(({ outcome }) => outcome === 'scope')
  const rows = [...groupBy(cases, ({ code }) => code)].map(([code, group]) => [
    `\`${code}\``,
    String(group.length),
    showSql(shortest(group)),
    showText(wayOut(code)),
  ])
  return makeTable(['Outside a scope', 'statements', 'Shortest', 'What to do'], rows)
}

/** The refused shapes, with the ORMs that sent them and the advice of their comments. */
export function showRefused(orms: Orms): readonly string[] {
  const refused = [...orms].flatMap(([orm, cases]) =>
    cases.filter(({ outcome }) => outcome === 'refuse').map((one) => ({ orm, ...one })),
  )
  const groups = groupBy(refused, ({ code, comment }) => `${code} ${comment}`).values()
  const rows = [...groups].map((group) => [
    [...groupBy(group, ({ orm }) => orm)]
      .map(([orm, own]) => `${names[orm] ?? orm} ${own.length}`)
      .join(', '),
    `\`${group[0]?.code ?? ''}\``,
    showSql(shortest(group)),
    showText(adviceOf(group[0])),
  ])
  const byCode = rows.toSorted((left, right) => (left[1] ?? '').localeCompare(right[1] ?? '', 'en'))
  return makeTable(['ORM and statements', 'Code', 'Shortest', 'What to do'], byCode)
}

function adviceOf(one: SupportCase | undefined): string {
  if (one === undefined) return ''
  return one.comment === '' ? wayOut(one.code) : one.comment
}

function shortest(cases: readonly SupportCase[]): string {
  return cases.map(({ sql }) => sql).reduce((left, right) => (right.length < left.length ? right : left))
}
