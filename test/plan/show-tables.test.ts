import { describe, expect, it } from 'vitest'
import { selectForShow } from '../../src/plan/show-tables.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'

const select = (sql: string): string | undefined => selectForShow(sql, 'main', mysqlDefaultModes)

describe('selectForShow', () => {
  it('lists the tables under the heading of SHOW TABLES', () => {
    expect(select('show tables;')).toBe(
      'SELECT TABLE_NAME AS `Tables_in_main` FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME',
    )
  })

  it('puts the pattern of LIKE into the heading', () => {
    expect(select("SHOW FULL TABLES IN `main` LIKE 'o\\_%'")).toBe(
      "SELECT TABLE_NAME AS `Tables_in_main (o\\_%)`, TABLE_TYPE AS `Table_type` FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'o\\_%' ORDER BY TABLE_NAME",
    )
  })

  it('lets WHERE see the columns of SHOW', () => {
    expect(select("SHOW TABLES WHERE Tables_in_main <> 'x' ;")).toBe(
      "SELECT * FROM (SELECT TABLE_NAME AS `Tables_in_main` FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()) AS shown WHERE Tables_in_main <> 'x' ORDER BY 1",
    )
    expect(select('SHOW TABLE STATUS')).toContain('TABLE_NAME AS `Name`, ENGINE AS `Engine`')
  })

  it.each([
    'SHOW TABLES FROM other',
    'SHOW COLUMNS FROM t',
    'SHOW OPEN TABLES',
    'SHOW TABLES x',
    'SHOW',
    'SHOW TABLE',
  ])('leaves %s', (sql) => {
    expect(select(sql)).toBeUndefined()
  })
})
