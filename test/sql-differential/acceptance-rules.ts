/** What MariaDB prepares and we refuse on purpose. The list may only shrink: each rule has an example that must still need it. */
export const refusalRules: readonly Rule[] = [
  {
    name: 'a text without a statement',
    example: '# nothing',
    reason: 'there is nothing to be run',
    problem: /a statement is expected, not the end of the text\./u,
  },
  {
    name: 'FETCH FIRST ROW without a number',
    example: 'SELECT 1 FETCH FIRST ROW ONLY',
    reason: 'the number 1 has no place in the text, and a limit is read from there when results are merged',
    problem: /a number or a marker is expected, not ROWS?\./u,
  },
  {
    name: 'FETCH … WITH TIES',
    example: 'SELECT a FROM t1 ORDER BY a FETCH FIRST 1 ROWS WITH TIES',
    reason: 'MariaDB only; it answers with more rows than its number, which no merge can know',
    problem: /ONLY is expected, not WITH\./u,
  },
  {
    name: 'LIMIT … ROWS EXAMINED',
    example: 'SELECT a FROM t1 LIMIT 1 ROWS EXAMINED 10',
    reason: 'MariaDB only; it answers with some of the rows, whichever it came to',
    problem: /expected, not ROWS\./u,
    text: /\bROWS\s+EXAMINED\b/iu,
  },
  {
    name: 'ORDER BY or LIMIT inside and behind the same parentheses',
    example: '(SELECT a FROM t1 ORDER BY a LIMIT 2) ORDER BY a',
    reason: 'the tree of a query has one place for each; a derived table says the same',
    problem: /inside these parentheses as well as behind them/u,
  },
  {
    name: 'VALUES as a query inside an expression',
    example: 'SELECT 1 FROM t1 WHERE (a, b) IN (VALUES (1, 2))',
    reason: 'in MySQL VALUES (…) is the function of an upsert there, and its query is VALUES ROW (…)',
    problem: /VALUES takes the name of a column here|a query in parentheses is expected, not \(/u,
    text: /\(\s*VALUES\b/iu,
  },
  {
    name: 'INSERT … VALUES with more of a query behind it',
    example: 'INSERT INTO t1 (a, b) VALUES (1, 2) UNION SELECT 3, 4',
    reason: 'MariaDB only; SELECT says the same',
    problem:
      /the end of the statement is expected, not (?:UNION|EXCEPT|INTERSECT|ORDER|LIMIT|OFFSET|FETCH)\./u,
    text: /^\s*(?:INSERT|REPLACE)\b/iu,
  },
  {
    name: 'IGNORE as a value',
    example: 'INSERT INTO t1 (a, b) VALUES (1, IGNORE)',
    reason: 'MariaDB only; its meaning depends on the values of other rows',
    problem: /an expression is expected, not IGNORE\./u,
  },
  {
    name: 'a name that begins with a dot',
    example: 'SELECT .t1.a FROM .t1',
    reason: 'an old spelling for ODBC; the rewriting of names would have to know it',
    problem: /expected, not \.\./u,
  },
  {
    name: 'versions of rows and sequences: FOR SYSTEM_TIME, FOR PORTION OF, NEXT VALUE FOR',
    example: "UPDATE t1 FOR PORTION OF p FROM '2020-01-01' TO '2021-01-01' SET b = 1",
    reason: 'MariaDB only',
    problem:
      /UPDATE or SHARE is expected, not a name\.|SET is expected, not FOR\.|the end of the statement is expected, not FOR\./u,
    text: /\bFOR\s+(?:SYSTEM_TIME|PORTION)\b|\bVALUE\s+FOR\b/iu,
    error: 4156,
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
    name: 'INTERVAL before a row constructor that is compared',
    example: 'SELECT DATE_ADD(a, INTERVAL (a, b) = (1, 2) DAY) FROM t1',
    reason:
      'up to the unit it is the function INTERVAL(a, b); parentheses around the comparison tell them apart',
    problem:
      /expected, not (?:(?:\w+_)?(?:MICROSECOND|SECOND|MINUTE|HOUR|DAY|WEEK|MONTH|QUARTER|YEAR)|\w+_MONTH)\./u,
    text: /\bINTERVAL\s*\(/iu,
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
    problem: /a name that begins with a digit|a name is expected, not a literal\.|not \.\./u,
    text: /[\w`]\.\d|[^\w.]\d\w*\.?[a-z_$]/iu,
  },
  {
    name: 'NOT as a sign right behind that of a comparison or shift',
    example: 'SELECT a =! b FROM t1',
    reason:
      'the lexer of MySQL swallows both signs as one, so that the NOT is lost; a space tells them apart',
    problem: /there is no such sign\./u,
    text: /[<>=]!/u,
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
  { reason: '{OJ …} as a side of a join: MySQL 8', text: /\{\s*OJ\b/isu },
  { reason: 'columns of JSON_TABLE are skipped', text: /\bJSON_TABLE\b/iu },
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
  /** What the statement must have besides, where the problem alone says too little. */
  readonly text?: RegExp
  /** What the server answers to the example, when it is not prepared for want of such a table. */
  readonly error?: number
}
