import { join } from 'node:path'
import { mochaArguments, readMochaReport } from '../reporters.ts'
import type { UpstreamSuite } from '../suite.ts'

const prepare =
  'npx pnpm@10 install --ignore-scripts && npx pnpm@10 run build && npx pnpm@10 run test:node:build'

export const kysely: UpstreamSuite = {
  orm: 'kysely',
  source: { repository: 'https://github.com/kysely-org/kysely', commit: '478ec67b' },
  needsNewerNode: true,
  prepared: [
    { path: 'dist/index.js', command: prepare },
    { path: 'test/node/dist/test-setup.js', command: prepare },
  ],
  databases: ['kysely_test'],
  accounts: [{ user: 'kysely', password: 'kysely' }],
  ports: [3308],
  command: async (run) => ({
    program: run.node,
    args: [
      join(run.checkout, 'node_modules/mocha/bin/mocha.js'),
      ...mochaArguments(run, { timeoutMs: 15_000 }),
      'test/node/dist/**/*.test.js',
    ],
    env: { DIALECTS: 'mysql' },
  }),
  readReport: readMochaReport,
}
