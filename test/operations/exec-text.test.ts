import { describe, expect, test } from 'vitest'

import { SherdError } from '../../src/errors/sherd-error.ts'
import { readExecText } from '../../src/operations/exec-text.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'

const read = (text: string, isBound = false) => readExecText(text, mysqlDefaultModes, isBound)

function problemsOf(text: string, isBound = false): readonly string[] {
  try {
    read(text, isBound)
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    expect(error.code).toBe('SHERD_EXEC_REFUSED')
    return (error.details.problems ?? []).map(({ path, problem }) => `${path}: ${problem}`)
  }
  return []
}

test('a text is cut outside of strings, names and comments, and where DELIMITER says so', () => {
  const text = [
    `INSERT INTO a VALUES (';', "it's; x"); -- one; two`,
    '# three; four',
    'SELECT `a;b` /* ; */ FROM a;',
    'DELIMITER //',
    'CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END //',
    'DELIMITER ;',
    'SELECT 3',
  ].join('\n')
  expect(read(text).statements.map(({ text: sql, line }) => [line, sql])).toEqual([
    [1, `INSERT INTO a VALUES (';', "it's; x")`],
    [3, 'SELECT `a;b` /* ; */ FROM a'],
    [5, 'CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END'],
    [7, 'SELECT 3'],
  ])
})

describe('inside a transaction', () => {
  test.each([
    'CREATE TABLE a (id INT)',
    'ALTER TABLE a ADD b INT',
    'TRUNCATE a',
    'COMMIT',
    'ROLLBACK',
    'BEGIN',
    'START TRANSACTION',
    'SET autocommit = 1',
    'SET @a = 1, autocommit = 1',
    'SET STATEMENT max_statement_time = 1 FOR DELETE FROM a',
    'SET PASSWORD = PASSWORD(1)',
    'CALL p()',
    'LOCK TABLES a WRITE',
    'UNLOCK TABLES',
    'ANALYZE TABLE a',
    "PREPARE s FROM 'COMMIT'",
    'EXECUTE s',
    "XA START 'a'",
    "SELECT * FROM a INTO OUTFILE '/tmp/a'",
    '/*!40000 COMMIT */',
    'CREATE TEMPORARY TABLE a (id INT)',
    'LOAD DATA INFILE "a" INTO TABLE a',
  ])('%s is refused with its line before anything is sent', (text) => {
    expect(problemsOf(`DELETE FROM a;\n${text}`, true)).toEqual([expect.stringMatching(/^line 2: /)])
  })

  test.each([
    'DELETE FROM a',
    'SET @a = 1, @b := (SELECT COUNT(*), 2)',
    'SELECT * FROM a FOR UPDATE',
    '(SELECT 1) UNION (SELECT 2)',
    "INSERT INTO a VALUES ('COMMIT; TRUNCATE a')",
    'WITH a AS (SELECT 1) SELECT * FROM a',
    'SHOW TABLES',
  ])('%s may run', (text) => {
    expect(problemsOf(text, true)).toEqual([])
  })
})

test.each([
  'USE other',
  'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END',
])('%s is refused everywhere', (text) => {
  expect(problemsOf(text)).toHaveLength(1)
})

test.each([
  ['SELECT 1; SHOW TABLES', true],
  ['EXPLAIN SELECT 1', true],
  ['SELECT 1; DELETE FROM a', false],
  ['WITH c AS (SELECT 1) DELETE FROM a', false],
  ['SELECT /*! 1 */ 1', false],
  ['SELECT * FROM a FOR UPDATE', false],
  ["SELECT 'delete'", true],
  ['ANALYZE DELETE FROM a', false],
  ['CALL p()', false],
])('whether %s only reads is told as %s', (text, isReading) => {
  expect(read(text).isReading).toBe(isReading)
})

test.each(['', ' ; ;', '-- nothing'])('a text without statements is an error: %j', (text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'SHERD_EXEC_OPTION' }))
})
