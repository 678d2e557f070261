import { afterEach, expect, test } from 'vitest'
import { reference } from '../../src/topology/table-kinds.ts'
import { openReferenceShop, type ReferenceShop } from './open-reference.ts'

let shop: ReferenceShop | undefined
afterEach(async () => {
  await shop?.close()
  shop = undefined
})

const zoo = `CREATE TABLE zoo (
  id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT,
  tiny TINYINT, small SMALLINT UNSIGNED, medium MEDIUMINT, normal INT ZEROFILL, big BIGINT,
  price DECIMAL(65,30), plain FLOAT, fixed FLOAT(7,2), wide DOUBLE, fixed_wide DOUBLE(12,3),
  bits BIT(64), flag BIT(1), born YEAR,
  day DATE, moment DATETIME(6), stamp TIMESTAMP(6) NULL, span TIME(6),
  word VARCHAR(200) CHARACTER SET utf8mb4, latin VARCHAR(200) CHARACTER SET latin1, old VARCHAR(50) CHARACTER SET utf8mb3,
  fixed_word CHAR(10), body LONGTEXT CHARACTER SET utf8mb4, fixed_bytes BINARY(8), bytes VARBINARY(300), blob_bytes LONGBLOB,
  kind ENUM('a', 'b', 'ü', ''), kinds SET('x', 'y', 'z'),
  doc JSON, place GEOMETRY, uid UUID, ip4 INET4, ip6 INET6,
  hidden VARCHAR(20) INVISIBLE DEFAULT 'h',
  computed INT AS (tiny + 1) VIRTUAL, stored INT AS (small * 2) STORED
)`
const columns =
  'id, tiny, small, medium, normal, big, price, plain, fixed, wide, fixed_wide, bits, flag, born, day, moment, stamp, span, word, latin, old, fixed_word, body, fixed_bytes, bytes, blob_bytes, kind, kinds, doc, place, uid, ip4, ip6, hidden'
const allBytes = `CAST(UNHEX('${Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('hex')}') AS BINARY)`
const beasts = [
  `(0, -128, 0, -8388608, 7, -9223372036854775808, '-99999999999999999999999999999999999.999999999999999999999999999999', 0.1, 12345.67, 0.1, 123456789.125, b'1000000000000000000000000000000000000000000000000000000000000001', b'0', 0, '0000-00-00', '0000-00-00 00:00:00', '1970-01-01 00:00:01.000001', '-838:59:59.999999', '', '', '', '', '', '', '', '', '', '', '{}', NULL, NULL, NULL, NULL, '')`,
  `(18446744073709551615, 127, 65535, 8388607, 4294967295, 9223372036854775807, '0.000000000000000000000000000001', 3.4028235e38, -0.01, 1.7976931348623157e308, -0.001, 18446744073709551615, b'1', 2155, '9999-12-31', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07.999999', '838:59:59.999999', 'emoji 🦊 and '' and \\\\ and ? and \\n', 'Ærø café', 'ж', 'ends  ', REPEAT('long 🐘', 5000), x'0001', ${allBytes}, ${allBytes}, 'ü', 'x,z', '{"a": [1, "é", null], "b": 1.50}', ST_GeomFromText('POINT(1.5 -2.25)', 4326), '123e4567-e89b-12d3-a456-426655440000', '192.168.0.1', '::ffff:1.2.3.4', 'seen')`,
  `(5, NULL, NULL, NULL, NULL, NULL, NULL, 1e-45, NULL, 5e-324, NULL, NULL, NULL, NULL, '2024-02-31', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))'), NULL, NULL, NULL, NULL)`,
  `(6, 1, 1, 1, 1, 1, 1, 16777216, 1, 9007199254740993, 1, 1, 1, 1901, '2024-01-01', '2024-01-01 01:02:03.4', '2024-03-31 02:30:00', '-00:00:00.5', 'N', '1:a', ' ', ' a', '\\0', x'', x'00', x'', 2, 7, '[]', NULL, NULL, NULL, NULL, NULL)`,
]
const setModes = "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'"
/** All bytes of all columns as the server has them. */
const list = `SELECT id, ${columns
  .split(', ')
  .map((name) =>
    ['plain', 'fixed', 'wide', 'fixed_wide'].includes(name)
      ? `CAST(${name} AS DOUBLE) AS ${name}`
      : `HEX(${name}) AS ${name}_hex`,
  )
  .join(', ')}, computed, stored FROM zoo ORDER BY id`

test('every type is copied byte for byte, and a comparison finds no difference', async ({ task }) => {
  shop = await openReferenceShop(import.meta.filename, task.name, { zoo: reference('shop') })
  const { onBoth, onSource, onShard, sync, compare } = shop
  await onBoth(zoo)
  await onSource(setModes, ...beasts.map((beast) => `INSERT INTO zoo (${columns}) VALUES ${beast}`))
  expect(await sync('zoo')).toMatchObject({ inserted: 4 })
  const original = await onSource(list)
  expect(original).toHaveLength(4)
  expect(await onShard(list)).toEqual(original)
  expect(await compare('zoo')).toMatchObject({ differences: 0 })
})

test('a change of any one column is found by its checksum and repaired', async ({ task }) => {
  shop = await openReferenceShop(import.meta.filename, task.name, { zoo: reference('shop') })
  const { onBoth, onSource, onShard, sync, compare } = shop
  await onBoth(zoo)
  await onSource(setModes, ...beasts.map((beast) => `INSERT INTO zoo (${columns}) VALUES ${beast}`))
  await sync('zoo')
  const names = columns.split(', ').filter((name) => name !== 'id')
  const missed: string[] = []
  for (const name of names) {
    // NULL against '' and 0, and the other way round.
    await onShard(
      "SET sql_mode = ''",
      `UPDATE zoo SET ${name} = NULL WHERE id = 6`,
      `UPDATE zoo SET tiny = 1 WHERE id = 6 AND '${name}' <> 'tiny'`,
    )
    const [row] = await onSource(`SELECT ${name} IS NULL AS none FROM zoo WHERE id = 6`)
    const { differences } = await compare('zoo')
    if (differences !== (Number(row?.['none']) === 1 ? 0 : 1)) missed.push(name)
  }
  expect(missed).toEqual([])
  await onShard(
    "SET sql_mode = ''",
    `UPDATE zoo SET word = 'emoji 🦊 and '' and \\\\ and ? and \\n ' WHERE id = 18446744073709551615`,
  )
  expect(await compare('zoo')).toMatchObject({ differences: 1 })
  expect(await onShard(list)).toEqual(await onSource(list))
})

test.each([
  [
    'two columns',
    'a INT, b VARCHAR(10) COLLATE utf8mb4_unicode_ci, PRIMARY KEY (b, a)',
    "seq % 7, CONCAT('k', seq DIV 7)",
  ],
  ['bytes', 'a VARBINARY(20) PRIMARY KEY, b INT', "UNHEX(LPAD(HEX(seq), 6, '0')), seq"],
  [
    'a word',
    'a VARCHAR(20) COLLATE utf8mb4_unicode_ci PRIMARY KEY, b INT',
    "CONCAT(CHAR(97 + seq % 26), seq, 'é'), seq",
  ],
  ['a time', 'a DATETIME(3) PRIMARY KEY, b INT', "'2024-01-01' + INTERVAL seq SECOND, seq"],
  [
    'a UUID',
    'a UUID PRIMARY KEY, b INT',
    "CONCAT('123e4567-e89b-12d3-a456-', LPAD(HEX(seq * 7919), 12, '0')), seq",
  ],
  ['an ENUM and a BIT', "a ENUM('x', 'y', 'z'), b BIT(20), PRIMARY KEY (a, b)", '1 + seq % 3, seq DIV 3'],
  ['a unique key', 'a BIGINT UNSIGNED NOT NULL UNIQUE, b INT', '18446744073709551615 - seq, seq'],
])('rows with the key %s are chunked, copied, compared and repaired', async (name, definition, values) => {
  shop = await openReferenceShop(import.meta.filename, `key ${name}`, { things: reference('shop') })
  const { onBoth, onSource, onShard, context, copy } = shop
  const { compareCopy } = await import('../../src/reference/compare-copy.ts')
  const { syncCopy } = await import('../../src/reference/sync-copy.ts')
  await onBoth(`CREATE TABLE things (${definition})`)
  await onSource(`INSERT INTO things SELECT ${values} FROM seq_1_to_200`)
  const small = { ...context, limits: { batchRows: 30, chunkRows: 17 } }
  await syncCopy(small, copy('things'), { fence: 1 })
  const rows = 'SELECT HEX(a) AS a, HEX(b) AS b FROM things ORDER BY things.a, things.b'
  expect(await onShard(rows)).toEqual(await onSource(rows))
  await onShard('DELETE FROM things ORDER BY RAND(1) LIMIT 20')
  await onSource('DELETE FROM things ORDER BY RAND(2) LIMIT 20')
  await compareCopy(small, copy('things'), { fence: 1, repair: true })
  expect(await onShard(rows)).toEqual(await onSource(rows))
  expect(await compareCopy(small, copy('things'), { fence: 1, repair: false })).toMatchObject({
    differences: 0,
  })
})
