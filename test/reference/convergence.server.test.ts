import { afterAll, beforeAll, expect, test } from 'vitest'
import { Random } from '../oracle/random.ts'
import { faults } from './convergence-faults.ts'
import { ConvergenceRun, newCounts } from './convergence-run.ts'
import { type ConvergenceServers, openServers } from './convergence-world.ts'

const seed = Number(process.env['SHERD_TEST_SEED'] ?? 1)
const rounds = Number(process.env['SHERD_TEST_ROUNDS'] ?? 50)
/** A new source and new copies after so many, so that snapshots are disturbed too. */
const roundsPerWorld = 9
const faultsPerRound = 2
const counts = newCounts()

let servers: ConvergenceServers

beforeAll(async () => {
  servers = await openServers()
})
afterAll(async () => {
  await servers.stop()
})

test(
  'copies equal their source after every round of writes, kills and lost locks',
  { timeout: 60_000 * rounds + 120_000 },
  async () => {
    const random = new Random(seed)
    const names = dealFaults(random, rounds * faultsPerRound)
    const startedAtMs = Date.now()
    process.stdout.write(`convergence: seed ${seed}, ${rounds} rounds\n`)
    for (let first = 0; first < rounds; first += roundsPerWorld) {
      const index = first / roundsPerWorld
      const run = await ConvergenceRun.open(servers, index, seed * 1_000 + index, counts)
      try {
        for (let round = first; round < Math.min(first + roundsPerWorld, rounds); round++) {
          const broken = names.slice(round * faultsPerRound, (round + 1) * faultsPerRound)
          const wrong = await run.runRound(broken)
          expect({ seed, round, broken, wrong }).toEqual({ seed, round, broken, wrong: [] })
        }
      } finally {
        await run.close()
      }
    }
    const seconds = Math.round((Date.now() - startedAtMs) / 1_000)
    process.stdout.write(`convergence: ${seconds} s, ${JSON.stringify(counts)}\n`)
    expect(counts.rounds).toBe(rounds)
    expect(counts.fenced, 'refusals of stale holders; a run of few rounds may have none').toBeGreaterThan(0)
  },
)

/** Every fault as often as any other, in chance order. */
function dealFaults(random: Random, length: number): readonly string[] {
  const dealt: string[] = []
  while (dealt.length < length) {
    const left = Object.keys(faults)
    while (left.length > 0) dealt.push(...left.splice(random.int(left.length), 1))
  }
  return dealt
}
