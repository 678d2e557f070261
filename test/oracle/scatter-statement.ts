import type { Term } from './scatter-terms.ts'
import { type Part, type Printed, fixedList, print, smaller, sql } from './statement-tree.ts'

/** A column of the result. */
export interface Item {
  readonly term: Term
  readonly alias?: string
  /** Any of several values that are equal by the collation may be shown. */
  readonly isLoose: boolean
}

/** A term of GROUP BY or ORDER BY; by alias or position as long as its item is selected. */
export interface Reference {
  readonly term: Term
  readonly item?: Item
  readonly form: 'text' | 'alias' | 'position'
}

export interface Order extends Reference {
  readonly direction: '' | ' ASC' | ' DESC'
}

export interface Block {
  readonly isDistinct: boolean
  readonly items: readonly Item[]
  readonly from: Part
  readonly where: readonly Part[]
  readonly groupBy: readonly Reference[]
  readonly having?: Part
}

export interface Limit {
  readonly count: Part
  readonly offset?: Part
  readonly form: 'OFFSET' | 'comma'
}

/** One SELECT, or several in a UNION. */
export interface ScatterStatement {
  readonly shape: string
  /** One that must be answered or refused; the others must be refused. */
  readonly isListed: boolean
  /** In place of all that follows. */
  readonly written?: Part
  readonly blocks: readonly [Block, ...Block[]]
  readonly operator: ' UNION ' | ' UNION ALL '
  readonly orderBy: readonly Order[]
  readonly limit?: Limit
}

export function printStatement(statement: ScatterStatement): Printed {
  return print(partOf(statement))
}

function partOf({ written, blocks, operator, orderBy, limit }: ScatterStatement): Part {
  if (written !== undefined) return written
  const [first, ...others] = blocks
  const bodies = others.flatMap((block): Part[] => [operator, blockPart(block)])
  const terms = orderBy.map((order) => sql`${referencePart(order, first.items)}${order.direction}`)
  return {
    kind: 'sequence',
    parts: [
      blockPart(first),
      ...bodies,
      ...(terms.length === 0 ? [] : [sql` ORDER BY ${fixedList(terms)}`]),
      ...(limit === undefined ? [] : [limitPart(limit)]),
    ],
  }
}

function blockPart({ isDistinct, items, from, where, groupBy, having }: Block): Part {
  const shown = items.map(({ term, alias }) =>
    alias === undefined ? term.part : sql`${term.part} AS ${alias}`,
  )
  const conditions = where.flatMap((one, index): Part[] => [index === 0 ? ' WHERE ' : ' AND ', one])
  const groups = groupBy.map((one) => referencePart(one, items))
  return {
    kind: 'sequence',
    parts: [
      `SELECT ${isDistinct ? 'DISTINCT ' : ''}`,
      fixedList(shown),
      ...(from === '' ? [] : [sql` FROM ${from}`]),
      ...conditions,
      ...(groups.length === 0 ? [] : [sql` GROUP BY ${fixedList(groups)}`]),
      ...(having === undefined ? [] : [sql` HAVING ${having}`]),
    ],
  }
}

function referencePart({ term, item, form }: Reference, items: readonly Item[]): Part {
  const position = item === undefined ? -1 : items.indexOf(item)
  if (position < 0 || form === 'text') return term.part
  return form === 'alias' && item?.alias !== undefined ? item.alias : String(position + 1)
}

function limitPart({ count, offset, form }: Limit): Part {
  if (offset === undefined) return sql` LIMIT ${count}`
  return form === 'comma' ? sql` LIMIT ${offset}, ${count}` : sql` LIMIT ${count} OFFSET ${offset}`
}

/** How the rows of an answer must lie. */
export interface Expectation {
  /** There is one order only. */
  readonly isTotal: boolean
  /** Columns of the result whose values come in one order, the first terms of ORDER BY. */
  readonly keys: readonly number[]
  readonly isCut: boolean
  /** By column: its collation if it is a string, and whether any of equal ones may be shown. */
  readonly columns: readonly { readonly collation?: string; readonly isLoose: boolean }[]
}

export function expectationOf({ blocks, orderBy, limit }: ScatterStatement): Expectation {
  const [{ items, groupBy, isDistinct }] = blocks
  const columns = items.map(({ term, isLoose }) => ({
    isLoose: isLoose && term.collation !== undefined,
    ...(term.collation === undefined ? {} : { collation: term.collation }),
  }))
  const isOrdered = (term: Term, item?: Item) =>
    orderBy.some((order) => order.term === term || (item !== undefined && order.item === item))
  const isPlain = groupBy.length === 0 && blocks.length === 1 && !isDistinct
  const isGrouped = groupBy.length > 0 && groupBy.every(({ term, item }) => isOrdered(term, item))
  const isTotal = isPlain ? orderBy.some(({ term }) => term.isUnique === true) : isGrouped && !isDistinct
  const positions = orderBy.map(({ item }) => (item === undefined ? -1 : items.indexOf(item)))
  const end = positions.indexOf(-1)
  return { isTotal, keys: end < 0 ? positions : positions.slice(0, end), isCut: limit !== undefined, columns }
}

/** The same statement with one thing less. */
export function* smallerStatements(one: ScatterStatement): Generator<ScatterStatement> {
  const { written, limit, orderBy, blocks } = one
  if (written !== undefined) {
    for (const less of smaller(written)) yield { ...one, written: less }
    return
  }
  if (limit !== undefined) {
    const { limit: _, ...rest } = one
    yield rest
  }
  for (const index of orderBy.keys()) yield { ...one, orderBy: orderBy.toSpliced(index, 1) }
  const [first, second] = blocks
  if (second !== undefined) for (const block of blocks) yield { ...one, blocks: [block], orderBy: [] }
  if (second === undefined) for (const block of smallerBlocks(first)) yield { ...one, blocks: [block] }
  else
    for (const [index, block] of blocks.entries())
      for (const less of smaller({ kind: 'list', separator: ' AND ', items: block.where })) {
        if (typeof less === 'string' || less.kind !== 'list') continue
        const [head = first, ...tail] = blocks.with(index, { ...block, where: less.items })
        yield { ...one, blocks: [head, ...tail] }
      }
  if (second !== undefined && first.items.length > 1)
    for (const index of first.items.keys()) {
      const [head = first, ...tail] = blocks.map((block) => ({
        ...block,
        items: block.items.toSpliced(index, 1),
      }))
      yield {
        ...one,
        blocks: [head, ...tail],
        orderBy: orderBy.filter(({ item }) => item !== first.items[index]),
      }
    }
}

function* smallerBlocks(block: Block): Generator<Block> {
  const { items, where, groupBy, having } = block
  if (having !== undefined) {
    const { having: _, ...rest } = block
    yield rest
  }
  if (where.length > 0) yield { ...block, where: [] }
  for (const index of where.keys()) yield { ...block, where: where.toSpliced(index, 1) }
  for (const [index, one] of where.entries())
    for (const less of smaller(one)) yield { ...block, where: where.with(index, less) }
  if (items.length > 1) for (const index of items.keys()) yield { ...block, items: items.toSpliced(index, 1) }
  // Columns that are grouped no more could not be selected.
  const isFree = (index: number) => items.every(({ term }) => term !== groupBy[index]?.term)
  if (groupBy.length > 1)
    for (const index of groupBy.keys())
      if (isFree(index)) yield { ...block, groupBy: groupBy.toSpliced(index, 1) }
}
