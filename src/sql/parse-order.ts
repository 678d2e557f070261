import type { OrderItem } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'

/** `ORDER BY a, b DESC`; the cursor stands at ORDER. */
export function parseOrderBy(cursor: Cursor): readonly OrderItem[] {
  cursor.expect('order')
  cursor.expect('by')
  return parseOrderItems(cursor)
}

/** The items of ORDER BY or GROUP BY. */
export function parseOrderItems(cursor: Cursor): readonly OrderItem[] {
  const items: OrderItem[] = []
  do items.push(parseOrderItem(cursor))
  while (cursor.accept(','))
  return items
}

function parseOrderItem(cursor: Cursor): OrderItem {
  const { start } = cursor
  const expression = cursor.expression()
  const isDescending = cursor.accept('desc')
  if (!isDescending) cursor.accept('asc')
  const item: Draft<OrderItem> = { expression, isDescending, start, end: cursor.lastEnd }
  if (cursor.text === 'nulls') {
    cursor.position++
    const place = cursor.acceptOne('first', 'last')
    if (place === undefined) throw cursor.fail('FIRST or LAST is expected')
    item.nulls = place
    item.end = cursor.lastEnd
  }
  return item
}
