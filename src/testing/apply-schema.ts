import { sessionDefaults } from '../engine/session-defaults.ts'
import type { SherdConnection } from '../facade/sherd-connection.ts'
import type { Sherd } from '../facade/sherd.ts'
import { parseStatement } from '../sql/parser.ts'
import { hasCopiesIn } from '../topology/reference-copies.ts'
import type { Topology } from '../topology/topology.ts'

/** Runs schema statements wherever their table is, and all others as an application would. */
export async function applySchema(sherd: Sherd, texts: readonly string[]): Promise<void> {
  const { topology } = sherd
  const { modes } = sessionDefaults(topology)
  const connection = sherd.connection()
  try {
    for (const text of texts) {
      const statement = parseStatement(text, modes)
      const table = statement.kind === 'ddl' ? statement.tables[0]?.table.name : undefined
      await applyOne(sherd, connection, text, table)
    }
  } finally {
    connection.release()
  }
}

async function applyOne(
  sherd: Sherd,
  connection: SherdConnection,
  text: string,
  table: string | undefined,
): Promise<void> {
  const kind = sherd.topology.tables.get((table ?? '').toLowerCase())?.kind
  if (kind !== 'sharded' && kind !== 'isolated') await connection.execute(text)
  for (const shard of table === undefined ? [] : listShards(sherd.topology, table))
    await sherd.onShard(shard, () => connection.execute(text))
}

/** The logical shards that have a table of the name. */
function listShards(topology: Topology, name: string): readonly string[] {
  const table = topology.tables.get(name.toLowerCase())
  if (table === undefined || table.kind === 'pinned') return []
  return [...topology.shardGroups.values()]
    .filter((group) =>
      table.kind === 'reference' ? hasCopiesIn(table, group.name) : table.group === group.name,
    )
    .flatMap(({ shards }) => shards.map((shard) => shard.name))
}
