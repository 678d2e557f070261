import { setTimeout as pause } from 'node:timers/promises'

const intervalMs = 5

/** Asks again and again until `condition` holds; false when `timeoutMs` went by first. */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const end = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() >= end) return false
    await pause(intervalMs)
  }
  return true
}
