// What MySQL 8 reads and MariaDB does not. SHERD_TEST_SEED and SHERD_TEST_CASES choose the statements.
import { expect, test } from 'vitest'
import { countCases, seed } from '../sql-differential/case-options.ts'
import { makeMysqlStatement } from '../sql-differential/random-mysql-statement.ts'
import { Random } from '../sql-differential/random.ts'
import { parseStatement } from '../../src/sql/parser.ts'
import { findSpanProblem } from './check-spans.ts'
import { mysql, refusalOf } from './parse.ts'

test('every form of MySQL 8 alone is read, with its tables and markers', () => {
  const random = new Random(seed)
  const cases = countCases(2000)
  for (let made = 0; made < cases; made++) {
    const sql = makeMysqlStatement(random)
    expect(refusalOf(sql), sql).toBe('accepted')
    const statement = parseStatement(sql, mysql)
    expect(findSpanProblem(sql, statement), sql).toBeUndefined()
    expect(statement.markers.length, sql).toBe(sql.split('?').length - 1)
    expect(new Set(statement.tables.map(({ table }) => table.name)), sql).toEqual(
      new Set(sql.match(/\bt\d\b/gu)),
    )
  }
  console.log(`forms of MySQL 8: ${cases} statements read, seed ${seed}`)
})
