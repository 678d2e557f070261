import { SherdError } from './sherd-error.ts'

/**
 * Loads an optional library when a config needs it.
 * After unstorage's `importLib`: the `import()` stands with the caller, so that bundlers see a literal name.
 */
export async function loadPeer(name: string, range: string, load: () => Promise<unknown>): Promise<unknown> {
  try {
    return await load()
  } catch (cause) {
    throw new SherdError('SHERD_PEER_MISSING', {
      message: `The package ${name} could not be loaded.`,
      remedy: `Run: npm install '${name}@${range}'`,
      cause,
    })
  }
}
