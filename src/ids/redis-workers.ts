import { type RedisClient, scriptRunner } from '../locks/redis-client.ts'
import { createWorkerLeases, type WorkerLeases } from './worker-lease.ts'

export interface RedisWorkersOptions {
  /** The key of the hash that holds all numbers. Default: `sherd:id-workers`. */
  readonly key?: string
}

/*
 * One hash: `<worker>:owner`, `<worker>:used` (milliseconds since 1970: no id of the number carries a later moment) and `<worker>:until` (end of
 * the lease, microseconds of the clock of Redis). It has no expiry: how far a number was used must outlast its lease. Redis 5 or newer.
 */
const readTime = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
`

/** KEYS[1] the hash. ARGV owner, number of workers, lease in microseconds, present moment and length of the stretch in milliseconds. Gives number and start. */
const takeScript = `${readTime}
local best, bestUsed
for worker = 0, ARGV[2] - 1 do
  local state = redis.call('HMGET', KEYS[1], worker .. ':until', worker .. ':used')
  local used = tonumber(state[2]) or 0
  if (tonumber(state[1]) or 0) <= now and (not best or used < bestUsed) then best, bestUsed = worker, used end
end
if not best then return false end
local from = math.max(bestUsed, tonumber(ARGV[4]))
redis.call('HSET', KEYS[1], best .. ':owner', ARGV[1], best .. ':used', string.format('%.0f', from + ARGV[5]),
  best .. ':until', string.format('%.0f', now + ARGV[3]))
return best .. ' ' .. string.format('%.0f', from)
`

/** KEYS[1] the hash. ARGV owner, worker, end of the stretch in milliseconds, lease in microseconds. Gives 1 or 0. */
const extendScript = `${readTime}
if redis.call('HGET', KEYS[1], ARGV[2] .. ':owner') ~= ARGV[1] then return 0 end
local used = math.max(tonumber(redis.call('HGET', KEYS[1], ARGV[2] .. ':used')), tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], ARGV[2] .. ':used', string.format('%.0f', used), ARGV[2] .. ':until', string.format('%.0f', now + ARGV[4]))
return 1
`

/** KEYS[1] the hash. ARGV owner, worker. */
const freeScript = `
if redis.call('HGET', KEYS[1], ARGV[2] .. ':owner') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], ARGV[2] .. ':owner', '', ARGV[2] .. ':until', '0')
return 1
`

/**
 * Worker numbers in Redis, given a client of ioredis or node-redis. A Redis that loses its data forgets how far numbers were used: a process
 * whose clock is behind the ids of the one before may then make one of them again. Keep them in a database if Redis is a cache.
 */
export function redisWorkers(
  client: RedisClient,
  { key = 'sherd:id-workers' }: RedisWorkersOptions = {},
): WorkerLeases {
  const run = scriptRunner(client)
  return createWorkerLeases({
    take: async (owner, { workers, leaseMs, stretchMs, nowMs }) => {
      const values = [workers, leaseMs * 1000, nowMs, stretchMs].map((value) => String(Math.ceil(value)))
      const taken = await run(takeScript, key, [owner, ...values])
      if (typeof taken !== 'string') return undefined
      const [worker, fromMs] = taken.split(' ').map(Number)
      return worker === undefined || fromMs === undefined ? undefined : { worker, fromMs }
    },
    extend: async (owner, worker, untilMs, leaseMs) =>
      (await run(extendScript, key, [owner, String(worker), String(untilMs), String(leaseMs * 1000)])) === 1,
    free: async (owner, worker) => void (await run(freeScript, key, [owner, String(worker)])),
  })
}
