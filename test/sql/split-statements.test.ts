import { expect, test } from 'vitest'

import { isCutProgram, splitStatements } from '../../src/sql/split-statements.ts'
import { mysqlDefaultModes, sqliteModes } from '../../src/sql/modes.ts'

const split = (text: string, modes = mysqlDefaultModes) =>
  splitStatements(text, modes).statements.map((statement) => [statement.line, statement.text])

test('a semicolon in a string, a name or a comment ends no statement', () => {
  const text = `INSERT INTO a VALUES ('x;''y\\';', ";", \`;\`); -- not; here
# nor; here
/* nor;
here */ UPDATE a SET b = 1 /* ; */;`
  expect(split(text)).toEqual([
    [1, `INSERT INTO a VALUES ('x;''y\\';', ";", \`;\`)`],
    [4, 'UPDATE a SET b = 1 /* ; */'],
  ])
})

test('the last statement needs no semicolon, and a file of comments has none', () => {
  expect(split('SELECT 1;\n\nSELECT 2')).toEqual([
    [1, 'SELECT 1'],
    [3, 'SELECT 2'],
  ])
  expect(split('-- nothing\n/* here */\n;;\n')).toEqual([])
})

test('DELIMITER changes what ends a statement, until it is changed back', () => {
  const text = `DELIMITER $$
CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; SET NEW.y = 2; END$$
delimiter ;
DROP TABLE b;`
  expect(split(text)).toEqual([
    [2, 'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; SET NEW.y = 2; END'],
    [4, 'DROP TABLE b'],
  ])
})

test("drizzle-kit's breakpoints end statements", () => {
  const text =
    'CREATE TABLE a (x int);\n--> statement-breakpoint\nALTER TABLE a ADD y int--> statement-breakpoint\nDROP TABLE b;'
  expect(split(text)).toEqual([
    [1, 'CREATE TABLE a (x int)'],
    [3, 'ALTER TABLE a ADD y int'],
    [4, 'DROP TABLE b'],
  ])
})

test('backslashes and brackets are read as the dialect has them', () => {
  expect(split("INSERT INTO a VALUES ('\\'); SELECT 1", sqliteModes)).toHaveLength(2)
  expect(split('SELECT [;]; SELECT 1', sqliteModes)).toHaveLength(2)
})

test('only lines before the first statement are the head of the file', () => {
  const { header } = splitStatements(
    '-- words\n-- sherd: group=product\nSELECT 1;\n-- sherd: database=default\n',
    mysqlDefaultModes,
  )
  expect(header).toEqual([{ line: 2, text: 'group=product' }])
})

test('a string that is never closed is refused', () => {
  expect(() => split("SELECT 'a; SELECT 1;")).toThrow(expect.objectContaining({ code: 'SHERD_SQL_SYNTAX' }))
})

test('a stored program that lost its body is told from a whole one', () => {
  expect(isCutProgram('CREATE PROCEDURE p() BEGIN SELECT 1')).toBe(true)
  expect(
    isCutProgram('CREATE DEFINER=`a`@`b` TRIGGER t AFTER INSERT ON x FOR EACH ROW BEGIN SET @a = 1'),
  ).toBe(true)
  expect(isCutProgram('CREATE PROCEDURE p() BEGIN SELECT 1; END')).toBe(false)
  expect(isCutProgram('CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1')).toBe(false)
  expect(isCutProgram("INSERT INTO a VALUES ('CREATE TRIGGER x BEGIN')")).toBe(false)
})
