import { aType } from './generate-block.ts'
import {
  type Made,
  type Maker,
  type NamedQuery,
  type Wish,
  columnValue,
  plainKey,
} from './generate-values.ts'
import { type ColumnType, itemsTable, ordersTable } from './shop.ts'
import { type Part, fixedList, sql } from './statement-tree.ts'

/** A query behind some CTEs, which may name each other in their order, and one that names itself. */
export function withCtes(maker: Maker, wish: Wish): Made {
  const { random } = maker
  const ctes: NamedQuery[] = [...wish.ctes]
  const written = random.several(1, 3, () => {
    const { part, source } = makeCte(maker, wish, ctes)
    ctes.push(source)
    return part
  })
  const isRecursive = random.chance(0.2)
  if (isRecursive) {
    const recursive = recursiveCte(maker)
    ctes.push(recursive.source)
    written.push(recursive.part)
  }
  const made = maker.block(maker, { ...wish, ctes })
  const words = isRecursive || random.chance(0.2) ? 'WITH RECURSIVE' : 'WITH'
  return { part: sql`${words} ${fixedList(written)} ${made.part}`, columns: made.columns }
}

interface Cte {
  readonly part: Part
  readonly source: NamedQuery
}

function makeCte(maker: Maker, wish: Wish, ctes: readonly NamedQuery[]): Cte {
  const { random } = maker
  const want: ColumnType[] = ['key', ...random.several(0, 2, () => aType(maker))]
  const made = maker.query(maker, {
    want,
    depth: wish.depth + 1,
    outer: wish.outer,
    ctes: [...ctes],
    isPart: !random.chance(0.3),
    isKeyless: random.chance(0.4),
  })
  const alias = random.chance(0.03) ? random.pick([ordersTable, itemsTable]).name : maker.name()
  if (!random.chance(0.25))
    return { part: sql`${alias} AS (${made.part})`, source: { alias, columns: made.columns } }
  const columns = renamed(maker, made.columns)
  const names = columns.map(({ name }) => name).join(', ')
  return { part: sql`${alias} (${names}) AS (${made.part})`, source: { alias, columns } }
}

/** New names for the columns; the name of the shard key may go to any of them. */
function renamed({ random }: Maker, columns: NamedQuery['columns']): NamedQuery['columns'] {
  const heir = random.chance(0.6) ? 0 : random.int(columns.length + 1)
  return columns.map(({ type }, index) => ({ name: index === heir ? 'user_id' : `d${index + 1}`, type }))
}

/** Orders of a user, one after the other: the key goes from row to row, or another one joins in. */
function recursiveCte(maker: Maker): Cte {
  const { random } = maker
  const alias = maker.name()
  const step = random.weigh<Part>([
    [4, () => `o.user_id = ${alias}.user_id AND `],
    [1, () => sql`o.user_id = ${plainKey(maker)} AND `],
    [1, () => ''],
  ])
  const start = random.weigh<Part>([
    [
      3,
      () => sql`SELECT user_id, id AS c2 FROM orders WHERE user_id = ${columnValue(maker, 'key')} AND id = 1`,
    ],
    [1, () => sql`SELECT user_id, id AS c2 FROM orders WHERE id = 1`],
    [1, () => sql`SELECT ${plainKey(maker)} AS user_id, 0 AS c2`],
  ])
  const handed = random.chance(0.8) ? 'o.user_id' : `${alias}.user_id`
  const part = sql`${alias} AS (${start} UNION SELECT ${handed}, o.id FROM orders o JOIN ${alias} ON ${step}o.id = ${alias}.c2 + 1)`
  const columns = [
    { name: 'user_id', type: 'key' },
    { name: 'c2', type: 'number' },
  ] as const
  return { part, source: { alias, columns } }
}
