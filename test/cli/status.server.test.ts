import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { reference, sharded } from '../../src/topology/table-kinds.ts'
import { type CliServers, openCliServers } from './cli-servers.ts'
import { runCli } from './run-cli.ts'

const countries = 'CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(40))'
let at: CliServers
beforeAll(async () => {
  at = await openCliServers(import.meta.filename, {
    orders: sharded('shop', 'user_id'),
    countries: reference('shop'),
  })
  await at.onMain(countries, "INSERT INTO countries VALUES ('KR', 'Korea'), ('DE', 'Germany')")
  await at.onAll(countries)
})
afterAll(() => at.close())

const run = (args: readonly string[]) => runCli(args, { directory: at.directory })
const copies = async (index: number): Promise<number> =>
  Number((await at.onShard(index, 'SELECT COUNT(*) AS count FROM countries'))[0]?.['count'])

test('copies are synced, told, compared and repaired', async () => {
  const before = await run(['status', '--json'])
  expect(before.code).toBe(1)
  expect(JSON.parse(before.output)).toMatchObject({
    servers: [
      { server: 'default', role: 'primary', isReachable: true, isReadOnly: false },
      { server: 'shop/0', role: 'primary', logicalShards: 2 },
      { server: 'shop/0', role: 'replica', isReadOnly: true, replication: { state: 'running' } },
      { server: 'shop/1', role: 'primary', logicalShards: 2 },
      { server: 'shop/1', role: 'replica' },
    ],
    referenceTables: [{ table: 'countries', copies: 4, complete: 0 }],
  })

  const synced = await run(['reference', 'sync', '--locks', 'database', '--json'])
  expect(synced.code).toBe(0)
  expect(JSON.parse(synced.output)).toHaveLength(4)
  expect(await copies(3)).toBe(2)
  await at.waitForReplicas()
  const after = await run(['status'])
  expect(after).toMatchObject({ code: 0, errors: '' })
  expect(after.output).toMatch(/^countries\t4 of 4\t\d+ s\t0\t0$/mu)
  expect(after.output).not.toContain(inject('sharedPassword'))

  await at.onShard(2, "DELETE FROM countries WHERE code = 'KR'")
  const verified = await run(['reference', 'verify', '--shard', at.shards[2]!, '--json'])
  expect(verified.code).toBe(1)
  expect(JSON.parse(verified.output)).toMatchObject([{ differences: 1, inserted: 0 }])
  expect((await run(['reference', 'status', '--shard', at.shards[2]!])).code).toBe(1)
  expect((await run(['reference', 'repair'])).code).toBe(0)
  expect(await copies(2)).toBe(2)
})

test('a server that does not answer is told, with the copies that cannot be looked at', async () => {
  const [, second] = inject('sharedSites')
  await at.write('half.json', JSON.stringify(at.config).replaceAll(`:${second?.primary.port}/`, ':1/'))
  const { code, output, errors } = await run(['status', '--config', 'half.json', '--json'])
  expect(code).toBe(1)
  expect(JSON.parse(output)).toMatchObject({
    servers: [
      { isReachable: true },
      { isReachable: true },
      { isReachable: true },
      { address: '127.0.0.1:1', isReachable: false, error: { code: 'SHERD_SERVER_UNREACHABLE' } },
      { role: 'replica', isReachable: true },
    ],
    unknownCopies: at.shards.slice(2).map((shard) => ({ table: 'countries', shard })),
  })
  expect(output + errors).not.toContain(inject('sharedPassword'))
})

test('a watch brings changes until Ctrl-C, under locks in Redis', async () => {
  await at.onMain("INSERT INTO countries VALUES ('FR', 'France')")
  const args = ['reference', 'watch', '--every', '100', '--locks', 'redis', '--json']
  const { code, output, errors } = await runCli(args, {
    directory: at.directory,
    env: { REDIS_URL: inject('sharedRedisUrl') },
    interruptWhen: async () => (await copies(0)) === 3 && (await copies(3)) === 3,
  })
  expect({ code, errors }).toEqual({ code: 130, errors: '' })
  const rounds = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { round?: string })
  expect(rounds.filter(({ round }) => round === 'compare').length).toBeGreaterThanOrEqual(4)
})

test.each([
  [['reference', 'sync', '--table', 'cities'], 'SHERD_REFERENCE_UNKNOWN', 1],
  [['reference', 'sync', '--locks', 'redis'], 'Give --redis', 2],
  [['reference', 'sync', '--timeout', 'x'], '--timeout', 2],
  [['reference', 'nope'], "unknown command 'nope'", 2],
])('the arguments %j are refused', async (args, text, expected) => {
  const { code, errors } = await run(args)
  expect({ code, isTold: errors.includes(text) }).toEqual({ code: expected, isTold: true })
})
