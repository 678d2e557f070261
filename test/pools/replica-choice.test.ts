import { expect, test } from 'vitest'
import { chooseReplica } from '../../src/pools/replica-choice.ts'
import type { ReplicaChoice } from '../../src/topology/read-options.ts'

const replica = (name: string, weight = 1, load = 0) => ({ name, weight, load })

function countChoices(
  choice: ReplicaChoice,
  candidates: readonly ReturnType<typeof replica>[],
  rounds: number,
) {
  const counts: Record<string, number> = {}
  for (let turn = 0; turn < rounds; turn++) {
    const chosen = chooseReplica(choice, candidates, turn, () => turn / rounds)?.name ?? 'none'
    counts[chosen] = (counts[chosen] ?? 0) + 1
  }
  return counts
}

const choices = ['roundRobin', 'random', 'leastBusy'] as const

test.each(choices)('%s gives nothing of none, the only one of one, and equal shares to equals', (choice) => {
  expect(chooseReplica(choice, [], 7, () => 0.5)).toBeUndefined()
  expect(chooseReplica(choice, [replica('a', 3, 9)], 7, () => 0.5)?.name).toBe('a')
  expect(countChoices(choice, [replica('a'), replica('b'), replica('c')], 300)).toEqual({
    a: 100,
    b: 100,
    c: 100,
  })
})

test('in turn and at random each gets its weight of the reads', () => {
  const weighted = [replica('a', 3), replica('b', 1)]
  expect(countChoices('roundRobin', weighted, 400)).toEqual({ a: 300, b: 100 })
  expect(countChoices('random', weighted, 400)).toEqual({ a: 300, b: 100 })
})

test('the least busy one is that with the least load for its weight', () => {
  const choose = (...candidates: ReturnType<typeof replica>[]) =>
    [0, 1, 2].map((turn) => chooseReplica('leastBusy', candidates, turn, () => 0)?.name)
  expect(choose(replica('a', 1, 4), replica('b', 1, 3))).toEqual(['b', 'b', 'b'])
  expect(choose(replica('a', 4, 6), replica('b', 1, 1))).toEqual(['a', 'a', 'a'])
})

test('a chance of nearly 1 is still a choice', () => {
  expect(chooseReplica('random', [replica('a'), replica('b')], 0, () => 1 - Number.EPSILON / 2)?.name).toBe(
    'b',
  )
})
