import Database from 'libsql'
import { expect, test } from 'vitest'
import type { SqliteLibrary } from '../../src/drivers/sqlite-library.ts'
import { readCell } from '../../src/drivers/sqlite-values.ts'
import { expectReports, openReportShop } from './rental-shop-reports.ts'

test(
  'the reports of examples/rental-shop on SQLite are those of one database',
  { timeout: 120_000 },
  async () => {
    // libsql's own types say less than those sherd's driver states of it.
    const plain = new (Database as unknown as SqliteLibrary)(':memory:', { timeout: 100 })
    const memory = 'sqlite::memory:'
    const sherd = await openReportShop(
      { databaseName: 'shop', main: memory, servers: [memory, memory] },
      (texts) => {
        for (const text of texts) plain.exec(text)
        return Promise.resolve()
      },
    )
    try {
      await expectReports(sherd, (sql) => {
        const statement = plain.prepare(sql)
        const names = statement.columns().map(({ name }) => name)
        const rows = statement.raw(true).safeIntegers(true).all([])
        return Promise.resolve(
          rows.map((row) => Object.fromEntries(names.map((name, index) => [name, readCell(row[index])]))),
        )
      })
      expect(sherd.topology.dialect).toBe('sqlite')
    } finally {
      plain.close()
      await sherd.close()
    }
  },
)
