import { expect, inject, test } from 'vitest'

import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { createDatabases, dropDatabases, uniqueName } from './databases.ts'

const showDatabases = async (socket: string) =>
  (await runAsRoot(socket, ['SHOW DATABASES'])).map((row) => row['Database'])

test('databases of a test are there on primary and replica, and empty, until they are dropped', async ({
  task,
}) => {
  const name = uniqueName(import.meta.filename, task.name)
  for (const site of inject('sharedSites')) {
    await createDatabases(site, [`${name}_0`, `${name}_1`])
    await runAsRoot(site.primary.socket, [`CREATE TABLE ${name}_0.leftover (id INT)`])
    await createDatabases(site, [`${name}_0`])
    expect(await runAsRoot(site.primary.socket, [`SHOW TABLES FROM ${name}_0`])).toEqual([])
    for (const { socket } of [site.primary, ...site.replicas]) {
      expect(await showDatabases(socket)).toEqual(expect.arrayContaining([`${name}_0`, `${name}_1`]))
    }
    await dropDatabases(site, [`${name}_0`, `${name}_1`])
    expect(await showDatabases(site.primary.socket)).not.toContain(`${name}_0`)
  }
})
