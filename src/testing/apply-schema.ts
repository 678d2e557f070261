import type { Sherd } from '../facade/sherd.ts'

/** Runs statements as an application would: those that make tables reach every place that a table has. */
export async function applySchema(sherd: Sherd, texts: readonly string[]): Promise<void> {
  const connection = sherd.connection()
  try {
    for (const text of texts) await connection.execute(text)
  } finally {
    connection.release()
  }
}
