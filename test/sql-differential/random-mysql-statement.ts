import type { Random } from './random.ts'

/**
 * A statement that MySQL 8 reads and MariaDB 10.11 does not, from the manual of MySQL 8.4: right by construction,
 * because there is no such server to ask.
 */
export function makeMysqlStatement(random: Random): string {
  return random.pick(makers)(random)
}

const makers: readonly ((random: Random) => string)[] = [
  (random) => `SELECT * FROM ${table(random)} j, ${lateral(random)}`,
  (random) =>
    `SELECT * FROM ${table(random)} j ${random.pick(['JOIN', 'LEFT JOIN'])} ${lateral(random)} ON TRUE`,
  (random) =>
    `VALUES ${rows(random)}${random.pick(['', ' ORDER BY column_0', ' LIMIT 1', ' LIMIT 1 OFFSET 1'])}`,
  (random) => `TABLE ${table(random)}${random.pick(['', ' ORDER BY a LIMIT ?', ' LIMIT 1 OFFSET 2'])}`,
  (random) => `SELECT * FROM (VALUES ${rows(random)}) ${random.pick(['q', 'AS q (k, l)'])}`,
  (random) =>
    `SELECT 1 ${operator(random)} (TABLE ${table(random)}) ${operator(random)} VALUES ${rows(random)}`,
  (random) => `SELECT * FROM t1 WHERE a ${random.pick(['IN', '= ANY', '<> ALL'])} (TABLE ${table(random)})`,
  (random) => `SELECT * FROM t1 WHERE (a, b) IN (VALUES ${rows(random)})`,
  (random) => `INSERT INTO t1 (a, b) VALUES (1, ?)${rowAlias(random)}`,
  (random) => `INSERT INTO t1 SET a = ?${rowAlias(random)}`,
  (random) => `INSERT INTO t1 (a, b) VALUES ${rows(random)}`,
  (random) =>
    `${random.pick(['INSERT', 'REPLACE'])} INTO t1 ${random.pick(['', '(a, b) '])}TABLE ${table(random)}`,
  (random) =>
    `SELECT * FROM t1${random.pick([' j', ''])} FOR ${random.pick(['UPDATE', 'SHARE'])}${locking(random)}`,
  () => 'SELECT * FROM t1, t2 j FOR SHARE OF t1 SKIP LOCKED FOR UPDATE OF j NOWAIT',
  (random) =>
    `SELECT s${random.pick(['->', '->>'])}'$.a' FROM t1 WHERE t1.s${random.pick(['->', '->>'])}'$.b' = ?`,
  () => "SELECT * FROM t1 WHERE ? MEMBER OF (s->'$.list') AND 1 MEMBER OF ('[1]')",
  (random) =>
    `WITH q AS (SELECT 1 AS a) UPDATE t1${random.pick([', q', ' JOIN q USING (a)'])} SET t1.b = q.a`,
  (random) =>
    `WITH q (a) AS (TABLE t2) DELETE ${random.pick(['FROM t1', 't1 FROM t1, q'])} WHERE t1.a IN (SELECT a FROM q)`,
  (random) =>
    `DELETE FROM t1${random.pick([' AS j', ' j', ' AS j PARTITION (p0)'])} WHERE j.a = ? ORDER BY b LIMIT 1`,
  () => 'SELECT * FROM t1 j LEFT JOIN {OJ t2 LEFT JOIN t3 ON t2.a = t3.a} ON j.a = t2.a',
  () => "SELECT JSON_VALUE(s, '$.a' RETURNING DECIMAL(4, 2) NULL ON EMPTY ERROR ON ERROR) FROM t1",
  () => 'SELECT NTH_VALUE(a, 2) FROM FIRST RESPECT NULLS OVER w FROM t1 WINDOW w AS (ORDER BY a)',
  () => 'SELECT LAG(a) RESPECT NULLS OVER (w ROWS CURRENT ROW) FROM t1 WINDOW w AS (ORDER BY a)',
  (random) => `(SELECT 1 ${operator(random)} SELECT 2 LIMIT 1) ${operator(random)} (TABLE t1) LIMIT ?`,
  () => 'SELECT a, SUM(b), GROUPING(a) FROM t1 GROUP BY a WITH ROLLUP HAVING GROUPING(a) = 1 ORDER BY a',
  () => "SELECT CAST(a AS YEAR), CAST(s AS JSON), CAST('POINT(1 1)' AS POINT), CAST(f AS FLOAT(5)) FROM t1",
  () => 'SELECT /*+ SET_VAR(sort_buffer_size = 1M) NO_ICP(t1) */ a INTO @v FROM t1',
]

function table(random: Random): string {
  return random.pick(['t1', 't2', 't3'])
}

function operator(random: Random): string {
  return random.pick(['UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT', 'INTERSECT ALL'])
}

function rows(random: Random): string {
  return random.list(1, 3, () => `ROW(${random.pick(['1', '?', "'a'"])}, 2)`).join(', ')
}

function lateral(random: Random): string {
  const names = random.pick(['q', 'AS q', 'AS q (k)'])
  return `LATERAL (SELECT b + j.a FROM ${table(random)} WHERE j.a = ?) ${names}`
}

function rowAlias(random: Random): string {
  const alias = random.pick([' AS new', ' AS new (k, l)'])
  return (
    alias + random.pick(['', ` ON DUPLICATE KEY UPDATE b = ${alias.includes('k') ? 'k + l' : 'new.a + 1'}`])
  )
}

function locking(random: Random): string {
  return random.pick(['', ' OF t1', ' OF t1, j']) + random.pick(['', ' NOWAIT', ' SKIP LOCKED'])
}
