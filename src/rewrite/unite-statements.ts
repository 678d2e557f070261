import type { LogicalShard, Server } from '../topology/topology.ts'
import type { ShardStatement } from './shard-statement.ts'

/** Statements of several logical shards of one server in one text; its results come in their order, each with its own fields. */
export interface UnitedStatement extends ShardStatement {
  /** All shards, `shard` first. */
  readonly shards: readonly LogicalShard[]
}

/** The logical shards whose tables a statement names. */
export function shardsOf(statement: ShardStatement | UnitedStatement): readonly LogicalShard[] {
  return 'shards' in statement ? statement.shards : [statement.shard]
}

/**
 * Puts statements into one compound statement of MariaDB, which needs no `multipleStatements`: that option would let an
 * injected text run a second statement. No text may have a semicolon of its own. A line break ends a comment.
 * https://mariadb.com/kb/en/using-compound-statements-outside-of-stored-programs/
 */
export function uniteStatements(first: ShardStatement, others: readonly ShardStatement[]): UnitedStatement {
  const statements = [first, ...others]
  const segments = ['BEGIN NOT ATOMIC\n']
  for (const { text } of statements) {
    const [start = '', ...rest] = text.segments
    segments.push(`${segments.pop() ?? ''}${start}`, ...rest)
    segments.push(`${segments.pop() ?? ''}\n;\n`)
  }
  segments.push(`${segments.pop() ?? ''}END`)
  return {
    shard: first.shard,
    shards: statements.map(({ shard }) => shard),
    text: { segments, sql: segments.join('?') },
    values: statements.flatMap(({ values }) => values),
    // They are of one plan.
    copies: first.copies,
  }
}

/** The statements of each server in as few texts as may be, of at most so many each; one that stays alone stays as it is. */
export function uniteByServer(
  statements: readonly ShardStatement[],
  maxTogether: number,
): readonly (ShardStatement | UnitedStatement)[] {
  const byServer = new Map<Server, ShardStatement[]>()
  for (const statement of statements) {
    const own = byServer.get(statement.shard.server)
    if (own === undefined) byServer.set(statement.shard.server, [statement])
    else own.push(statement)
  }
  return [...byServer.values()].flatMap((own) => {
    const texts: (ShardStatement | UnitedStatement)[] = []
    for (let from = 0; from < own.length; from += maxTogether) {
      const [first, ...others] = own.slice(from, from + maxTogether)
      if (first !== undefined) texts.push(others.length === 0 ? first : uniteStatements(first, others))
    }
    return texts
  })
}
