/*
 * A lock is one hash in Redis, so that it has one slot in a cluster:
 *   owner  who holds it, empty when it was released
 *   until  end of the lease, microseconds of the clock of Redis
 *   fence  the last fencing number
 * The hash has no expiry: the numbers of a name must rise also from a lease that is over to the next. Scripts run alone and see
 * one moment. Redis 5 or newer: older ones refuse to write after asking the time.
 */

const readLock = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local lock = redis.call('HMGET', KEYS[1], 'owner', 'until', 'fence')
local isHeld = lock[1] and lock[1] ~= '' and tonumber(lock[2]) > now
local isOurs = isHeld and lock[1] == ARGV[1]
`

/**
 * KEYS[1] the lock. ARGV[1] owner, ARGV[2] lease in microseconds, ARGV[3] the number to be above.
 * Gives the fencing number as text, or nothing when another holds the lock. A client that sends its commands again after a
 * broken connection gets its own lock, with a number of its own.
 */
export const acquireScript = `${readLock}
if isHeld and not isOurs then return false end
local fence = math.max((tonumber(lock[3]) or 0) + 1, now, ARGV[3] + 1)
local text = string.format('%.0f', fence)
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'until', string.format('%.0f', now + ARGV[2]), 'fence', text)
return text
`

/** KEYS[1] the lock. ARGV[1] owner, ARGV[2] lease in microseconds. Gives 1, or 0 when the lock is not the owner's any more. */
export const extendScript = `${readLock}
if not isOurs then return 0 end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[2]))
return 1
`

/** KEYS[1] the lock. ARGV[1] owner. Gives 1, or 0 when the lock was not the owner's any more. Keeps the fencing number. */
export const releaseScript = `${readLock}
if not isOurs then return 0 end
redis.call('HSET', KEYS[1], 'owner', '')
return 1
`

/** KEYS[1] the lock. ARGV[1] owner, or empty for anybody. Gives 1 or 0. */
export const isHeldScript = `${readLock}
if ARGV[1] == '' then return isHeld and 1 or 0 end
return isOurs and 1 or 0
`
