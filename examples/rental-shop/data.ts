import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateShop } from './generate.ts'
import { type Shop, type TableName, columnsOf, copiedTables, shardedTables } from './schema.ts'

export type ShopData = { readonly [T in TableName]: readonly Shop[T][] }

/** Columns that hold money in Sakila, by our name for them. */
const moneyColumns: Readonly<Record<string, string>> = {
  amount_cents: 'amount',
  rental_rate_cents: 'rental_rate',
}
const textColumns = new Set(['first_name', 'last_name', 'email', 'title', 'name'])
const timeColumns = new Set(['rental_date', 'return_date', 'payment_date'])

/** The data of a folder with Sakila's tables as `<table>.tsv`, or generated data of the same shape. */
export async function readShop(folder: string | undefined): Promise<ShopData> {
  if (folder === undefined) return generateShop()
  const names = [...shardedTables, ...copiedTables]
  const tables = await Promise.all(names.map(async (name) => [name, await readTable(folder, name)]))
  return Object.fromEntries(tables) as ShopData // readTable gives the columns of each table of `Shop`
}

async function readTable(folder: string, table: TableName): Promise<readonly object[]> {
  const path = join(folder, `${table}.tsv`)
  const [header, ...lines] = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
  const names = (header ?? '').split('\t')
  const columns = columnsOf(table).map((column) => {
    const position = names.indexOf(moneyColumns[column] ?? column)
    if (position === -1) throw new Error(`${path} has no column ${moneyColumns[column] ?? column}.`)
    return { column, position }
  })
  return lines.map((line, index) => {
    const cells = line.split('\t')
    if (cells.length === names.length) return toRow(columns, cells)
    throw new Error(
      `Line ${index + 2} of ${path} has ${cells.length} cells, but the header has ${names.length}.`,
    )
  })
}

function toRow(
  columns: readonly { readonly column: string; readonly position: number }[],
  cells: readonly string[],
): object {
  return Object.fromEntries(
    columns.map(({ column, position }) => [column, toValue(column, cells[position] ?? '\\N')]),
  )
}

function toValue(column: string, cell: string): string | number | null {
  if (cell === '\\N') return null
  if (textColumns.has(column) || timeColumns.has(column)) return cell
  return column in moneyColumns ? Math.round(Number(cell) * 100) : Number(cell)
}
