import { join } from 'node:path'

import { readVitestReport, vitestArguments } from '../reporters.ts'
import type { UpstreamSuite } from '../suite.ts'

const home = 'integration-tests'

/** The published packages stand beside the checkout: those of the monorepo would have to be built first. */
const prepare = [
  'npm install --ignore-scripts --prefix ../drizzle-packages drizzle-orm@0.45.4 mysql2@3.24.6 vitest@3.2.7',
  'vite-tsconfig-paths@4 dotenv@16 async-retry@1 dockerode@4 get-port@7 keyv@5 uuid@9 @planetscale/database@1',
  `&& ln -s ../../drizzle-packages/node_modules ${home}/node_modules`,
].join(' ')

export const drizzle: UpstreamSuite = {
  orm: 'drizzle',
  source: { repository: 'https://github.com/drizzle-team/drizzle-orm', commit: 'b7862528f' },
  needsNewerNode: false,
  prepared: [
    { path: `${home}/node_modules/drizzle-orm/package.json`, command: prepare },
    { path: `${home}/node_modules/vitest/vitest.mjs`, command: prepare },
  ],
  databases: ['drizzle'],
  accounts: [{ user: 'drizzle', password: 'drizzle' }],
  ports: [],
  // The suite writes inline REFERENCES to tables that come later or have another type. MySQL ignores them and so
  // does MyISAM, while InnoDB of MariaDB 10.5 and newer refuses the tables, and 428 of 604 tests end before they begin.
  serverFlags: ['--default-storage-engine=MyISAM'],
  mysql2Homes: [home],
  command: async (run) => ({
    program: run.node,
    args: [
      'node_modules/vitest/vitest.mjs',
      ...vitestArguments(run),
      // Left out: relations, which need LATERAL, and servers that only a cloud has.
      ...['mysql', 'mysql-prefixed', 'mysql-custom', 'mysql-proxy'].map(
        (name) => `tests/mysql/${name}.test.ts`,
      ),
    ],
    directory: join(run.checkout, home),
    env: { MYSQL_CONNECTION_STRING: `mysql://drizzle:drizzle@127.0.0.1:${run.port}/drizzle` },
  }),
  readReport: readVitestReport,
}
