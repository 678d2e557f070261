import { join } from 'node:path'
import { mochaArguments, readMochaReport } from '../reporters.ts'
import type { UpstreamSuite } from '../suite.ts'

const account = { user: 'sequelize_test', password: 'sequelize_test' }

/** Sequelize 6: the branch v6. */
export const sequelize: UpstreamSuite = {
  orm: 'sequelize',
  source: { repository: 'https://github.com/sequelize/sequelize', commit: 'cb7f99ad' },
  needsNewerNode: false,
  prepared: [
    {
      path: 'lib/index.js',
      command:
        'npx yarn@1.22.22 install --ignore-scripts --frozen-lockfile --ignore-engines && node build.js',
    },
  ],
  databases: ['sequelize_test'],
  accounts: [account],
  ports: [],
  command: async (run) => ({
    program: run.node,
    args: [
      join(run.checkout, 'node_modules/mocha/bin/mocha'),
      ...mochaArguments(run, { timeoutMs: 30_000 }),
      '--require',
      './test/registerEsbuild',
      'test/integration/**/*.test.[tj]s',
    ],
    env: {
      DIALECT: 'mysql',
      SEQ_HOST: '127.0.0.1',
      SEQ_PORT: String(run.port),
      SEQ_DB: 'sequelize_test',
      SEQ_USER: account.user,
      SEQ_PW: account.password,
    },
  }),
  readReport: readMochaReport,
}
