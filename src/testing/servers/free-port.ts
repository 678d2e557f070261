import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below 32768, where Linux begins to number outgoing connections: such a connection could take the port
// of a server that is down for a moment and make its restart fail.
const lowest = 12_000
const highest = 32_000

/** A port on 127.0.0.1 that was free a moment ago; who binds it must be ready to lose the race and ask again. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
