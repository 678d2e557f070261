import { readCases } from '../../test/plans/golden-files.ts'
import { groupBy, makeTable, showSql, showText } from './markdown.ts'

/** A golden case of a second plan with what the page shows of it. */
interface ScatterCase {
  readonly comment: string
  readonly sql: string
  /** Empty when it is refused. */
  readonly how: string
  readonly reason: string
  readonly remedy: string
}

interface CompactScatter {
  readonly kind?: string
  readonly sort?: string
  readonly assumes?: string
  readonly message?: string
  readonly remedy?: string
}

const rowsOfHow = 3

const about = `Where \`sherd.scatter(fn)\`, the hint \`/* sherd: scatter */\` or the table's policy allows it, a read whose key does not lead
to one shard is asked of all shards, or of those of its keys. Its tables must be put together by their keys. Rows are put
in order by what the servers themselves compare; everything else is computed by a server in one last statement.`

const aboutBroadcast = `An UPDATE or DELETE without the key runs on every shard, with a permission of its own.`

/** The section on statements over several shards. */
export function showScatters(): readonly string[] {
  const merged = [...read('scatter.json'), ...read('sqlite-scatter.json', 'SQLite: ')]
  const refused = [...read('scatter-refused.json'), ...read('sqlite-scatter-refused.json', 'SQLite: ')]
  return [
    about,
    '',
    ...showMerged(merged),
    '',
    '### Not merged',
    '',
    'Refused with `SHERD_SCATTER_SHAPE`.',
    '',
    ...showRefused(refused),
    '',
    '### Writes on every shard',
    '',
    aboutBroadcast,
    '',
    ...showMerged(read('broadcast.json')),
    '',
    ...showRefused(read('broadcast-refused.json')),
  ]
}

function showMerged(cases: readonly ScatterCase[]): readonly string[] {
  const groups = [...groupBy(cases, ({ how }) => how)]
  const rows = groups.flatMap(([how, group]) =>
    group.slice(0, rowsOfHow).map(({ comment, sql }) => [showText(comment), showSql(sql), how]),
  )
  const more = groups.flatMap(([how, group]) => {
    const rest = group.slice(rowsOfHow).map(({ comment, sql }) => `${showText(comment)} (${showSql(sql)})`)
    return rest.length === 0 ? [] : [`- ${how}, also: ${rest.join('; ')}`]
  })
  return [...makeTable(['', 'Statement', 'Merged'], rows), ...(more.length === 0 ? [] : ['', ...more])]
}

function showRefused(cases: readonly ScatterCase[]): readonly string[] {
  const rows = [...groupBy(cases, ({ remedy }) => remedy)].map(([remedy, group]) => [
    group.map(({ comment }) => showText(comment)).join('; '),
    showSql(group[0]?.sql ?? ''),
    showText(group[0]?.reason ?? ''),
    showText(remedy),
  ])
  return makeTable(['Refused', 'First of them', 'Its reason', 'Way out'], rows)
}

function read(file: string, before = ''): readonly ScatterCase[] {
  return readCases(file).map(({ comment, sql, plan }) => {
    // The golden files hold what compactScatter gave.
    const { kind = '', sort, assumes, message = '', remedy = '' } = plan as CompactScatter
    const reason = message.replace(/^.* because of /u, '')
    return { comment: `${before}${comment}`, sql, how: describe(kind, sort, assumes), reason, remedy }
  })
}

function describe(kind: string, sort: string | undefined, assumes: string | undefined): string {
  if (kind === 'rows')
    return sort === undefined ? 'rows of each shard, in any order' : 'rows of each shard, put in order'
  if (kind === 'broadcast') return 'as written, on every shard'
  return assumes === undefined
    ? 'computed from what each shard gives'
    : 'computed, unless a table has a column of that name'
}
