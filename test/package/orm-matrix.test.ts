import { expect, test } from 'vitest'
import { type BehaviourReport, writeOrmMatrix } from '../../scripts/lib/orm-matrix.mjs'

const mark = 'every operation of the suite is there, or listed as lacking with its reason'

function reportOf(orm: string, statuses: Readonly<Record<string, string>>): BehaviourReport {
  const results = Object.entries({ [mark]: 'passed', ...statuses })
  return {
    testResults: [
      {
        assertionResults: results.map(([title, status]) => ({ ancestorTitles: [orm], title, status })),
      },
    ],
  }
}

test('the behaviours of each ORM stand in one table, with a dash where an ORM lacks one', () => {
  const kysely = reportOf('Kysely', { 'rows are read': 'passed', 'a page is whole': 'skipped' })
  const knex = reportOf('Knex', { 'rows are read': 'failed', 'a page is whole': 'passed' })
  expect(writeOrmMatrix([kysely, undefined, knex])).toBe(
    ['ORMs: 1 Kysely, 2 Knex', '1 2', '✓ ✗  rows are read', '– ✓  a page is whole'].join('\n'),
  )
})

test('tests of other suites are no part of it', () => {
  const other: BehaviourReport = {
    testResults: [
      { assertionResults: [{ ancestorTitles: ['Knex, alone'], title: 'streams', status: 'passed' }] },
    ],
  }
  expect(writeOrmMatrix([other])).toBe('')
})
