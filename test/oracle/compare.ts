import { type Contents, allTables } from './shop.ts'
import type { Answer, World } from './world.ts'
import { dealRows } from './world.ts'

/** What differs between the two answers, in one sentence; undefined when nothing does. */
export function differenceOf(sherd: Answer, plain: Answer, isOrdered: boolean): string | undefined {
  if (sherd.kind === 'refused') return undefined
  if (sherd.kind !== plain.kind) return `sherd gave ${brief(sherd)}, the plain database ${brief(plain)}`
  if (sherd.kind === 'error' && plain.kind === 'error')
    return sherd.code === plain.code || isMissingTable(sherd.code, plain.code)
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

/**
 * A table that does not exist is 1146; where no database is selected, as on sherd's connections, 1046.
 * MariaDB 10.11 loses CTEs of the query around in a nested WITH RECURSIVE and then looks for a table.
 */
function isMissingTable(sherd: string, plain: string): boolean {
  return sherd === '1046' && plain === '1146'
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
  return JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

/** Compares all tables after a write: the union of the shards with the plain one, and each row's place. */
export async function differenceInTables(
  world: World,
): Promise<{ difference: string | undefined; changed: readonly string[] }> {
  const [shards, plain] = await Promise.all([world.readShards(), world.readPlain()])
  const expected = dealRows(world.sherd, plain)
  const changed = new Set<string>()
  let difference: string | undefined
  for (const { name } of allTables) {
    if (textOf(plain, name) !== textOf(world.contents, name)) changed.add(name)
    for (const [shard, contents] of shards) {
      const should = expected.get(shard) ?? {}
      const [is, ought] = [textOf(contents, name), textOf(should, name)]
      if (is === ought) continue
      changed.add(name)
      difference ??= `after the write ${name} on ${shard} holds\n${is}\n  and should hold\n${ought}`
    }
  }
  return { difference, changed: [...changed] }
}

function textOf(contents: Contents, table: string): string {
  return (contents[table] ?? []).map(writeRow).toSorted().join('\n')
}
