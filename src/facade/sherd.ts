import { askDatabase } from '../engine/ask-database.ts'
import type { CurrentEngine } from '../engine/current-engine.ts'
import { scopeIn } from '../engine/enter-topology.ts'
import type { Engine } from '../engine/engine.ts'
import { type ExplainOptions, scopeOf } from '../engine/explain.ts'
import { explainStatement } from '../engine/explain-statement.ts'
import type { Explanation } from '../engine/explanation.ts'
import { locateKey } from '../engine/locate-key.ts'
import { createXaTables } from '../engine/xa-decisions.ts'
import { openServerDoor, type ServerDoor } from '../engine/run-on-server.ts'
import type { RecoveryReport } from '../engine/xa-recovery.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { databaseLocks, type DatabaseLocksOptions } from '../locks/database-locks.ts'
import type { Locks } from '../locks/lock.ts'
import { type WarmEndpoint, warmPools } from '../pools/warm-up.ts'
import { joinWrites, readToken, writeToken } from '../pools/position-token.ts'
import { locate } from '../routing/locate.ts'
import { readScatterOptions, type ScatterOptions } from '../session/scatter-options.ts'
import { type ConnectionBudget, connectionBudget } from '../topology/connection-budget.ts'
import { requireShardGroup, shardByName } from '../topology/find-shard.ts'
import type { ReadPolicy, ReplicaChoice } from '../topology/read-options.ts'
import type { LogicalShard, Topology } from '../topology/topology.ts'
import { askAllowances } from './ask-allowances.ts'
import type { MysqlModule } from './mysql-module.ts'
import { SherdConnection } from './sherd-connection.ts'
import type { SherdPool } from './sherd-pool.ts'
import type { SherdStats } from './sherd-stats.ts'
import type { TopologyWatch } from './topology-watch.ts'

/** How the reads of a stretch of code differ from what the config says. */
export interface ScopedReads {
  /** Default: what holds outside. */
  readonly policy?: ReadPolicy
  /** Default: what holds outside. */
  readonly choice?: ReplicaChoice
}

export interface WarmUpOptions {
  /** For each endpoint. Default 1. */
  readonly connections?: number
  /** Default false: failures are only reported. */
  readonly throwOnError?: boolean
}

export interface SherdParts {
  readonly current: CurrentEngine
  /** Absent: the topology comes from the caller alone. */
  readonly watch: TopologyWatch | undefined
  /** What stands in the places of mysql2; absent on SQLite. */
  readonly mysql:
    | {
        readonly pool: SherdPool
        readonly module: MysqlModule
        /** Options of mysql2 for connections that say nothing of their own. */
        readonly defaults: object
      }
    | undefined
  readonly drainTimeoutMs: number | undefined
}

/** Sharded databases behind what looks like one pool. Made by `createSherd`, closed by its owner. */
export class Sherd {
  readonly #parts: SherdParts
  #closing: Promise<void> | undefined

  constructor(parts: SherdParts) {
    this.#parts = parts
  }

  get #engine(): Engine {
    return this.#parts.current.engine
  }

  /** What the config says now; another one after a reload. */
  get topology(): Topology {
    return this.#engine.topology
  }

  /** A pool in mysql2's shape, for the ORM. SHERD_ENGINE on SQLite. */
  get pool(): SherdPool {
    return this.#mysql('pool').pool
  }

  /**
   * Stands where an ORM takes the module `mysql2` itself and makes its own connections of it: `driver` of TypeORM,
   * `dialectModule` of Sequelize. Ending those leaves sherd open. SHERD_ENGINE on SQLite.
   */
  get mysql2(): MysqlModule {
    return this.#mysql('mysql2').module
  }

  #mysql(name: string): NonNullable<SherdParts['mysql']> {
    const { mysql } = this.#parts
    if (mysql !== undefined) return mysql
    throw new SherdError('SHERD_ENGINE', {
      message: `sherd.${name} speaks to MariaDB and MySQL, and this topology is on SQLite.`,
    })
  }

  /**
   * The way to the primaries past plan and routing, for side rooms such as `referenceTables`: its texts run as they stand, and
   * nothing proves where they belong. Of the config in force now; ask for it anew after a reload.
   */
  serverDoor(): ServerDoor {
    return openServerDoor(this.#engine)
  }

  /** A virtual connection with promises, for either engine. */
  connection(): SherdConnection {
    return new SherdConnection(this.#parts.current, this.#parts.mysql?.defaults)
  }

  /** The logical shard of a key, without any connection. Codes: SHERD_UNKNOWN_GROUP, SHERD_KEY_FORM, SHERD_UNKNOWN_KEY. */
  locate(shardGroup: string, key: unknown): LogicalShard {
    return locate(this.topology, shardGroup, key)
  }

  /**
   * The logical shard of the group that `withShardKey` or `onShard` around the call names, such as for an id that is made for a row. SHERD_UNKNOWN_GROUP,
   * and SHERD_SHARD_SCOPE_NEEDED outside of such a call.
   */
  currentShard(shardGroup: string): LogicalShard {
    const { name } = requireShardGroup(this.topology, shardGroup)
    const outer = this.#engine.scopes.current()
    const shard = outer && scopeIn(this.topology, outer).shards.get(name)
    if (shard !== undefined) return shard
    throw new SherdError('SHERD_SHARD_SCOPE_NEEDED', {
      message: `No call of withShardKey or onShard around this code names a logical shard of ${name}.`,
      remedy: `Wrap the code in sherd.withShardKey('${name}', key, fn), or ask sherd.locate('${name}', key).`,
      details: { shardGroup: name },
    })
  }

  /**
   * Runs `body` on one logical shard, by its name: statements without a key go there, those with a key of
   * another shard are refused. Also the way to DDL and to the local copies of reference tables.
   */
  async onShard<T>(name: string, body: () => T | PromiseLike<T>): Promise<T> {
    return this.#engine.scopes.onShard(shardByName(this.topology, name), body)
  }

  /** Runs `body` with a key that stands for a missing one, for code that does not carry the key. */
  async withShardKey<T>(shardGroup: string, key: unknown, body: () => T | PromiseLike<T>): Promise<T> {
    const shard = await locateKey(this.#engine, shardGroup, key)
    return this.#engine.scopes.withShard(shard, body)
  }

  /**
   * Runs `body` with reads over several logical shards allowed: where no key names one shard, all shards the statement
   * may concern are asked, and their answers are put together exactly as one database would answer, or the statement
   * is refused (SHERD_SCATTER_SHAPE, SHERD_SCATTER_VALUE). In a transaction all those shards must be on its server.
   * Also: SHERD_SCATTER_OPTIONS, SHERD_SCATTER_FAILED, SHERD_SCATTER_DEADLINE, SHERD_SCATTER_TOO_MANY_ROWS.
   */
  async scatter<T>(body: () => T | PromiseLike<T>, options: ScatterOptions = {}): Promise<T> {
    const { scopes } = this.#engine
    const permission = readScatterOptions(options)
    const isOnOneShard = (scopes.current()?.shards.size ?? 0) > 0
    if (options.writes === true && isOnOneShard)
      throw new SherdError('SHERD_SCATTER_OPTIONS', {
        message:
          'sherd.scatter with writes: true was called inside onShard or withShardKey, which name one shard.',
        remedy: 'Call it outside of them to write on every shard; leave it out to write on that one.',
      })
    return scopes.scatter(permission, body)
  }

  /**
   * What would happen to a statement here: which logical shards, how the key was found, what each server would
   * get, or the refusal. Nothing is sent; only a directory may have to read its table. `explain` does the
   * same from a config alone.
   */
  explain(sql: string, values?: readonly unknown[], options: ExplainOptions = {}): Promise<Explanation> {
    return new Promise((resolve, reject) => {
      const engine = this.#engine
      const outer = engine.scopes.current()
      const scope = scopeOf(engine.topology, options, outer && scopeIn(engine.topology, outer))
      explainStatement(engine, { sql, values, scope }, (error, explanation) =>
        explanation === undefined ? reject(error as Error) : resolve(explanation),
      )
    })
  }

  /** Counts since this sherd was made, of plans since the last reload. Cheap enough to be asked each second. */
  stats(): SherdStats {
    const { entries, bytes, hits, misses, skipped } = this.#engine.planner.stats()
    const asked = hits + misses
    const hitRate = asked === 0 ? 0 : hits / asked
    return {
      planCache: { entries, bytes, hits, misses, skipped, hitRate },
      pools: this.#engine.pools.stats(),
      replicas: this.#engine.pools.replicaStats(),
      topology: this.#topologyStats(),
    }
  }

  #topologyStats(): SherdStats['topology'] {
    const { current, watch } = this.#parts
    const { asked, error } = watch?.questions ?? { asked: 0 }
    const { reloads, draining } = current
    const { version } = this.topology
    return { version, reloads, draining, asked, ...(error === undefined ? {} : { error }) }
  }

  /**
   * Takes another config in the place of the present one, at once for everything that begins from now on. What runs finishes on the old one,
   * transactions too. Servers that are the same keep their connections; those that went away are closed when nothing uses them any more. Resolves
   * when the new one is in force, without waiting for the rest. SHERD_RELOAD_REFUSED, and then nothing has changed.
   */
  async reload(config: Topology, options: { readonly drainTimeoutMs?: number } = {}): Promise<void> {
    const { current, drainTimeoutMs } = this.#parts
    current.reload(config, options.drainTimeoutMs ?? drainTimeoutMs)
  }

  /** Runs `body` with all reads on primaries: `reads('primary', body)`. */
  fresh<T>(body: () => T | PromiseLike<T>): Promise<T> {
    return this.reads('primary', body)
  }

  /**
   * Runs `body` with another policy for its reads, or another choice among replicas; an inner call wins over an
   * outer one and over the config. In a transaction the primary reads, whatever is said here.
   */
  async reads<T>(how: ReadPolicy | ScopedReads, body: () => T | PromiseLike<T>): Promise<T> {
    return this.#engine.scopes.reads(typeof how === 'string' ? { policy: how } : how, body)
  }

  /**
   * How far this process has written, and whatever an `after` around the call demands, as a text for a cookie,
   * header or URL: at most 2,048 characters, without secrets. Ask for it once the writes are answered.
   */
  position(): string {
    const { servers } = this.topology
    const own = this.#engine.pools.writes(servers)
    const after = this.#engine.scopes.current()?.reads?.after
    return writeToken(servers, after === undefined ? own : joinWrites(own, after))
  }

  /**
   * Runs `body` with reads that see all writes up to `position`, of whatever process with the same config, and
   * those of this one. SHERD_POSITION_TOKEN, before anything runs, when `position()` did not make it.
   */
  async after<T>(position: string, body: () => T | PromiseLike<T>): Promise<T> {
    const { servers } = this.topology
    return this.#engine.scopes.after({ ...readToken(position, servers), servers }, body)
  }

  /** Creates the logical databases that are not there yet, on every server; with `transactions: 'xa'` also its tables. */
  async createDatabases(): Promise<void> {
    const { databases, pools, recovery, topology } = this.#engine
    await databases.create()
    if (recovery !== undefined) await createXaTables(pools, topology)
  }

  /**
   * Finishes transactions over several servers that stopped between the two phases, as sherd itself does every few
   * seconds. With `transactions: 'xa'` only; otherwise there are none. `olderThanMs` (default 0) leaves alone
   * what this process has seen for less; too low rolls back what another process is just committing, which is told of it.
   */
  recoverTransactions({ olderThanMs = 0 }: { readonly olderThanMs?: number } = {}): Promise<RecoveryReport> {
    const { recovery } = this.#engine
    if (recovery !== undefined) return recovery.recover(olderThanMs)
    return Promise.resolve({ committed: 0, rolledBack: 0, waiting: 0, unreachable: [] })
  }

  /**
   * Runs `body` with statements that must be over `timeoutMs` from now, all of them together; an outer call's deadline holds
   * where it is nearer. What runs then is ended on its server, what waits is turned away, and what comes later is not
   * sent: SHERD_DEADLINE. COMMIT and ROLLBACK are sent whenever they come.
   */
  async deadline<T>(timeoutMs: number, body: () => T | PromiseLike<T>): Promise<T> {
    const { deadlines, scopes } = this.#engine
    if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0))
      throw new SherdError('SHERD_QUERY_ARGUMENTS', {
        message: 'sherd.deadline was called without a number of milliseconds, 0 or more.',
        remedy: 'Give the time as a number: sherd.deadline(500, () => …).',
      })
    return scopes.until(deadlines.now() + timeoutMs, body)
  }

  /**
   * Opens `connections` (default 1) to every endpoint before the first statement, so that it does not pay for them, at most
   * `connectionLimit` and ten at a time for each. A server that refuses is told in the report; with `throwOnError` its
   * error is thrown once all others are done. Left without use they are closed after `idleTimeoutMs`.
   */
  async warmUp({ connections = 1, throwOnError = false }: WarmUpOptions = {}): Promise<
    readonly WarmEndpoint[]
  > {
    const reports = await warmPools(this.#engine.pools.of(this.topology.servers), connections)
    const failed = reports.find(({ error }) => error !== undefined)
    if (throwOnError && failed !== undefined) throw failed.error
    return reports
  }

  /**
   * What `processes` (default 1) processes with this config may ask of each server, against what the servers say they allow; one
   * that does not answer is `not known`. `printConnectionBudget` makes a table of it, `connectionBudget` needs no server.
   */
  async connectionBudget({ processes = 1 }: { readonly processes?: number } = {}): Promise<ConnectionBudget> {
    const allowances = await askAllowances(this.topology, this.#engine.pools)
    return connectionBudget(this.topology, { processes, allowances })
  }

  /**
   * Locks in a table of an unsharded database (default `default`), on its primary: `databaseLocks` over the connections that are there. MariaDB and
   * MySQL. The locks throw SHERD_CONFIG_UNKNOWN_DATABASE for a database that the config has not.
   */
  databaseLocks(database = 'default', options: DatabaseLocksOptions = {}): Locks {
    return databaseLocks(askDatabase(this.#parts.current, database), options)
  }

  /**
   * Takes no more statements but those of open transactions, waits up to `timeoutMs` (default 10,000) for statements and
   * transactions under way, then closes every connection. What is not over by then is cut: servers roll back what was not
   * committed. Too low cuts work that was nearly done, too high delays the end of the process. A second call gives
   * the same promise. Afterwards nothing keeps the process alive.
   */
  close({ timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { current, watch } = this.#parts
    watch?.stop()
    this.#closing ??= current.close(timeoutMs)
    return this.#closing
  }
}
