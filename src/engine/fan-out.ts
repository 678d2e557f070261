import type { Server } from '../topology/topology.ts'

/** How many parts of one statement may run on a server at once: half of its connections unless the config says otherwise. */
export function fanOutLimitOf({ primary }: Server): number {
  const { fanOutLimit, connectionLimit } = primary.options
  return fanOutLimit ?? Math.max(Math.floor(connectionLimit / 2), 1)
}

/**
 * Runs the parts of a statement, of each server no more at once than its share. `run` calls `next` when its part is over; a
 * part that does not call it ends the work on its server. Each part takes and leaves its own connection, so
 * wide statements cannot wait for each other in a circle.
 */
export function fanOut<Part>(
  parts: readonly Part[],
  serverOf: (part: Part) => Server,
  run: (part: Part, position: number, next: () => void) => void,
): void {
  const queues = new Map<Server, number[]>()
  parts.forEach((part, position) => {
    const server = serverOf(part)
    const queue = queues.get(server)
    if (queue === undefined) queues.set(server, [position])
    else queue.push(position)
  })
  for (const [server, queue] of queues) {
    let taken = 0
    const next = (): void => {
      const position = queue[taken++]
      if (position === undefined) return
      // The position is one of `parts`.
      run(parts[position] as Part, position, next)
    }
    const atOnce = Math.min(fanOutLimitOf(server), queue.length)
    for (let started = 0; started < atOnce; started++) next()
  }
}
