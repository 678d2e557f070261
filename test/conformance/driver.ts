import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Driver, DriverConnection } from '../../src/drivers/driver.ts'
import { cut, end, reset, run } from '../drivers/endpoints.ts'

/** What a driver's own test gives to the shared suite. */
export interface DriverUnderTest {
  readonly load: () => Promise<Driver>
  /** A new connection with an empty default database. */
  readonly open: (driver: Driver) => Promise<DriverConnection>
  readonly createTable: string
}

/** The promises every driver keeps. Call it inside a `describe`. */
export function testDriver(maker: DriverUnderTest): void {
  let driver: Driver
  let connection: DriverConnection

  beforeAll(async () => {
    driver = await maker.load()
    connection = await maker.open(driver)
    await run(connection, maker.createTable)
  })

  beforeEach(async () => {
    await run(connection, 'DELETE FROM conformance')
  })

  afterAll(async () => {
    await end(connection)
  })

  test('a new connection knows its server and has no settings of its own', () => {
    expect(connection.facts.version).toMatch(/^\d+\.\d+/)
    expect(connection.facts.modes.dialect).toBe(driver.dialect)
    expect(connection.facts.isReadOnly).toBe(false)
    expect(connection.facts.isStrict).toBe(true)
    expect(connection.settings).toBe('')
  })

  test('rows come as objects with their fields, or as arrays on demand', async () => {
    const text = cut('SELECT ? AS one, ? AS two')
    const { rows, fields } = await run(connection, { text, values: [1, 'x'] })
    expect(rows).toEqual([{ one: 1, two: 'x' }])
    expect((fields as { name: string }[]).map(({ name }) => name)).toEqual(['one', 'two'])
    const arrays = await run(connection, { text, values: [1, 'x'], options: { rowsAsArray: true } })
    expect(arrays.rows).toEqual([[1, 'x']])
  })

  test('a write tells how many rows and which id, rows tell nothing', async () => {
    const text = cut('INSERT INTO conformance (id, name) VALUES (?, ?), (?, ?)')
    const { rows } = await run(connection, { text, values: [1, 'a', 2, 'b'] })
    expect(driver.readWrite(rows)).toMatchObject({ affectedRows: 2 })
    const one = await run(connection, "INSERT INTO conformance (name) VALUES ('c')")
    expect(driver.readWrite(one.rows)?.insertId).toBeGreaterThan(2)
    expect(driver.readWrite((await run(connection, 'SELECT 1')).rows)).toBeUndefined()
  })

  for (const protocol of ['text', 'prepared'] as const) {
    test(`raw columns are kept out of rows and fields, and told as they are, ${protocol}`, async () => {
      await run(connection, "INSERT INTO conformance (id, name) VALUES (1, 'a'), (2, NULL)")
      const text = cut(
        'SELECT id, name, name AS r0, id AS r1, id AS r2 FROM conformance WHERE id < ? ORDER BY id',
      )
      const seen: unknown[] = []
      const raws: unknown[] = []
      let names: readonly unknown[] = []
      for (const rawCount of [3, 'all'] as const) {
        await new Promise<void>((resolve, reject) => {
          connection.readRows({ text, values: [9], protocol }, rawCount, {
            onColumns: (fields, raw) => {
              names = [fields.map((field) => (field as { name: string }).name), raw.map(({ name }) => name)]
            },
            onRow: (row, raw) => {
              seen.push(row)
              raws.push(raw.map((cell) => (cell === null ? null : String(cell))))
            },
            onEnd: (error) => (error ? reject(error as Error) : resolve()),
          })
        })
        if (rawCount !== 3) continue
        expect(names).toEqual([
          ['id', 'name'],
          ['r0', 'r1', 'r2'],
        ])
        expect(seen).toEqual([
          { id: 1, name: 'a' },
          { id: 2, name: null },
        ])
        expect(raws).toEqual([
          ['a', '1', '1'],
          [null, '2', '2'],
        ])
      }
      expect(raws.slice(2)).toEqual([
        ['1', 'a', 'a', '1', '1'],
        ['2', null, null, '2', '2'],
      ])
    })

    test(`an error of the server ends a reading of rows, and the connection stays usable, ${protocol}`, async () => {
      const failed = await new Promise((resolve) => {
        const ignore = (): void => undefined
        const request = { text: cut('SELECT missing FROM conformance'), values: [], protocol }
        connection.readRows(request, 0, { onColumns: ignore, onRow: ignore, onEnd: resolve })
      })
      expect(failed).toBeInstanceOf(Error)
      expect((await run(connection, 'SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    })

    test(`values come back as they went, ${protocol}`, async () => {
      const text = cut('INSERT INTO conformance (id, name, big, data) VALUES (?, ?, ?, ?)')
      const name = `it's "quoted" \\ back\\'slash\n\t% _ ? ?? é 😀`
      await run(connection, {
        text,
        values: [1, name, 9007199254740993n, Buffer.from([0, 39, 92, 255])],
        protocol,
      })
      await run(connection, { text, values: [2, null, null, null], protocol })
      const select = cut('SELECT name, big = 9007199254740993 AS isExact, data FROM conformance WHERE id = ?')
      const found = await run(connection, { text: select, values: [1], protocol })
      expect(found.rows).toEqual([{ name, isExact: 1, data: Buffer.from([0, 39, 92, 255]) }])
      const empty = await run(connection, { text: select, values: [2], protocol })
      expect(empty.rows).toEqual([{ name: null, isExact: null, data: null }])
    })
  }

  test('escape and format write literals the server reads back', async () => {
    const name = `it's \\ "so"`
    const options = { modes: connection.facts.modes }
    const escaped = await run(connection, `SELECT ${driver.escape(name, options)} AS name`)
    expect(escaped.rows).toEqual([{ name }])
    await run(connection, "INSERT INTO conformance (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    const sql = driver.format(
      "SELECT ?? AS found, '?' AS mark FROM conformance WHERE id IN (?) ORDER BY id",
      ['name', [1, 3]],
    )
    const formatted = await run(connection, sql)
    expect(formatted.rows).toEqual([
      { found: 'a', mark: '?' },
      { found: 'c', mark: '?' },
    ])
  })

  test('an error is the library’s own object and leaves the connection well', async () => {
    await run(connection, "INSERT INTO conformance (id, name) VALUES (1, 'a')")
    const error: unknown = await run(connection, "INSERT INTO conformance (id, name) VALUES (1, 'a')").catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(Error)
    expect((error as { code: string }).code).toMatch(/DUP_ENTRY|SQLITE_CONSTRAINT/)
    expect(driver.isFatal(error)).toBe(false)
    expect((await run(connection, 'SELECT 7 AS n')).rows).toEqual([{ n: 7 }])
  })

  test('statements given at once are answered in their order, none before run returns', async () => {
    const heard: number[] = []
    let isInside = true
    await new Promise<void>((resolve) => {
      for (let number = 1; number <= 20; number++) {
        connection.run({ text: cut('SELECT ? AS n'), values: [number], protocol: 'text' }, (_error, rows) => {
          expect(isInside).toBe(false)
          heard.push((rows as { n: number }[])[0]?.n ?? 0)
          if (heard.length === 20) resolve()
        })
      }
      isInside = false
    })
    expect(heard).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  test('reset ends the transaction and forgets the settings', async () => {
    await run(connection, 'BEGIN')
    await run(connection, "INSERT INTO conformance (id, name) VALUES (1, 'a')")
    connection.settings = 'something'
    await reset(connection)
    expect(connection.settings).toBe('')
    expect((await run(connection, 'SELECT COUNT(*) AS n FROM conformance')).rows).toEqual([{ n: 0 }])
  })

  test('a closed or cut connection answers with an error and does not tell of a loss', async () => {
    const closed = await maker.open(driver)
    const lost: unknown[] = []
    closed.onLost((error) => lost.push(error))
    await end(closed)
    await expect(run(closed, 'SELECT 1')).rejects.toThrow()
    const severed = await maker.open(driver)
    severed.onLost((error) => lost.push(error))
    severed.destroy()
    await expect(run(severed, 'SELECT 1')).rejects.toThrow()
    severed.destroy()
    expect(lost).toEqual([])
  })
}
