import { type Contents, allTables } from './shop.ts'
import { type Answer, type World, dealRows } from './world.ts'

/** What differs between the two answers, in one sentence; undefined when nothing does. */
export function differenceOf(
  sql: string,
  sherd: Answer,
  plain: Answer,
  isOrdered: boolean,
): string | undefined {
  if (sherd.kind === 'refused') return undefined
  if (sherd.kind !== plain.kind) return `sherd gave ${brief(sherd)}, the plain database ${brief(plain)}`
  if (sherd.kind === 'error' && plain.kind === 'error')
    return sherd.code === plain.code || isLostCte(sql, sherd, plain)
      ? undefined
      : `sherd gave ${brief(sherd)}, the plain database ${brief(plain)}`
  if (sherd.kind === 'write' && plain.kind === 'write')
    return sherd.affectedRows === plain.affectedRows
      ? undefined
      : `sherd wrote ${sherd.affectedRows} rows, the plain database ${plain.affectedRows}`
  if (sherd.kind !== 'rows' || plain.kind !== 'rows') return undefined
  const left = sherd.rows.map(writeRow)
  const right = plain.rows.map(writeRow)
  const [one, other] = isOrdered ? [left, right] : [left.toSorted(), right.toSorted()]
  return one.join('\n') === other.join('\n')
    ? undefined
    : `rows differ: ${brief(sherd)} against ${brief(plain)}`
}

type Failure = Extract<Answer, { kind: 'error' }>

/**
 * A WITH inside of another WITH: MariaDB 10.11 loses the outer CTEs in it and looks for a table of that name.
 * 1146 where a database is selected, 1046 on sherd's connections, which have none. Any other 1046 would be
 * a table that went out without its database.
 */
function isLostCte(sql: string, sherd: Failure, plain: Failure): boolean {
  if (sherd.code !== '1046' || plain.code !== '1146') return false
  const missing = /Table '\w+\.(\w+)' doesn't exist/u.exec(plain.message)?.[1]
  if (missing === undefined || allTables.some(({ name }) => name === missing)) return false
  const isCte = new RegExp(`\\b${missing}(?: \\([^()]*\\))? AS \\(`, 'u').test(sql)
  return isCte && (sql.match(/\bWITH (?!ROLLUP)/gu) ?? []).length > 1
}

export function brief(answer: Answer): string {
  switch (answer.kind) {
    case 'rows':
      return `${answer.rows.length} rows [${answer.rows.slice(0, 12).map(writeRow).join(' ')}]`
    case 'write':
      return `${answer.affectedRows} rows written`
    case 'error':
      return `the error ${answer.code} (${answer.message})`
    case 'refused':
      return `the refusal ${answer.code}`
  }
}

/** A row as text. Numbers of one value are equal however the engine types them. */
export function writeRow(row: readonly unknown[]): string {
  return JSON.stringify(row.map(writeValue))
}

function writeValue(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  return value instanceof Uint8Array ? `x${Buffer.from(value).toString('hex')}` : value
}

/** What the tables of the shards hold now, against what they should. */
export interface TableDifference {
  readonly difference: string | undefined
  /** Tables that are not as at the beginning, by shard. */
  readonly changed: ReadonlyMap<string, readonly string[]>
}

/**
 * Compares all tables of all shards with the rows of the plain database, each in its key's place. With `only`
 * the plain database had the rows of that shard alone, and all others must be as they were.
 */
export async function differenceInTables(
  world: World,
  plain: Contents,
  only: string | undefined,
): Promise<TableDifference> {
  const shards = await world.readShards()
  const dealt = dealRows(world.sherd, plain)
  const changed = new Map<string, readonly string[]>()
  let difference: string | undefined
  for (const [shard, contents] of shards) {
    const tables: string[] = []
    for (const { name, isSharded } of allTables) {
      const before = world.shards.get(shard)?.[name] ?? []
      const kept = only === undefined || only === shard || !isSharded ? [] : before
      const ought = textOf([...kept, ...(dealt.get(shard)?.[name] ?? [])])
      const is = textOf(contents[name] ?? [])
      if (is !== textOf(before)) tables.push(name)
      if (is !== ought)
        difference ??= `afterwards ${name} on ${shard} holds\n${is}\n  and should hold\n${ought}`
    }
    if (tables.length > 0) changed.set(shard, tables)
  }
  return { difference, changed }
}

function textOf(rows: readonly (readonly unknown[])[]): string {
  return rows.map(writeRow).toSorted().join('\n')
}
