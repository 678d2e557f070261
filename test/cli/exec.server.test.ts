import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'

import { sharded } from '../../src/topology/table-kinds.ts'
import { type CliServers, openCliServers } from './cli-servers.ts'
import { type CliOptions, runCli } from './run-cli.ts'

let at: CliServers
beforeAll(async () => {
  at = await openCliServers(import.meta.filename, { orders: sharded('shop', 'user_id') })
})
afterAll(() => at.close())
beforeEach(async () => {
  await at.onAll(
    'DROP TABLE IF EXISTS orders, notes',
    'CREATE TABLE orders (user_id BIGINT PRIMARY KEY, note VARCHAR(40), code VARBINARY(4))',
    'CREATE TABLE notes (id INT PRIMARY KEY) ENGINE=MyISAM',
  )
  for (const index of at.shards.keys())
    await at.onShard(index, `INSERT INTO orders VALUES (${index}, 'a,"b"\n${index}', x'00ff')`)
})

const exec = (args: readonly string[], options: Partial<CliOptions> = {}) =>
  runCli(['exec', ...args], { directory: at.directory, ...options })

async function counts(): Promise<readonly number[]> {
  const found: number[] = []
  for (const index of at.shards.keys()) {
    const [row] = await at.onShard(index, 'SELECT COUNT(*) AS count FROM orders')
    found.push(Number(row?.['count']))
  }
  return found
}

describe('what statements give', () => {
  test('is one JSON value with the rows of each logical shard', async () => {
    const { code, output } = await exec([
      '--all',
      '--json',
      '-e',
      'SELECT * FROM orders; SELECT 1 AS a, 2 AS a',
    ])
    expect(code).toBe(0)
    expect(JSON.parse(output)).toEqual(
      at.shards.map((shard, index) =>
        expect.objectContaining({
          shard,
          outcome: 'done',
          statements: [
            [{ rows: [{ user_id: index, note: `a,"b"\n${index}`, code: '0x00ff' }] }],
            [{ rows: [{ a: 1, a_2: 2 }] }],
          ],
        }),
      ),
    )
  })

  test('is CSV with the shard in front, and what became of each beside it', async () => {
    const sql = "SELECT user_id, note, NULL AS nothing, '' AS empty FROM orders"
    const { code, output, errors } = await exec(['--group', 'shop', '--format', 'csv', '-e', sql])
    expect(code).toBe(0)
    expect(output).toBe(
      [
        'shard,user_id,note,nothing,empty',
        ...at.shards.map((shard, i) => `${shard},${i},"a,""b""\n${i}",,""`),
      ]
        .map((line) => `${line}\n`)
        .join(''),
    )
    for (const shard of at.shards) expect(errors).toContain(`${shard}: `)
  })

  test('is a table on a terminal, without characters that move the cursor', async () => {
    await at.onShard(0, "UPDATE orders SET note = CONCAT('x', CHAR(27), '[2J')")
    const args = ['--shard', at.shards[0]!, '-e', 'SELECT note FROM orders']
    const { code, output } = await exec(args, { onTerminal: true })
    expect(code).toBe(0)
    expect(output).toContain('│')
    expect(output).toContain(String.raw`x\u001b[2J`)
  })

  test('comes from one server, or from an unsharded database', async () => {
    const one = await exec(['--server', 'shop/1', '--json', '-e', 'SELECT DATABASE() AS name'])
    expect((JSON.parse(one.output) as { shard: string }[]).map(({ shard }) => shard)).toEqual(
      at.shards.slice(2),
    )
    const main = await exec(['--database', 'default', '--json', '-e', 'SELECT DATABASE() AS name'])
    expect(JSON.parse(main.output)).toMatchObject([
      { shard: 'default', statements: [[{ rows: [{ name: `${at.name}_main` }] }]] },
    ])
  })

  test('comes from replicas when asked, which refuse writes', async () => {
    await at.waitForReplicas()
    const sql = 'SELECT @@read_only AS is_replica, user_id FROM orders'
    const { code, output } = await exec(['--all', '--read-only', '--replica', '--json', '-e', sql])
    expect(code).toBe(0)
    expect(JSON.parse(output)).toMatchObject(
      at.shards.map((_, user_id) => ({ statements: [[{ rows: [{ is_replica: 1, user_id }] }]] })),
    )
  })
})

describe('writes', () => {
  test('are refused without a terminal and --yes, and nothing is sent', async () => {
    const { code, errors } = await exec(['--all', '-e', 'DELETE FROM orders'])
    expect(code).toBe(2)
    expect(errors).toContain('SHERD_EXEC_UNCONFIRMED')
    expect(await counts()).toEqual([1, 1, 1, 1])
  })

  test.each([
    ['n\n', 1, [1, 1, 1, 1]],
    ['y\n', 0, [0, 0, 0, 0]],
    ['\u0003', 130, [1, 1, 1, 1]],
  ])('are asked for on a terminal: %j', async (typed, expected, left) => {
    const { code } = await exec(['--all', '-e', 'DELETE FROM orders'], {
      onTerminal: true,
      replies: { 'y or n': typed },
    })
    expect({ code, left: await counts() }).toEqual({ code: expected, left })
  })

  test('hidden in a function are refused by the server when the text looks like reading', async () => {
    await at.onShard(
      0,
      'CREATE OR REPLACE FUNCTION wipe() RETURNS INT DETERMINISTIC BEGIN DELETE FROM orders; RETURN 1; END',
    )
    const args = ['--shard', at.shards[0]!, '-e', 'SELECT wipe()']
    const { code, output } = await exec(args)
    expect({ code, isRefused: output.includes('READ ONLY'), counts: await counts() }).toEqual({
      code: 1,
      isRefused: true,
      counts: [1, 1, 1, 1],
    })
    expect((await exec([...args, '--yes'])).code).toBe(0)
    expect(await counts()).toEqual([0, 1, 1, 1])
  })

  test('of a file with DELIMITER lines run as they stand', async () => {
    await at.write(
      'fill.sql',
      [
        "INSERT INTO orders (user_id, note) VALUES (10, 'a;b'); -- one; two",
        'DELIMITER //',
        'CREATE OR REPLACE PROCEDURE fill() BEGIN INSERT INTO orders (user_id) VALUES (11); INSERT INTO orders (user_id) VALUES (12); END //',
        'CALL fill() //',
        'DELIMITER ;',
        'DROP PROCEDURE fill;',
      ].join('\n'),
    )
    expect((await exec(['fill.sql', '--all', '--yes'])).code).toBe(0)
    expect(await counts()).toEqual([4, 4, 4, 4])
  })
})

describe('a failure', () => {
  // Fails on the third logical shard: user 2 is there already.
  const insert = 'INSERT INTO orders (user_id) VALUES (50); INSERT INTO orders (user_id) VALUES (2)'

  test('with --transaction takes back all of its shard, and no other is begun', async () => {
    const { code, output } = await exec([
      ...['--all', '--yes', '--transaction', '--json', '--concurrency', '1', '-e', insert],
    ])
    expect(code).toBe(1)
    expect(JSON.parse(output)).toMatchObject([
      { outcome: 'done' },
      { outcome: 'done' },
      { outcome: 'failed', kept: 'no', error: { code: 'ER_DUP_ENTRY' } },
      { outcome: 'not started' },
    ])
    expect(await counts()).toEqual([3, 3, 1, 1])
  })

  test('with --on-error continue leaves the others to be done, and tells what is kept', async () => {
    const { code, output } = await exec([
      ...['--all', '--yes', '--json', '--concurrency', '1', '--on-error', 'continue', '-e', insert],
    ])
    expect(code).toBe(1)
    expect((JSON.parse(output) as { outcome: string }[]).map(({ outcome }) => outcome)).toEqual([
      ...['done', 'done', 'failed', 'done'],
    ])
    expect(JSON.parse(output)).toMatchObject([{}, {}, { kept: 'yes' }, {}])
    expect(await counts()).toEqual([3, 3, 2, 3])
  })

  test('tells when a table without transactions kept its rows', async () => {
    const sql = `INSERT INTO notes VALUES (1); ${insert}`
    const args = ['--shard', at.shards[2]!, '--yes', '--transaction', '--json', '-e', sql]
    const { output } = await exec(args)
    expect(JSON.parse(output)).toMatchObject([{ outcome: 'failed', kept: 'partly' }])
  })

  test('is told when the text leaves its own transaction open, and nothing of it stays', async () => {
    const args = ['--shard', at.shards[0]!, '--yes', '-e', 'BEGIN; DELETE FROM orders']
    const { code, output } = await exec(args)
    expect({ code, isTold: output.includes('SHERD_EXEC_OPEN_TRANSACTION') }).toEqual({
      code: 1,
      isTold: true,
    })
    expect(await counts()).toEqual([1, 1, 1, 1])
  })

  test('of a server that is not there does not keep the others from being done', async () => {
    const [, second] = inject('sharedSites')
    const text = JSON.stringify(at.config).replaceAll(`:${second?.primary.port}/`, ':1/')
    await at.write('half.json', text)
    const args = ['--all', '--json', '--config', 'half.json', '--on-error', 'continue', '-e', 'SELECT 1']
    const { code, output, errors } = await exec(args)
    expect(code).toBe(1)
    expect(JSON.parse(output)).toMatchObject([
      { outcome: 'done' },
      { outcome: 'done' },
      { outcome: 'failed', error: { code: 'SHERD_SERVER_UNREACHABLE' } },
      { outcome: 'failed', error: { code: 'SHERD_SERVER_UNREACHABLE' } },
    ])
    expect(output + errors).not.toContain(inject('sharedPassword'))
  })
})

test('Ctrl-C while a statement runs finishes it, begins no other and tells so', async () => {
  const args = [
    '--all',
    '--yes',
    '--json',
    '--concurrency',
    '1',
    '-e',
    'SELECT SLEEP(1.5); DELETE FROM orders',
  ]
  const { code, output } = await runCli(['exec', ...args], {
    directory: at.directory,
    interruptWhen: async () => {
      const rows = await at.onShard(
        0,
        `SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(1.5)%' AND DB = '${at.shards[0]}'`,
      )
      return rows.length > 0
    },
  })
  expect(code).toBe(130)
  expect(JSON.parse(output)).toMatchObject([
    { outcome: 'failed', error: { code: 'SHERD_EXEC_INTERRUPTED' } },
    { outcome: 'not started' },
    { outcome: 'not started' },
    { outcome: 'not started' },
  ])
  expect(await counts()).toEqual([1, 1, 1, 1])
})

test.each([
  [['-e', 'SELECT 1'], 'Nothing says where to run'],
  [['--all', '--group', 'shop', '-e', 'SELECT 1'], 'More than one thing says where to run'],
  [['--all'], 'from a file or from -e'],
  [['--all', 'nowhere.sql'], 'cannot be read'],
  [['--all', '--replica', '-e', 'SELECT 1'], '--replica needs --read-only'],
  [['--server', 'shop/9', '-e', 'SELECT 1'], 'Known: shop/0, shop/1'],
  [['--database', 'default', '--read-only', '--replica', '-e', 'SELECT 1'], 'has no replica'],
  [['--all', '--concurrency', '0', '-e', 'SELECT 1'], '--concurrency'],
  [['--all', '--format', 'xml', '-e', 'SELECT 1'], 'Allowed choices are table, json, csv'],
])('the arguments %j are refused with exit code 2', async (args, text) => {
  const { code, output, errors } = await exec(args)
  expect({ code, output }).toEqual({ code: 2, output: '' })
  expect(errors).toContain(text)
})

test('statements that cannot run in a transaction are refused with their lines before anything is sent', async () => {
  const sql = 'DELETE FROM orders;\nTRUNCATE orders'
  const { code, errors } = await exec(['--all', '--yes', '--transaction', '-e', sql])
  expect(code).toBe(1)
  expect(errors).toContain('line 2: TRUNCATE may end the transaction')
  expect(await counts()).toEqual([1, 1, 1, 1])
})
