import { expect, it } from 'vitest'
import { type RingVectors, readVectors } from '../routing/vectors.ts'
import { joinPrinted } from './code-blocks.ts'
import { readPage } from './covered-pages.ts'

it('the page for those who come from Django-Shard-Library prints the places that the old code gave', async () => {
  const printed = joinPrinted(await readPage('docs/coming-from-django-shard-library.md')) ?? ''
  const places = new Map(
    readVectors<RingVectors>('ring_n8_r512').cases.map(({ key, index }) => [key, `product_${index}`]),
  )
  const lines = printed.trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(3)
  for (const line of lines) {
    const [key = '', ring, modulo] = line.split(' ')
    expect(ring, key).toBe(places.get(key))
    expect(modulo, key).toBe(`product_${(Number(key) % 1024) % 8}`)
  }
})
