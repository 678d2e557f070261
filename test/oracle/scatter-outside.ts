import type { ScatterStatement } from './scatter-statement.ts'
import { type ScatterMaker, start } from './scatter-parts.ts'
import { anyColumn, columnCondition } from './scatter-terms.ts'
import { type Part, sql } from './statement-tree.ts'

/** A statement outside of the closed list: whatever its rows are, it must be refused. */
export function makeOutside(maker: ScatterMaker): ScatterStatement {
  const { random, dialect, tables } = maker
  const [things] = tables
  // With the key in it, a derived table or window is in the list.
  const table = { ...things, columns: things.columns.slice(1) }
  const terms = { ...maker, sources: [{ table, alias: '' }] }
  const number = () => anyColumn(terms, ['integer']).part
  const any = () => anyColumn(terms).part
  const where = () => (random.chance(0.5) ? sql` WHERE ${columnCondition(terms)}` : '')
  const both: readonly (readonly [string, () => Part])[] = [
    ['window without the key', () => sql`SELECT id, ROW_NUMBER() OVER (ORDER BY ${any()}, id) FROM things`],
    [
      'window by another column',
      () => sql`SELECT id, SUM(n) OVER (PARTITION BY ${number()} % 2) FROM things`,
    ],
    [
      'derived limit',
      () => sql`SELECT COUNT(*) FROM (SELECT id FROM things${where()} LIMIT ${String(random.int(9) + 1)}) d`,
    ],
    [
      'derived distinct',
      () => sql`SELECT COUNT(*) FROM (SELECT DISTINCT ${number()} AS v FROM things${where()}) d`,
    ],
    [
      'derived groups',
      () => sql`SELECT MAX(k) FROM (SELECT COUNT(*) AS k FROM things${where()} GROUP BY ${number()} % 3) d`,
    ],
    ['derived aggregate', () => sql`SELECT k FROM (SELECT COUNT(*) AS k FROM things${where()}) d`],
    ['subquery over all shards', () => sql`SELECT id FROM things WHERE n >= (SELECT AVG(n) FROM things)`],
    ['IN over all shards', () => sql`SELECT id FROM things WHERE n IN (SELECT n FROM parts)`],
    [
      'EXISTS over all shards',
      () => 'SELECT id FROM things t WHERE EXISTS (SELECT 1 FROM parts p WHERE p.thing = t.id)',
    ],
    [
      'join without the key',
      () =>
        sql`SELECT t.id, p.id FROM things t JOIN parts p ON p.${random.pick(['n = t.n', 'thing = t.id', 'id = t.id'])}`,
    ],
    ['cross join', () => 'SELECT COUNT(*) FROM things t CROSS JOIN parts p'],
    ['reference table kept', () => 'SELECT c.colour, t.id FROM colours c LEFT JOIN things t ON t.n = c.n'],
    [
      'reference table with a subquery',
      () => 'SELECT * FROM colours c WHERE EXISTS (SELECT 1 FROM things t WHERE t.n = c.n)',
    ],
    ['union all with a reference table', () => 'SELECT n FROM things UNION ALL SELECT n FROM colours'],
    ['union with a reference table', () => 'SELECT n FROM things UNION SELECT n FROM colours'],
    ['EXCEPT', () => sql`SELECT n FROM things${where()} EXCEPT SELECT n FROM parts`],
    ['INTERSECT', () => sql`SELECT n FROM things${where()} INTERSECT SELECT n FROM parts`],
    [
      'UNION inside UNION ALL',
      () => 'SELECT n FROM things UNION SELECT n FROM parts UNION ALL SELECT n FROM things',
    ],
    ['not grouped', () => sql`SELECT id, COUNT(*) FROM things GROUP BY ${number()} % 3`],
    ['not grouped at all', () => 'SELECT id, MAX(big) FROM things'],
    ['star beside groups', () => sql`SELECT *, COUNT(*) FROM things GROUP BY ${number()}`],
    ['chance', () => `SELECT id FROM things ORDER BY ${dialect === 'mysql' ? 'RAND' : 'random'}()`],
    [
      'recursion',
      () =>
        'WITH RECURSIVE r AS (SELECT id, owner FROM things UNION SELECT t.id, t.owner FROM things t JOIN r ON r.id = t.n) SELECT * FROM r',
    ],
    [
      'limit inside a union',
      () => '(SELECT id FROM things ORDER BY id LIMIT 2) UNION ALL (SELECT id FROM parts)',
    ],
  ]
  const mysql: typeof both = [
    [
      'STDDEV',
      () =>
        sql`SELECT ${random.pick(['STDDEV', 'VARIANCE', 'STD', 'VAR_SAMP', 'STDDEV_SAMP', 'VAR_POP'])}(${number()}) FROM things`,
    ],
    [
      'JSON aggregate',
      () => sql`SELECT ${random.pick(['JSON_ARRAYAGG(n)', 'JSON_OBJECTAGG(id, n)'])} FROM things`,
    ],
    ['ROLLUP', () => sql`SELECT ${number()} AS v, COUNT(*) FROM things GROUP BY v WITH ROLLUP`],
    [
      'FOR UPDATE',
      () => sql`SELECT id FROM things${where()} ${random.pick(['FOR UPDATE', 'LOCK IN SHARE MODE'])}`,
    ],
    ['variable', () => 'SELECT id, @nr := @nr + 1 FROM things ORDER BY id'],
    ['found rows', () => 'SELECT SQL_CALC_FOUND_ROWS id FROM things ORDER BY id LIMIT 3'],
    ['ANY over all shards', () => 'SELECT id FROM things WHERE n > ALL (SELECT n FROM parts)'],
  ]
  const sqlite: typeof both = [
    ['FILTER', () => 'SELECT COUNT(*) FILTER (WHERE n > 1) FROM things'],
    ['TOTAL', () => 'SELECT TOTAL(n) FROM things'],
    ['JSON aggregate', () => 'SELECT json_group_array(n) FROM things'],
  ]
  const [shape, make] = random.pick([...both, ...(dialect === 'mysql' ? mysql : sqlite)])
  const block = { isDistinct: false, items: [], from: '', where: [], groupBy: [] }
  return { ...start(shape, { shape: '' }), isListed: false, written: make(), blocks: [block] }
}
