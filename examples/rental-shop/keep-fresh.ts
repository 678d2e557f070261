import { type Sherd, referenceTables } from 'sherd'

/** Films and the like follow their source while `body` runs. */
export async function withFreshCopies<T>(sherd: Sherd, body: () => Promise<T>): Promise<T> {
  const supervisor = await referenceTables(sherd).watch({ everyMs: 2_000 })
  try {
    return await body()
  } finally {
    await supervisor.stop()
  }
}
