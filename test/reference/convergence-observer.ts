import type { Connection } from 'mysql2/promise'
import type { History } from './convergence-history.ts'
import { type CopyStatus, readStatus } from './convergence-status.ts'
import { type ConvergenceTable, convergenceTables } from './convergence-tables.ts'
import { connectPlainly, type ConvergenceWorld } from './convergence-world.ts'

/** The key of a row as text; spellings of one key have one text. */
const keyTexts: Readonly<Record<string, string>> = {
  regions: 'CAST(id AS CHAR)',
  products: 'id',
  prices: "CONCAT_WS('/', product, currency, since)",
  slots: 'HEX(id)',
  labels: 'HEX(WEIGHT_STRING(RTRIM(word)))',
  settings: 'HEX(id)',
}

/** What one logical shard was last seen with. */
interface Seen {
  readonly versions: Map<string, number>
  readonly status: Map<string, CopyStatus>
}

/**
 * Looks at the copies while everything goes on, and notes what must never be seen: a row that is no committed state of the
 * source, or older than it was before; a watermark that is gone again, a fencing number that fell, a copy that is
 * complete no more.
 */
export class Observer {
  readonly violations: string[] = []
  readonly #world: ConvergenceWorld
  readonly #history: History
  readonly #seen: readonly Seen[]
  readonly #connections = new Map<string, Connection>()
  readonly #lastFilled: number
  #isStopping = false
  looks = 0

  /** `lastFilled`: the last version of the rows that were there before anything was synced. */
  constructor(world: ConvergenceWorld, history: History, lastFilled: number) {
    this.#world = world
    this.#history = history
    this.#lastFilled = lastFilled
    this.#seen = world.shards.map(() => ({ versions: new Map(), status: new Map() }))
  }

  /** Goes round the shards of each server until `stop`; a server that is down is passed over. */
  async run(): Promise<void> {
    this.#isStopping = false
    const servers = new Set(this.#world.shards.map(({ server }) => server))
    await Promise.all(
      [...servers].map(async (server) => {
        while (!this.#isStopping)
          for (const [index, shard] of this.#world.shards.entries())
            if (shard.server === server && !this.#isStopping) await this.#tryLook(index)
      }),
    )
  }

  stop(): void {
    this.#isStopping = true
  }

  async close(): Promise<void> {
    for (const connection of this.#connections.values()) await connection.end().catch(() => undefined)
  }

  async lookEverywhere(): Promise<void> {
    for (const [index, { server, name }] of this.#world.shards.entries()) {
      await this.#look(index)
      const regressions = await server.query(`SELECT * FROM ${name}.regressions LIMIT 3`)
      for (const one of regressions)
        this.#violate(`${name}: written over by an older version ${JSON.stringify(one)}`)
    }
  }

  async #tryLook(index: number): Promise<void> {
    try {
      await this.#look(index)
    } catch {
      this.#forget(index)
    }
    await new Promise((resolve) => setTimeout(resolve, 120))
  }

  #forget(index: number): void {
    const { name } = this.#world.shards[index] ?? { name: '' }
    this.#connections.get(name)?.destroy()
    this.#connections.delete(name)
  }

  async #look(index: number): Promise<void> {
    const { shards } = this.#world
    const [shard, seen] = [shards[index], this.#seen[index]]
    if (shard === undefined || seen === undefined) return
    let connection = this.#connections.get(shard.name)
    if (connection === undefined) {
      connection = await connectPlainly(shard.server, shard.name)
      this.#connections.set(shard.name, connection)
    }
    // A look of its own for each, so that it sees one moment.
    for (const table of convergenceTables) await this.#lookAtRows(connection, table, shard.name, seen)
    for (const status of await readStatus(connection, shard.name)) {
      if (status.isComplete && seen.status.get(status.table)?.isComplete !== true)
        await this.#expectFilled(connection, shard.name, status.table)
      this.#lookAtStatus(status, shard.name, seen)
    }
    this.looks += 1
  }

  async #lookAtRows(
    connection: Connection,
    { name }: ConvergenceTable,
    shard: string,
    { versions }: Seen,
  ): Promise<void> {
    const [rows] = await connection.query({
      sql: `SELECT ${keyTexts[name]}, version FROM ${name}`,
      rowsAsArray: true,
    })
    // Two columns, as selected.
    for (const [key, text] of rows as unknown as readonly (readonly [unknown, unknown])[]) {
      const [version, row] = [Number(text), `${name} ${String(key)}`]
      const before = versions.get(row) ?? 0
      if (version < before) this.#violate(`${shard} ${row}: version ${version} after ${before}`)
      const fault = version === before ? undefined : this.#history.findFault(version)
      if (fault !== undefined) this.#violate(`${shard} ${row}: version ${version} ${fault}`)
      versions.set(row, Math.max(before, version))
    }
  }

  /** Rows that nobody has touched since the beginning are in every copy that is called complete. */
  async #expectFilled(connection: Connection, shard: string, name: string): Promise<void> {
    const table = convergenceTables.find((one) => one.name === name)
    if (table?.isHonest !== true) return
    const keys = `SELECT ${keyTexts[name]} FROM ${name}`
    const [copied] = await connection.query({ sql: keys, rowsAsArray: true })
    const { source, sourceDatabase } = this.#world
    const reader = await connectPlainly(source, sourceDatabase)
    const [filled] = await reader.query({
      sql: `${keys} WHERE version <= ${this.#lastFilled}`,
      rowsAsArray: true,
    })
    await reader.end()
    // One column of text each.
    const [there, wanted] = [copied, filled].map((rows) =>
      (rows as unknown as readonly [string][]).map(([key]) => key),
    )
    const missing = (wanted ?? []).filter((key) => !there?.includes(key))
    if (missing.length > 0)
      this.#violate(
        `${shard} ${name}: called complete, ${missing.length} of ${wanted?.length} first rows are missing`,
      )
  }

  #lookAtStatus(status: CopyStatus, shard: string, { status: known }: Seen): void {
    const before = known.get(status.table)
    known.set(status.table, status)
    if (before === undefined) return
    const about = `${shard} ${status.table}`
    if (status.fence < before.fence) this.#violate(`${about}: fence ${status.fence} after ${before.fence}`)
    if (before.isComplete && !status.isComplete) this.#violate(`${about}: is incomplete again`)
    if (before.watermark !== undefined && status.watermark === undefined)
      this.#violate(`${about}: there is no watermark any more`)
  }

  #violate(text: string): void {
    if (this.violations.length < 50) this.violations.push(text)
  }
}
