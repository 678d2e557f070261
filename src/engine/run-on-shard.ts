import type { Session } from '../session/session.ts'
import type { LogicalShard } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import { internalRequest } from './request.ts'
import { runStatement } from './run-statement.ts'

/**
 * The door for side rooms (migrations, reference, moves): one statement on one logical shard, planned and
 * rewritten like any other. Gives the rows, or the OK packet.
 */
export function runOnShard(
  engine: Engine,
  session: Session,
  shard: LogicalShard,
  sql: string,
  values: readonly unknown[] = [],
): Promise<unknown> {
  const scope = { shards: new Map([[shard.group, shard]]), reads: { policy: 'primary' } } as const
  const request = { ...internalRequest(sql), values, scope }
  return new Promise((resolve, reject) => {
    runStatement(engine, session, request, (error, rows) => (error ? reject(error as Error) : resolve(rows)))
  })
}
