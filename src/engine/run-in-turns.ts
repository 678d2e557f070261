/**
 * Runs parts of a work, those of one queue one after the other, the queues side by side. `run` calls its last argument when
 * the part is over, whatever came of it.
 */
export function runInTurns<Part>(
  parts: readonly Part[],
  queueOf: (part: Part) => unknown,
  run: (part: Part, next: () => void) => void,
  done: () => void,
): void {
  const queues = new Map<unknown, Part[]>()
  for (const part of parts) {
    const queue = queues.get(queueOf(part))
    if (queue === undefined) queues.set(queueOf(part), [part])
    else queue.push(part)
  }
  let open = queues.size
  if (open === 0) return done()
  for (const queue of queues.values()) {
    const step = (position: number): void => {
      const part = queue[position]
      if (part !== undefined) return run(part, () => step(position + 1))
      open -= 1
      if (open === 0) done()
    }
    step(0)
  }
}
