/** What MariaDB prepares and we refuse on purpose. The list may only shrink: each rule has an example that must still need it. */
export const refusalRules: readonly Rule[] = [
  {
    name: 'FETCH FIRST ROW without a number',
    example: 'SELECT 1 FETCH FIRST ROW ONLY',
    reason: 'the number 1 has no place in the text, and a limit is read from there when results are merged',
    problem: /a number or a marker is expected, not ROWS?\./u,
  },
  {
    name: 'PROCEDURE ANALYSE()',
    example: 'SELECT * FROM t1 PROCEDURE ANALYSE()',
    reason: 'removed in MySQL 8; it answers with rows of its own, not with those of the tables',
    problem: /not PROCEDURE\./u,
  },
  {
    name: 'a comparison behind IS',
    example: 'SELECT a IS NULL = 1 FROM t1',
    reason: 'what it binds to differs between MariaDB and MySQL',
    problem: /parentheses are needed around IS/u,
  },
  {
    name: 'a second LIKE, IN, BETWEEN, REGEXP or SOUNDS LIKE, or an operator behind one',
    example: 'SELECT a IN (1) NOT IN (2) FROM t1',
    reason: 'MySQL has no such grammar, and MariaDB groups it its own way',
    problem:
      /expected, not (?:NOT|LIKE|RLIKE|REGEXP|IN|BETWEEN|SOUNDS|COLLATE|[-+*/%^|&]|<<|>>|DIV|MOD)\.|(?:AND|THEN) is expected/u,
  },
  {
    name: 'operators around INTERVAL 1 DAY + x',
    example: 'SELECT -INTERVAL 1 DAY + x FROM t1',
    reason: 'MariaDB takes a comparison behind it as its right side, and turns the sum round behind a minus',
    problem: /around this sum of an interval/u,
  },
  {
    name: 'a name of WITH that hides a table',
    example: 'WITH q AS (SELECT * FROM t1), t1 AS (SELECT 2) SELECT * FROM q',
    reason: 'the servers differ in where such a name is known',
    problem: /servers differ in whether this name/u,
  },
  {
    name: 'a name that begins with a digit, or stands before a number that begins with a dot',
    example: 'SELECT 1 AS 1a',
    reason: 'the servers differ in where the name ends',
    problem: /a name that begins with a digit|not \.\./u,
  },
  {
    name: 'FROM t = alias',
    example: 'SELECT 1 FROM t1 = j',
    reason: 'an old spelling of AS that only MariaDB knows',
    problem: /expected, not =\./u,
  },
  {
    name: 'executable comments',
    example: 'SELECT 1 /*! + 1 */',
    reason: 'some servers run the inside, others do not',
    code: 'SHERD_SQL_VERSION_COMMENT',
    problem: /some servers run the inside/u,
  },
]

/** What MariaDB refuses with 1064 and we parse: no harm, because the server then tells its error. */
export const serverRules: readonly { readonly reason: string; readonly text: RegExp }[] = [
  {
    reason: 'DELETE FROM t AS a: MySQL 8.0.16, MariaDB 11',
    text: /^\s*DELETE\b.*?\bFROM\s+\w+\s+(?:AS\s*)?j/isu,
  },
  { reason: 'REPLACE … ON DUPLICATE KEY UPDATE', text: /^\s*REPLACE\b.*ON DUPLICATE/isu },
  {
    reason: 'UPDATE and DELETE with an offset',
    text: /^\s*(?:UPDATE|DELETE)\b.*(?:LIMIT|OFFSET|FETCH)\b/isu,
  },
  {
    reason: 'LATERAL, FOR SHARE, OF, JSON arrows, VALUES ROW, TABLE: MySQL 8',
    text: /\blateral\b|\bfor share\b|\bupdate of\b|->|\bvalues row\b|^\s*table\b|\bmember of\b/iu,
  },
  { reason: 'INTO @v anywhere but at the end of the whole statement', text: /\bINTO @/iu },
  { reason: 'VALUES(a) outside an upsert', text: /\bVALUES?\s*\(\s*[`\w.]+\s*\)/iu },
  { reason: 'DEFAULT in an expression', text: /\bDEFAULT\b/iu },
  {
    reason: 'SELECT without FROM but with more clauses, or * without FROM',
    text: /SELECT(?:(?!\bFROM\b).)*\b(?:WHERE|WINDOW|GROUP|HAVING)\b|\*\s+(?:WHERE|WINDOW|GROUP|HAVING|UNION|\)|$)/isu,
  },
  { reason: 'a lock, limit or procedure inside a set operation', text: /\b(?:UNION|EXCEPT|INTERSECT)\b/iu },
  { reason: 'a window without a name or frame that the server knows', text: /\bOVER\b/iu },
]

/** Matched against the text of our error; its code is SHERD_SQL_SYNTAX unless said. */
export interface Rule {
  readonly name: string
  /** A statement that the server prepares and this rule refuses. */
  readonly example: string
  readonly reason: string
  readonly problem: RegExp
  readonly code?: string
}
