interface NamedField {
  readonly table: string
  readonly name: string
}

/** Rows that are arrays as mysql2's `nestTables` makes them: under the table of each column, or under `table<separator>name`. */
export function nestRows(rows: unknown, fields: unknown, nesting: string | true): readonly unknown[] {
  // Of mysql2, asked for with rowsAsArray.
  const columns = fields as readonly NamedField[]
  return (rows as readonly (readonly unknown[])[]).map((row) =>
    nesting === true ? nest(row, columns) : join(row, columns, nesting),
  )
}

function nest(
  row: readonly unknown[],
  columns: readonly NamedField[],
): Record<string, Record<string, unknown>> {
  const nested: Record<string, Record<string, unknown>> = {}
  for (const [index, { table, name }] of columns.entries()) (nested[table] ??= {})[name] = row[index]
  return nested
}

function join(
  row: readonly unknown[],
  columns: readonly NamedField[],
  separator: string,
): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ table, name }, index) => [table + separator + name, row[index]]))
}
