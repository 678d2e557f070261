import { createSherd } from '../facade/create-sherd.ts'
import type { Sherd } from '../facade/sherd.ts'
import { type CommandContext, type CommonOptions, readTopology } from './command.ts'

/** Gives `body` a sherd of the config, and closes its connections afterwards. */
export async function withSherd<T>(
  context: CommandContext,
  options: CommonOptions,
  body: (sherd: Sherd) => Promise<T>,
): Promise<T> {
  const sherd = await createSherd(await readTopology(context, options))
  try {
    return await body(sherd)
  } finally {
    await sherd.close()
  }
}
