import { describe, expect, it } from 'vitest'
import type { FinishMerge, RowsMerge, ScatterPlan } from '../../src/plan/scatter-plan.ts'
import { checkFinishText, checkScatterText } from '../../src/rewrite/check-scatter.ts'
import {
  rewriteFields,
  rewriteFinish,
  rewritePartial,
  rewriteRows,
  rewriteTypes,
} from '../../src/rewrite/rewrite-scatter.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { modesOf, secondPlanOf } from '../plans/compact-scatter.ts'
import { readCases, secondFiles } from '../plans/golden-files.ts'
import { productShard } from '../plans/topology.ts'

const shard = productShard(2)

function scatter(file: string, sql: string): ScatterPlan {
  const plan = secondPlanOf(file, sql)
  if (plan.kind !== 'scatter') throw new TypeError(`${sql} has a plan of kind ${plan.kind}`)
  return plan
}

function rowsOf({ merge }: ScatterPlan): RowsMerge {
  if (merge.kind !== 'rows') throw new TypeError('expected rows')
  return merge
}

function finishOf({ merge }: ScatterPlan): FinishMerge {
  if (merge.kind !== 'finish') throw new TypeError('expected a finish')
  return merge
}

const scatterFiles = secondFiles.filter((file) => file.includes('scatter') && !file.includes('refused'))

describe('the texts of a scatter', () => {
  it('are SELECTs with the tables and markers planned, for every golden statement', () => {
    for (const file of scatterFiles)
      for (const { sql } of readCases(file)) {
        const plan = scatter(file, sql)
        const modes = modesOf(file)
        const { dialect } = modes
        const { merge } = plan
        const values = plan.statement.markers.map(({ index }) => index)
        const check = (parts: RowsMerge['shardText'], made: ReturnType<typeof rewriteRows>): void => {
          checkScatterText(plan, parts, made.text, shard.name, modes)
          expect(made.values, sql).toHaveLength(made.text.segments.length - 1)
        }
        if (merge.kind === 'rows') {
          check(merge.shardText, rewriteRows(plan, merge, shard, values, merge.limit && 7n, dialect))
          continue
        }
        const partial = rewritePartial(plan, merge, shard, values, dialect)
        check(merge.partialText, partial)
        check(merge.fieldsText, rewriteFields(plan, merge, shard, values, dialect))
        const types = rewriteTypes(plan, merge, shard, values, dialect)
        if (merge.typesText !== undefined && types !== undefined) check(merge.typesText, types)
        const finish = rewriteFinish(plan, merge, [partial, partial], values, dialect)
        checkFinishText(finish.text, [shard.name], finish.values.length, modes)
      }
  })

  it('repeat the values of markers that are repeated, in the order of the text', () => {
    const plan = scatter(
      'mysql',
      'SELECT id + ? AS n FROM orders WHERE total > ? ORDER BY n, total * ? LIMIT ?',
    )
    const made = rewriteRows(plan, rowsOf(plan), shard, ['a', 'b', 'c', 'd'], 12n, 'mysql')
    expect(made.text.sql).toBe(
      'SELECT id + ? AS n, (id + ?) AS sherd_0, (total * ?) AS sherd_1 FROM `product_2`.orders WHERE total > ? ORDER BY sherd_0, sherd_1 LIMIT 12',
    )
    expect(made.values).toEqual(['a', 'a', 'c', 'b'])
  })

  it('put the partial statements of all shards into the finish, with the values of each', () => {
    const plan = scatter('mysql', 'SELECT ? AS tag, COUNT(*) AS n FROM orders WHERE total > ? HAVING n > ?')
    const merge = finishOf(plan)
    const partials = [0, 1].map((index) =>
      rewritePartial(plan, merge, productShard(index), ['t', 5, 0], 'mysql'),
    )
    const made = rewriteFinish(plan, merge, partials, ['t', 5, 0], 'mysql')
    expect(made.text.sql).toBe(
      'SELECT ? AS `tag`, COALESCE(CAST(SUM(sherd_0) AS SIGNED), 0) AS `n` FROM (' +
        '(SELECT (COUNT(*)) AS sherd_0 FROM `product_0`.orders WHERE total > ?) UNION ALL ' +
        '(SELECT (COUNT(*)) AS sherd_0 FROM `product_1`.orders WHERE total > ?)) AS sherd HAVING `n` > ?',
    )
    expect(made.text.segments).toHaveLength(5)
    expect(made.values).toEqual(['t', 5, 5, 0])
  })

  it('give SQLite a union without parentheses around its SELECTs', () => {
    const plan = scatter('sqlite', 'SELECT COUNT(*) AS n FROM orders')
    const merge = finishOf(plan)
    const partials = [0, 1].map((index) => rewritePartial(plan, merge, productShard(index), [], 'sqlite'))
    expect(rewriteFinish(plan, merge, partials, [], 'sqlite').text.sql).toBe(
      'SELECT COALESCE(SUM(sherd_0), 0) AS "n" FROM (' +
        'SELECT * FROM (SELECT (COUNT(*)) AS sherd_0 FROM "product_0".orders) UNION ALL ' +
        'SELECT * FROM (SELECT (COUNT(*)) AS sherd_0 FROM "product_1".orders)) AS sherd',
    )
  })

  it.each([
    ['another table', 'SELECT (COUNT(*)) AS sherd_0 FROM `product_2`.users WHERE total > ?'],
    ['a missing database', 'SELECT (COUNT(*)) AS sherd_0 FROM orders WHERE total > ?'],
    ['another database', 'SELECT (COUNT(*)) AS sherd_0 FROM `product_1`.orders WHERE total > ?'],
    ['a lost marker', 'SELECT (COUNT(*)) AS sherd_0 FROM `product_2`.orders WHERE total > 5'],
    ['another kind', 'DELETE FROM `product_2`.orders WHERE total > ?'],
  ])('are refused with %s', (_what, sql) => {
    const plan = scatter('mysql', 'SELECT COUNT(*) FROM orders WHERE total > ?')
    const text = { sql, segments: sql.split('?') }
    expect(() =>
      checkScatterText(plan, finishOf(plan).partialText, text, shard.name, mysqlDefaultModes),
    ).toThrowError(expect.objectContaining({ code: 'SHERD_REWRITE_CHECK' }))
  })

  it('are refused when a finish reads a table of no shard', () => {
    const sql = 'SELECT SUM(sherd_0) FROM ((SELECT 1 AS sherd_0 FROM orders)) AS sherd'
    expect(() => checkFinishText({ sql, segments: [sql] }, ['product_2'], 0, mysqlDefaultModes)).toThrowError(
      expect.objectContaining({ code: 'SHERD_REWRITE_CHECK' }),
    )
  })
})
