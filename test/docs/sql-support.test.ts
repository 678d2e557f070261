import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { renderSupportPage } from '../../scripts/support-page/render.ts'

const page = readFileSync(new URL('../../docs/sql-support.md', import.meta.url), 'utf8')

// Mended by: npx tsx scripts/write-support-page.ts
it('the support page is what the golden plans say', () => {
  expect(page).toBe(renderSupportPage())
})

it('the support page stays short enough to be read', () => {
  expect(page.split('\n').length).toBeLessThanOrEqual(500)
})
