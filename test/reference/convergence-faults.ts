import { setTimeout as pause } from 'node:timers/promises'
import { waitFor } from '../../src/testing/servers/wait-for.ts'
import type { TestServer } from '../../src/testing/servers/test-server.ts'
import type { Random } from '../oracle/random.ts'
import type { Fleet } from './convergence-fleet.ts'
import type { SupervisorProcess } from './convergence-process.ts'
import type { CopyName, Disturbance } from './convergence-orders.ts'
import { convergenceTables } from './convergence-tables.ts'
import type { ConvergenceServers, ConvergenceWorld } from './convergence-world.ts'

/** What a fault may touch. */
export interface FaultScene {
  readonly random: Random
  readonly servers: ConvergenceServers
  readonly world: ConvergenceWorld
  readonly fleet: Fleet
  readonly locks: 'database' | 'redis'
  readonly leaseMs: number
  /** How often a copy was synced since the run began. */
  readonly syncsOf: (copy: CopyName) => number
}

/** Breaks something and mends it; the writers and supervisors go on meanwhile. True when it came about. */
export type Fault = (scene: FaultScene) => Promise<boolean>

/** Until the disturbed process has come to its step. */
const stepTimeoutMs = 3_000
/** While something is broken, at most. */
const outageMs = 500

/** Of all sorts, by the names of the report. */
export const faults: Readonly<Record<string, Fault>> = {
  'process killed': (scene) => disturbProcess(scene, 'SIGKILL'),
  'process killed by chance': async ({ random, fleet }) => {
    await pause(random.int(100))
    await random.pick(fleet.active).kill()
    await fleet.replace()
    return true
  },
  'process stopped past its lease': (scene) => disturbProcess(scene, 'SIGSTOP'),
  'both processes stopped': async ({ fleet, leaseMs }) => {
    for (const supervisor of fleet.active) supervisor.stop()
    await pause(leaseMs + 100)
    for (const supervisor of fleet.active) supervisor.resume()
    return true
  },
  'shard server killed': async (scene) => restart(scene, scene.random.pick(scene.servers.shards)),
  'source server killed': async (scene) => restart(scene, scene.world.source),
  'shard server stopped': async ({ random, servers }) => {
    const server = random.pick(servers.shards)
    server.pause()
    await pause(random.int(outageMs))
    server.resume()
    return true
  },
  'locks lost': async ({ locks, servers, world, random }) => {
    if (locks === 'redis') {
      await servers.redis.restart()
      return true
    }
    const some = random.chance(0.5) ? '' : ` WHERE CRC32(name) % 2 = ${random.int(2)}`
    const [table] = await world.source.query(`SHOW TABLES FROM ${world.sourceDatabase} LIKE 'sherd_locks'`)
    // On a busy machine nobody may have had a lock yet.
    if (table === undefined) return false
    await world.source.query(`DELETE FROM ${world.sourceDatabase}.sherd_locks${some}`)
    return true
  },
  'Redis killed': async ({ locks, servers, random }) => {
    if (locks !== 'redis') return false
    await servers.redis.kill()
    await pause(random.int(outageMs))
    await servers.redis.restart()
    return true
  },
  'connections cut': ({ random, servers, world }) =>
    endWork(random.pick([world.source, ...servers.shards]), 'KILL CONNECTION'),
  'statements cut': ({ random, servers, world }) =>
    endWork(random.pick([world.source, ...servers.shards]), 'KILL QUERY'),
  'copy damaged': damage,
}

/** Rows of a copy are changed by somebody else. Not of honest tables: that only a comparison can find. */
async function damage({ random, world }: FaultScene): Promise<boolean> {
  const { name, server } = random.pick(world.shards)
  const table = random.pick(convergenceTables.filter(({ isHonest }) => !isHonest))
  const [column] = Object.keys(table.columns)
  const change = random.pick([
    `DELETE FROM ${table.name} LIMIT ${1 + random.int(3)}`,
    `UPDATE ${table.name} SET ${column} = NULL LIMIT 2`,
    `UPDATE ${table.name} SET ${table.unique.column} = NULL`,
  ])
  await server.query(`USE ${name}`, change)
  return true
}

/** At a step of its own choice: before or after a statement was sent or answered, or when it just got a lock. */
async function disturbProcess(scene: FaultScene, action: Disturbance['action']): Promise<boolean> {
  const { random, fleet } = scene
  const victim = random.pick(fleet.active)
  const moment = random.pick(['before', 'sent', 'after', 'acquired'] as const)
  const step = moment === 'acquired' ? random.int(8) : random.int(120)
  victim.send({ kind: 'disturb', step, moment, action })
  const before = victim.count('disturbed')
  const isDisturbed = (): boolean => victim.isGone || victim.count('disturbed') > before
  if (!(await waitFor(isDisturbed, stepTimeoutMs))) return false
  if (action === 'SIGKILL') {
    await waitFor(() => victim.isGone, stepTimeoutMs)
    await fleet.replace()
    return true
  }
  await takeOver(scene, victim)
  victim.resume()
  return true
}

/** The other process gets what a stopped one held, so that it wakes up behind the times. */
async function takeOver({ fleet, leaseMs, syncsOf }: FaultScene, victim: SupervisorProcess): Promise<void> {
  const before = victim.held.map(syncsOf)
  await pause(leaseMs)
  for (const supervisor of fleet.active)
    if (supervisor !== victim) for (const copy of victim.held) supervisor.send({ kind: 'take', ...copy })
  // One whose status row is locked by the stopped process itself waits for it.
  const isTaken = (): boolean => victim.held.some((copy, index) => syncsOf(copy) > (before[index] ?? 0))
  await waitFor(isTaken, 2 * outageMs)
}

async function restart({ random }: FaultScene, server: TestServer): Promise<boolean> {
  await server.kill()
  await pause(random.int(outageMs) / 2)
  await server.restart()
  return true
}

/** Ends what clients of sherd's user do on a server at this moment, the writers' too. */
async function endWork(server: TestServer, how: 'KILL CONNECTION' | 'KILL QUERY'): Promise<boolean> {
  await server.query(`${how} USER sherd@127.0.0.1`)
  return true
}
