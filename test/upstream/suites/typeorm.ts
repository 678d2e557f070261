import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mochaArguments, readMochaReport } from '../reporters.ts'
import type { UpstreamSuite } from '../suite.ts'

const account = { username: 'typeorm', password: 'typeorm' }

/** The functional tests, with TypeORM's own type for MariaDB. */
export const typeorm: UpstreamSuite = {
  orm: 'typeorm',
  source: { repository: 'https://github.com/typeorm/typeorm', commit: '281bfba42' },
  needsNewerNode: false,
  prepared: [
    {
      path: 'build/compiled/test/utils/test-setup.js',
      command:
        'npm install --prefix /tmp/pnpm pnpm@10 && /tmp/pnpm/node_modules/.bin/pnpm install --ignore-scripts --frozen-lockfile && node node_modules/typescript/bin/tsc',
    },
  ],
  databases: ['typeorm'],
  accounts: [{ user: account.username, password: account.password }],
  ports: [],
  // It is joined with information_schema.
  undeclared: ['typeorm_metadata', 'migrations'],
  command: async (run) => {
    // TypeORM's developer guide has this file written by hand; git ignores it. Some tests read it from the root, and nowhere else.
    await writeFile(join(run.checkout, 'ormconfig.json'), writeConfig(run.port))
    return {
      program: run.node,
      args: [
        join(run.checkout, 'node_modules/mocha/bin/mocha.js'),
        ...mochaArguments(run, { timeoutMs: 90_000 }),
        // Its own config names all tests, and mocha would add ours to them.
        '--no-config',
        '--check-leaks',
        '--globals',
        'allowedDriverRequire',
        '--file',
        './build/compiled/test/utils/test-setup.js',
        './build/compiled/test/functional/**/*.test.js',
      ],
    }
  },
  readReport: readMochaReport,
}

function writeConfig(port: number): string {
  const connection = { type: 'mariadb', host: '127.0.0.1', port, ...account, database: 'typeorm' }
  return JSON.stringify([{ ...connection, skip: false, logging: false }])
}
