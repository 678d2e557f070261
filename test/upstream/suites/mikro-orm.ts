import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { readVitestReport, vitestArguments } from '../reporters.ts'
import type { UpstreamSuite } from '../suite.ts'

const prepare = 'npx -p node@24 -p @yarnpkg/cli-dist@4.18.0 yarn install --immutable --mode=skip-build'

const namesMysql = /@mikro-orm\/(?:mysql|mariadb)\b|\binitORMMySql\b/u
const namesOthers =
  /@mikro-orm\/(?:postgresql|pglite|mssql|oracledb|mongodb|sqlite|libsql)\b|\binitORM(?:PostgreSql|Pglite|MsSql|OracleDb|Mongo|Sqlite)\b/u

export const mikroOrm: UpstreamSuite = {
  orm: 'mikro-orm',
  source: { repository: 'https://github.com/mikro-orm/mikro-orm', commit: 'a6b973058' },
  needsNewerNode: true,
  prepared: [{ path: 'node_modules/vitest/vitest.mjs', command: prepare }],
  databases: [],
  accounts: [{ user: 'root', password: '' }],
  // 3308 is the suite's MySQL, 3309 its MariaDB.
  ports: [3308, 3309],
  mysql2Homes: ['packages/mysql'],
  command: async (run) => ({
    program: run.node,
    args: [
      'node_modules/vitest/vitest.mjs',
      ...vitestArguments(run),
      // One process, one file after the other: some files use databases of the same name.
      ...['--project', 'legacy', '--maxWorkers', '1', '--no-file-parallelism'],
      ...(await listFiles(run.checkout)),
    ],
    env: {
      // Snapshots that are not there stay so.
      CI: 'true',
      // The suite starts MongoDB unless it is run by this script of its package.
      npm_lifecycle_event: 'test:sqlite',
    },
  }),
  readReport: readVitestReport,
}

/** The test files of MySQL and MariaDB that ask for no other server or driver. */
async function listFiles(checkout: string): Promise<readonly string[]> {
  const names = await readdir(join(checkout, 'tests'), { recursive: true })
  const paths = names.filter((name) => name.endsWith('.test.ts')).map((name) => `tests/${name}`)
  const texts = await Promise.all(paths.map((path) => readFile(join(checkout, path), 'utf8')))
  const isOurs = (text: string | undefined): boolean =>
    text !== undefined && namesMysql.test(text) && !namesOthers.test(text)
  return paths.filter((_, index) => isOurs(texts[index])).toSorted()
}
