import { SherdError } from '../errors/sherd-error.ts'

/** The part of ioredis 5 that is needed, of one server or a cluster. */
export interface IoredisClient {
  // Methods, so that the libraries' own, narrower parameters fit.
  defineCommand(name: string, definition: { lua: string }): void
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** The part of node-redis 4 and 5 that is needed: a client, a pool of clients or a cluster. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

export type RedisClient = IoredisClient | NodeRedisClient

/** Runs a script on one key. */
export type RunScript = (script: string, key: string, values: readonly string[]) => Promise<unknown>

/**
 * Scripts go as EVAL with their text and not by their digest: a Redis that was restarted knows no digests, and half a
 * kilobyte is less than the second way would cost to keep right.
 */
export function scriptRunner(client: RedisClient): RunScript {
  // The marker of ioredis; node-redis has no such method.
  if ('defineCommand' in client && typeof client.defineCommand === 'function')
    return (script, key, values) => client.eval(script, 1, key, ...values)
  if ('isOpen' in client && typeof client.isOpen === 'boolean')
    return (script, key, values) => client.eval(script, { keys: [key], arguments: [...values] })
  throw new SherdError('SHERD_LOCK_OPTION', {
    message: 'The object given to redisLocks is no client of ioredis or node-redis.',
    remedy:
      "Give it `new Redis(url)` of ioredis, or `await createClient({ url }).connect()` of the package 'redis'.",
  })
}
