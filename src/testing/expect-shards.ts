import { AssertionError } from 'node:assert'

import { printStatement, type RecordedStatement, recordStatements } from './record-statements.ts'

/**
 * Runs `body` and gives what it gives. Throws an AssertionError when the statements in it, all together, were not sent to exactly
 * `shards` logical shards. Every statement of the process counts meanwhile, so tests at the same time disturb it.
 */
export async function expectShards<T>(shards: number, body: () => T | PromiseLike<T>): Promise<T> {
  const recorder = recordStatements()
  try {
    const result = await body()
    const { statements } = recorder
    const touched = new Set(statements.flatMap((statement) => statement.shards))
    if (touched.size === shards) return result
    throw new AssertionError({
      message: `Expected statements on ${count(shards)}, but they were on ${count(touched.size)}:\n${list(statements)}`,
      actual: touched.size,
      expected: shards,
      operator: 'expectShards',
    })
  } finally {
    recorder.stop()
  }
}

export interface ScatterGuard {
  /** Throws an AssertionError when a statement since the last call asked all logical shards it may concern, for want of a key. */
  readonly check: () => void
  readonly stop: () => void
}

/** Watches for reads and writes over all shards, until it is stopped: for `afterEach(() => guard.check())`. */
export function failOnScatter(): ScatterGuard {
  const recorder = recordStatements()
  const check = (): void => {
    const found = recorder.statements.filter(
      ({ outcome }) => outcome === 'scatter' || outcome === 'broadcast',
    )
    recorder.clear()
    if (found.length === 0) return
    throw new AssertionError({
      message: `Expected no statement without a shard key, but there was:\n${list(found)}`,
      actual: found.length,
      expected: 0,
      operator: 'failOnScatter',
    })
  }
  return { check, stop: recorder.stop }
}

function list(statements: readonly RecordedStatement[]): string {
  return statements.length === 0 ? '  no statement at all' : statements.map(printStatement).join('\n')
}

function count(shards: number): string {
  return `${shards} logical shard${shards === 1 ? '' : 's'}`
}
