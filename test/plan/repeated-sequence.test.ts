import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RepeatedSequence } from '../../src/plan/repeated-sequence.ts'

const numbers = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 })
const repetitions = fc.record({
  before: numbers,
  repeated: numbers,
  times: fc.integer({ min: 0, max: 5 }),
  after: numbers,
})
const move = (item: number, time: number): number => item + 10 * time

describe('a repeated sequence', () => {
  test('reads as the array of its items: by index from both ends, by map, one after another', () => {
    fc.assert(
      fc.property(repetitions, ({ before, repeated, times, after }) => {
        const sequence = new RepeatedSequence({ before, repeated, times, after, move })
        const rounds = Array.from({ length: times }, (_, time) => repeated.map((item) => move(item, time)))
        const whole = [...before, ...rounds.flat(), ...after]
        expect(sequence.length).toBe(whole.length)
        expect([...sequence]).toEqual(whole)
        expect(sequence.map((item, index) => [item, index])).toEqual(
          whole.map((item, index) => [item, index]),
        )
        for (let index = -whole.length - 2; index < whole.length + 2; index += 1)
          expect(sequence.at(index)).toBe(whole.at(index))
      }),
    )
  })

  test('computes no item before it is asked for one', () => {
    const asked: number[] = []
    const sequence = new RepeatedSequence({
      repeated: [7],
      times: 1_000_000,
      move: (item, time) => {
        asked.push(time)
        return item
      },
    })
    expect(sequence.length).toBe(1_000_000)
    expect(asked).toEqual([])
    sequence.at(-1)
    expect(asked).toEqual([999_999])
  })
})
