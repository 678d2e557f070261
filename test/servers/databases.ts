import { createHash } from 'node:crypto'
import { basename } from 'node:path'

import { readText, runAsRoot } from '../../src/testing/servers/administration.ts'
import type { SharedSite } from './global-setup.ts'

const replicaTimeoutSeconds = 20

/**
 * A database name that tells its test: words of the file, words of the test, and six digits of a hash of
 * both in full. At most 45 characters, so that a shard number still fits MySQL's 64.
 */
export function uniqueName(testFile: string, testName: string): string {
  const hash = createHash('sha256').update(`${testFile}\n${testName}`).digest('hex').slice(0, 6)
  const file = basename(testFile).replace(/(\.server)?\.test\.ts$/, '')
  return `${toWords(file, 16)}_${toWords(testName, 21)}_${hash}`
}

/** Creates empty databases on the primary, replacing those of an earlier run, and waits until its replicas have them. */
export async function createDatabases(site: SharedSite, names: readonly string[]): Promise<void> {
  const statements = names.flatMap((name) => [
    `DROP DATABASE IF EXISTS \`${name}\``,
    `CREATE DATABASE \`${name}\``,
  ])
  await runAsRoot(site.primary.socket, statements)
  await waitForReplicas(site)
}

/** Drops databases on the primary; the replicas follow in their own time. */
export async function dropDatabases(site: SharedSite, names: readonly string[]): Promise<void> {
  await runAsRoot(
    site.primary.socket,
    names.map((name) => `DROP DATABASE IF EXISTS \`${name}\``),
  )
}

/** Resolves when every replica of the site has what its primary has now. */
export async function waitForReplicas(site: SharedSite): Promise<void> {
  const [row] = await runAsRoot(site.primary.socket, ['SELECT @@gtid_binlog_pos AS position'])
  const position = readText(row, 'position')
  await Promise.all(
    site.replicas.map(async (replica) => {
      const wait = `SELECT MASTER_GTID_WAIT('${position}', ${replicaTimeoutSeconds}) AS answer`
      const [answer] = await runAsRoot(replica.socket, [wait])
      if (answer?.['answer'] !== 0) throw new Error(`${replica.name} did not reach ${position}`)
    }),
  )
}

function toWords(text: string, maxLength: number): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, maxLength)
    .replaceAll(/^_+|_+$/g, '')
}
