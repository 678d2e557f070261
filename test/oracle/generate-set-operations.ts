import { makeTail, named } from './generate-block.ts'
import { type Made, type Maker, type Wish, columnValue, plainKey } from './generate-values.ts'
import type { ColumnType } from './shop.ts'
import { type Part, choice, fixedList, optional, sql } from './statement-tree.ts'

type Wanted = Wish & { readonly want: readonly ColumnType[] }

const operators = ['UNION', 'UNION', 'UNION ALL', 'UNION ALL', 'UNION ALL', 'EXCEPT', 'INTERSECT'] as const

/** Two to four queries, of which each has a key restriction of its own, or none, or gives values of its own. */
export function makeSetOperation(maker: Maker, wish: Wanted): Made {
  const { random, dialect } = maker
  const brackets = dialect === 'mysql' && random.chance(0.3)
  const [first, second] = [makeOperand(maker, wish), makeOperand(maker, wish)]
  const write = (operand: Part): Part => (brackets ? sql`(${operand})` : operand)
  const both = sql`${write(first)} ${random.pick(operators)} ${write(second)}`
  const more = random
    .several(0, random.chance(0.25) ? 2 : 0, () => makeOperand(maker, wish))
    .map((operand) => optional(sql` ${random.pick(operators)} ${write(operand)}`))
  const tail = makeTail(maker, wish, wish.want.length)
  const all = { kind: 'sequence', parts: [both, ...more, tail] } as const
  return { part: choice(all, first, second), columns: named(wish.want) }
}

function makeOperand(maker: Maker, wish: Wanted): Part {
  const { random, dialect } = maker
  const part: Wanted = { ...wish, isPart: true, isKeyless: wish.isKeyless === true || random.chance(0.1) }
  return random.weigh<Part>([
    [10, () => maker.block(maker, part).part],
    [1, () => makeValues(maker, wish.want)],
    [wish.depth < 2 ? 1.2 : 0, () => nested(maker, part, dialect)],
  ])
}

/** SQLite has no brackets around a query in a set operation. */
function nested(maker: Maker, wish: Wanted, dialect: Maker['dialect']): Part {
  const { part } = makeSetOperation(maker, { ...wish, depth: wish.depth + 1 })
  if (dialect === 'mysql' && maker.random.chance(0.5)) return sql`(${part})`
  return sql`SELECT * FROM (${part}) ${maker.name()}`
}

/** Values in place of rows, alone or once for each row of a reference table. */
function makeValues(maker: Maker, want: readonly ColumnType[]): Part {
  const { random } = maker
  const names = named(want)
  const items = want.map((type, index) => {
    const value = type === 'key' ? plainKey(maker) : columnValue(maker, type)
    return sql`${value} AS ${names[index]?.name ?? 'c'}`
  })
  const from = random.chance(0.3) ? sql` FROM currencies ${maker.name()}` : ''
  return sql`SELECT ${fixedList(items)}${from}`
}
