import { type Trap, makeBait } from './trap-bait.ts'
import type { Maker } from './generate-values.ts'
import { type Part, fixedList, list, sql } from './statement-tree.ts'

/** Writes that one false step of the planner would do on the wrong shard, or not on all. */
export function makeWriteTrap(maker: Maker): Part {
  return maker.random.pick(traps)(makeBait(maker))
}

/** Another key beside the one that is stored, in a column that is none. */
const insertBesideKey: Trap = ({ maker, mine, other }) => {
  const cells: readonly (readonly [string, Part])[] = [
    ['id', '60'],
    ['user_id', other],
    ['currency', 'x.user_id'],
  ]
  const shift = maker.random.int(cells.length)
  const turned = [...cells.slice(shift), ...cells.slice(0, shift)]
  const written = maker.random.chance(0.5) ? turned : turned.toReversed()
  const names = written.map(([name]) => name).join(', ')
  const where = sql`x.user_id = ${mine}`
  return sql`INSERT INTO order_items (${names}) SELECT ${fixedList(written.map(([, value]) => value))} FROM users x WHERE ${where}`
}

/** The one row that is left has the key of the text, whatever the table behind EXCEPT has. */
const insertWithout: Trap = ({ maker, mine, other }) => {
  const row = sql`SELECT ${mine}, 60`
  const rows = sql`SELECT user_id, 60 FROM users WHERE user_id = ${other}`
  const query = maker.random.pick<Part>([
    sql`${row} EXCEPT ${rows}`,
    sql`${row} UNION ALL ${rows}`,
    sql`${rows} UNION ALL ${row}`,
  ])
  return sql`INSERT INTO order_items (user_id, id) ${query}`
}

/** A row for each of many keys, some of which share a shard. */
const insertEach: Trap = ({ maker }) => {
  const { random, form, dialect } = maker
  const isFirst = random.chance(0.5)
  const rows = form.keys.map((key, index) => {
    const value = form.plain(random, key, dialect)
    const id = String(random.pick([60, index + 1]))
    return isFirst ? sql`(${value}, ${id}, 1)` : sql`(${id}, ${value}, 1)`
  })
  const verb = dialect === 'sqlite' ? 'INSERT OR REPLACE' : 'REPLACE'
  return sql`${verb} INTO order_items (${isFirst ? 'user_id, id' : 'id, user_id'}, qty) VALUES ${list(', ', rows)}`
}

const changeListed: Trap = ({ maker, table, number, mine, other, third }) => {
  const { random, form, dialect } = maker
  const every = form.keys.map((key) => form.plain(random, key, dialect))
  const where = random.pick<Part>([
    sql`user_id IN (${list(', ', every)})`,
    sql`user_id IN (${list(', ', [mine, other, third, mine])})`,
    sql`(user_id = ${mine} OR user_id = ${other})`,
    sql`((user_id = ${mine} AND id = 1) OR (user_id = ${other} AND id >= 1))`,
    sql`(user_id = ${mine} OR id = 2)`,
    sql`user_id NOT IN (${mine})`,
  ])
  return random.chance(0.5)
    ? sql`DELETE FROM ${table} WHERE ${where}`
    : sql`UPDATE ${table} SET ${number} = 9 WHERE ${where}`
}

const traps: readonly Trap[] = [insertBesideKey, insertBesideKey, insertWithout, insertEach, changeListed]
