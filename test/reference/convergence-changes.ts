import type { Random } from '../oracle/random.ts'
import { type ConvergenceTable, convergenceTables, ownerCount } from './convergence-tables.ts'
import { quoteText } from './convergence-values.ts'

/** Runs a statement of the transaction that is given the number of its versions, and tells its rows. */
export type RunChange = (makeSql: (version: number) => string) => Promise<readonly (readonly unknown[])[]>

/** Some statements that belong together. */
export type Change = (run: RunChange) => Promise<void>

type Literals = Readonly<Record<string, string>>

/** A change of some rows of one owner. */
export function makeChange(random: Random, owner: number): Change {
  const table = random.pick(convergenceTables)
  const scene: Scene = { random, owner, table }
  const moves = table.isHonest
    ? [[8, () => mark(scene)] as const]
    : ([
        [8, () => remove(scene)],
        [3, () => removeSeveral(scene)],
        [5, () => renameKey(scene)],
      ] as const)
  return random.weigh<Change>([
    [30, () => insert(scene)],
    [30, () => update(scene)],
    [12, () => rotateUnique(scene)],
    [6, () => updateInBulk(scene)],
    ...moves,
  ])
}

/** The first rows of a source. */
export function fillTable(random: Random, table: ConvergenceTable, run: RunChange): Promise<unknown> {
  return run((version) => {
    const rows = Array.from({ length: ownerCount }, (_, owner) =>
      Array.from({ length: 12 }, () => makeRow({ random, owner, table }, version, false)),
    ).flat()
    const [first] = rows
    const tuples = rows.map((row) => `(${Object.values(row).join(', ')})`)
    return `INSERT IGNORE INTO ${table.name} (${Object.keys(first ?? {}).join(', ')}) VALUES ${tuples.join(', ')}`
  })
}

interface Scene {
  readonly random: Random
  readonly owner: number
  readonly table: ConvergenceTable
}

function makeRow({ random, owner, table }: Scene, version: number, hasParent = true): Literals {
  const columns = Object.entries(table.columns).map(([name, make]) => [name, make(random)] as const)
  return {
    ...table.makeKey(random, owner),
    owner: `${owner}`,
    version: `${version}`,
    [table.unique.column]: random.chance(0.3) ? 'NULL' : table.unique.make(random, owner),
    ...Object.fromEntries(columns),
    ...(hasParent ? makeParent(random, owner, table) : {}),
    ...makeCursor(random, table, false),
  }
}

function makeParent(random: Random, owner: number, table: ConvergenceTable): Literals {
  if (table.parent === undefined) return {}
  const { column, table: name, key } = table.parent
  const parent = convergenceTables.find((other) => other.name === name)
  if (parent === undefined || random.chance(0.2)) return { [column]: 'NULL' }
  return { [column]: parent.makeKey(random, owner)[key] ?? 'NULL' }
}

/** Where a write leaves the cursor; nothing when it leaves it where it was. */
function makeCursor(random: Random, table: ConvergenceTable, mayStay: boolean): Literals {
  const { cursor, cursorDigits, isHonest, hasFutureRows } = table
  if (cursor === undefined) return {}
  const now = `NOW(${cursorDigits})`
  if (isHonest)
    return { [cursor]: hasFutureRows === true && random.chance(0.03) ? `${now} + INTERVAL 20 YEAR` : now }
  const value = random.weigh<string | undefined>([
    [50, () => now],
    [15, () => (mayStay ? undefined : now)],
    [12, () => `${now} - INTERVAL ${random.int(86_400)} SECOND`],
    [8, () => "'2026-01-01 00:00:00'"],
    [4, () => "'1971-01-01 00:00:01'"],
    [2, () => "'2037-01-01 00:00:00'"],
    [4, () => `${now} + INTERVAL ${random.int(600)} SECOND`],
  ])
  return value === undefined ? {} : { [cursor]: value }
}

function writeWhere(key: Literals): string {
  return Object.entries(key)
    .map(([name, value]) => `${name} = ${value}`)
    .join(' AND ')
}

function writeSets(values: Literals): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ')
}

function insert(scene: Scene): Change {
  const { random, table } = scene
  return async (run) => {
    await run((version) => {
      const rows = random.several(1, random.chance(0.2) ? 5 : 1, () => makeRow(scene, version))
      const tuples = rows.map((row) => `(${Object.values(row).join(', ')})`)
      const again = table.isHonest ? ` ON DUPLICATE KEY UPDATE ${writeSets(writeAgain(scene))}` : ''
      return `INSERT INTO ${table.name} (${Object.keys(rows[0] ?? {}).join(', ')}) VALUES ${tuples.join(', ')}${again}`
    })
  }
}

/**
 * A key that is there already is written over and brought back to life: marked rows never go away. The row that is met may be
 * another one with the same unique value; it keeps its key, which would else be deleted without a mark.
 */
function writeAgain({ table }: Scene): Literals {
  const { cursor } = table
  const names = ['version', ...Object.keys(table.columns), ...(cursor === undefined ? [] : [cursor])]
  const values = names.map((name) => [name, `VALUES(${name})`] as const)
  return { ...Object.fromEntries(values), ...revive(table) }
}

function revive({ deletes }: ConvergenceTable): Literals {
  if (deletes === undefined) return {}
  return { [deletes.column]: deletes.column === 'deleted' ? '0' : 'NULL' }
}

function update(scene: Scene): Change {
  const { random, owner, table } = scene
  return async (run) => {
    await run((version) => {
      const columns = Object.entries(table.columns).filter(() => random.chance(0.4))
      const sets: Literals = {
        version: `${version}`,
        ...Object.fromEntries(columns.map(([name, make]) => [name, make(random)])),
        ...(random.chance(0.3) ? { [table.unique.column]: table.unique.make(random, owner) } : {}),
        ...(random.chance(0.3) ? makeParent(random, owner, table) : {}),
        ...makeCursor(random, table, true),
      }
      return `UPDATE ${table.name} SET ${writeSets(sets)} WHERE ${writeWhere(table.makeKey(random, owner))}`
    })
  }
}

function updateInBulk({ random, owner, table }: Scene): Change {
  return async (run) => {
    await run((version) => {
      const sets = { version: `${version}`, ...makeCursor(random, table, true) }
      const part = random.chance(0.5) ? '' : ` AND CRC32(version) % 3 = ${random.int(3)}`
      return `UPDATE ${table.name} SET ${writeSets(sets)} WHERE owner = ${owner}${part}`
    })
  }
}

function mark({ random, owner, table }: Scene): Change {
  return async (run) => {
    const flag = table.deletes?.column ?? ''
    await run((version) => {
      const value = flag === 'deleted' ? '1' : 'NOW()'
      const sets = { version: `${version}`, [flag]: value, ...makeCursor(random, table, true) }
      return `UPDATE ${table.name} SET ${writeSets(sets)} WHERE ${writeWhere(table.makeKey(random, owner))}`
    })
  }
}

function remove({ random, owner, table }: Scene): Change {
  return async (run) => {
    await run(() => `DELETE FROM ${table.name} WHERE ${writeWhere(table.makeKey(random, owner))}`)
  }
}

function removeSeveral({ random, owner, table }: Scene): Change {
  return async (run) => {
    const limit = 1 + random.int(6)
    await run(() => `DELETE FROM ${table.name} WHERE owner = ${owner} ORDER BY version LIMIT ${limit}`)
  }
}

/** Another key, or another spelling of the same one. */
function renameKey({ random, owner, table }: Scene): Change {
  return async (run) => {
    const [before, after] = [table.makeKey(random, owner), table.makeKey(random, owner)]
    await run((version) => {
      const sets = { ...after, version: `${version}`, ...makeCursor(random, table, true) }
      return `UPDATE ${table.name} SET ${writeSets(sets)} WHERE ${writeWhere(before)}`
    })
  }
}

/** Two to four rows pass their unique values on in a ring. */
function rotateUnique({ random, owner, table }: Scene): Change {
  const { column } = table.unique
  return async (run) => {
    const keys = random.several(2, 4, () => writeWhere(table.makeKey(random, owner)))
    const found: { where: string; value: string }[] = []
    for (const where of new Set(keys)) {
      const [row] = await run(
        () => `SELECT CAST(${column} AS CHAR) FROM ${table.name} WHERE ${where} FOR UPDATE`,
      )
      const value = row?.[0]
      if (typeof value === 'string') found.push({ where, value: quoteText(value) })
    }
    if (found.length < 2) return
    const set = (where: string, value: string) =>
      run((version) => {
        const sets = { [column]: value, version: `${version}`, ...makeCursor(random, table, true) }
        return `UPDATE ${table.name} SET ${writeSets(sets)} WHERE ${where}`
      })
    for (const { where } of found) await set(where, 'NULL')
    for (const [index, { value }] of found.entries())
      await set(found[(index + 1) % found.length]?.where ?? '', value)
  }
}
