import type { Connection } from 'mysql2/promise'

/** What a logical shard says of one copy. */
export interface CopyStatus {
  readonly table: string
  readonly fence: number
  readonly isComplete: boolean
  /** As it is written; undefined before there is one. */
  readonly watermark: string | undefined
}

/** Empty before the first sync of any table. */
export async function readStatus(connection: Connection, database: string): Promise<readonly CopyStatus[]> {
  const [tables] = await connection.query({
    sql: "SHOW TABLES LIKE 'sherd_reference_status'",
    rowsAsArray: true,
  })
  if (!Array.isArray(tables) || tables.length === 0) return []
  const [rows] = await connection.query({
    sql: `SELECT table_name, fence, is_complete, progress FROM \`${database}\`.sherd_reference_status`,
    rowsAsArray: true,
  })
  // Four columns, as selected.
  const found = rows as unknown as readonly (readonly [string, unknown, unknown, string])[]
  return found.map(([table, fence, isComplete, progress]) => ({
    table,
    fence: Number(fence),
    isComplete: Number(isComplete) === 1,
    watermark: readWatermark(progress),
  }))
}

function readWatermark(progress: string): string | undefined {
  const { watermark } = JSON.parse(progress) as { watermark?: object }
  return watermark === undefined ? undefined : JSON.stringify(watermark)
}
