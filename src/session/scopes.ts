import { AsyncLocalStorage } from 'node:async_hooks'
import type { KnownWrites, ReadScope } from '../pools/read-scope.ts'
import { joinWrites } from '../pools/position-token.ts'
import type { LogicalShard } from '../topology/topology.ts'
import type { ScatterPermission } from './scatter-options.ts'

/** What holds for all statements of a stretch of code, however deep the ORM runs them. */
export interface Scope {
  /** The logical shard that stands for a missing key, by shard group. */
  readonly shards: ReadonlyMap<string, LogicalShard>
  /** The shard that `onShard` named last: there even the copies of reference tables may be written. */
  readonly named?: LogicalShard
  /** Where reads go, over the options of the servers. */
  readonly reads?: ReadScope
  /** Reads that no key brings to one shard may ask several. */
  readonly scatter?: ScatterPermission
  /** When the time of its statements is up, by the clock of the deadlines. */
  readonly dueAt?: number
}

const emptyScope: Scope = { shards: new Map() }

/**
 * The scopes of one sherd. Each instance has its own storage, so that the shard named for one
 * topology never leaks into statements of another.
 */
export class Scopes {
  readonly #storage = new AsyncLocalStorage<Scope | undefined>()

  /** The scope in force, if any. */
  current(): Scope | undefined {
    return this.#storage.getStore()
  }

  /** Runs `body` with the shard fixed for its group; an inner call wins over an outer one. */
  withShard<T>(shard: LogicalShard, body: () => T | PromiseLike<T>): Promise<T> {
    const outer = this.current() ?? emptyScope
    return this.#run({ ...outer, shards: new Map(outer.shards).set(shard.group, shard) }, body)
  }

  /** The same for a shard named by hand, which also opens its own tables and copies. */
  onShard<T>(shard: LogicalShard, body: () => T | PromiseLike<T>): Promise<T> {
    const outer = this.current() ?? emptyScope
    return this.#run({ ...outer, shards: new Map(outer.shards).set(shard.group, shard), named: shard }, body)
  }

  /** Runs `body` with reads over several shards allowed. Shards that an outer scope names are not: all are asked. */
  scatter<T>(scatter: ScatterPermission, body: () => T | PromiseLike<T>): Promise<T> {
    const { reads, dueAt } = this.current() ?? emptyScope
    const kept = { ...(reads === undefined ? {} : { reads }), ...(dueAt === undefined ? {} : { dueAt }) }
    return this.#run({ ...emptyScope, ...kept, scatter }, body)
  }

  /** Runs `body` with another policy or choice for its reads; what is not given stays as it is outside. */
  reads<T>(reads: Omit<ReadScope, 'after'>, body: () => T | PromiseLike<T>): Promise<T> {
    const outer = this.current() ?? emptyScope
    return this.#run({ ...outer, reads: { ...outer.reads, ...reads } }, body)
  }

  /**
   * Runs `body` with reads that see the writes of another process too, and those of an outer call. Reads that
   * go to primaries anyway stay there.
   */
  after<T>(writes: KnownWrites, body: () => T | PromiseLike<T>): Promise<T> {
    const outer = this.current() ?? emptyScope
    const known = outer.reads?.after
    const after = known === undefined ? writes : joinWrites(known, writes)
    const policy = outer.reads?.policy === 'primary' ? 'primary' : 'causal'
    return this.#run({ ...outer, reads: { ...outer.reads, policy, after } }, body)
  }

  /** Runs `body` with statements that end at `dueAt`, or with those of an outer call where that is nearer. */
  until<T>(dueAt: number, body: () => T | PromiseLike<T>): Promise<T> {
    const outer = this.current() ?? emptyScope
    return this.#run({ ...outer, dueAt: Math.min(dueAt, outer.dueAt ?? Infinity) }, body)
  }

  /**
   * Runs `body` in a scope that was in force before, or in none. An answer comes in the async context of
   * whoever opened or gave back the connection; a callback must see the scope of its own statement.
   */
  enter(scope: Scope | undefined, body: () => void): void {
    if (this.current() === scope) body()
    else this.#storage.run(scope, body)
  }

  /**
   * The `await` is inside the storage on purpose: query builders such as Drizzle's are thenables that
   * send nothing before `then` is called, and that call must still see the scope.
   */
  #run<T>(scope: Scope, body: () => T | PromiseLike<T>): Promise<T> {
    return this.#storage.run(scope, async () => await body())
  }
}
