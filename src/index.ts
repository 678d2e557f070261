export { createSherd, type SherdOptions } from './facade/create-sherd.ts'
export { type ScopedReads, Sherd, type WarmUpOptions } from './facade/sherd.ts'
export { SherdConnection, type StatementOptions, type StatementResult } from './facade/sherd-connection.ts'
export type { ShardCount } from './merge/sum-writes.ts'
export type { MysqlModule } from './facade/mysql-module.ts'
export type { SherdPool } from './facade/sherd-pool.ts'
export type { SherdStats } from './facade/sherd-stats.ts'
export type { TopologySource } from './facade/topology-watch.ts'

export type { WarmEndpoint } from './pools/warm-up.ts'
export type { ServerFault } from './drivers/driver.ts'
export type { AnnotatedError } from './engine/annotate-error.ts'
export type { RecoveryReport } from './engine/xa-recovery.ts'
export { explain, type ExplainOptions } from './engine/explain.ts'
export type {
  ExplainedKey,
  ExplainedPredicate,
  ExplainedRefusal,
  ExplainedRun,
  ExplainedTable,
  Explanation,
} from './engine/explanation.ts'

export { defineConfig } from './topology/define-config.ts'
export type {
  ConnectionOptionsConfig,
  DatabaseConfig,
  EndpointConfig,
  ReadsConfig,
  ReadsObject,
  ReplicaConfig,
  RoutingConfig,
  ServerConfig,
  ShardGroupConfig,
  SherdConfig,
} from './topology/config.ts'
export type { ReadOptions, ReadPolicy, ReplicaChoice } from './topology/read-options.ts'
export { fromDjangoShardConfig, type DjangoShardConfigOptions } from './topology/from-django-shard-config.ts'
export type { DjangoShardConfig } from './topology/django-shard-config.ts'
export {
  type ConnectionBudget,
  connectionBudget,
  type ConnectionBudgetOptions,
  printConnectionBudget,
  type ServerAllowance,
  type ServerBudget,
} from './topology/connection-budget.ts'
export { printTopology } from './topology/print-topology.ts'
export { topologyToJson } from './topology/topology-json.ts'
export {
  type ForeignKey,
  isolated,
  type KeyType,
  pinned,
  reference,
  type ReferenceOptions,
  type ReferenceTable,
  sharded,
  type ShardedOptions,
  type TableKind,
  type TableKinds,
} from './topology/table-kinds.ts'
export type {
  LogicalShard,
  Server,
  ShardGroup,
  Topology,
  TransactionMode,
  UnshardedInTransaction,
} from './topology/topology.ts'

export type {
  PartialScatter,
  ScatterLimits,
  ScatterOptions,
  WholeScatter,
} from './session/scatter-options.ts'

export { locate, type LocateOptions } from './routing/locate.ts'

export type { AcquireOptions, HeldLock, Locks } from './locks/lock.ts'
export type { AskDatabase } from './locks/ask-database.ts'
export { databaseLocks, type DatabaseLocksOptions } from './locks/database-locks.ts'
export { keepHeld, type KeepHeldOptions, type KeptLock } from './locks/keep-held.ts'
export { memoryLocks, type MemoryLocksOptions } from './locks/memory-locks.ts'
export { noLocks } from './locks/no-locks.ts'
export type { IoredisClient, NodeRedisClient, RedisClient } from './locks/redis-client.ts'
export { redisLocks, type RedisLocksOptions } from './locks/redis-locks.ts'
export type { Clock } from './locks/clock.ts'

export type { BackOff, Job, JobsOptions, RunningJobs, StopOptions } from './jobs/jobs.ts'
export { intervalJobs, type IntervalJobsOptions } from './jobs/interval-jobs.ts'

export {
  type CopyWaitOptions,
  type ReferenceOwner,
  referenceTables,
  type ReferenceTables,
  type ReferenceTablesOptions,
  type VerifyOptions,
} from './reference/reference-tables.ts'
export type { CopyFilter } from './reference/filter-copies.ts'
export type { Supervisor, WatchOptions } from './reference/watch.ts'
export type {
  ChangedRows,
  CompareReport,
  Freshness,
  ReferenceBatch,
  ReferenceChange,
  ReferenceHooks,
  ReferenceLimits,
  SyncReport,
} from './reference/sync-context.ts'
export type { ReferenceCopy } from './topology/reference-copies.ts'
export {
  drift,
  type MigrationOwner,
  type MigrationReport,
  migrations,
  type Migrations,
  type MigrationsOptions,
  type RunOptions as MigrationRunOptions,
} from './migrations/migrations.ts'
export { newMigration } from './migrations/new-migration.ts'
export type { DriftFinding } from './migrations/find-drift.ts'
export type { PlannedMigration, PlannedStatement } from './migrations/plan-files.ts'
export type { MigrationStatus } from './migrations/read-status.ts'
export type { Resolution } from './migrations/resolve-migration.ts'
export type { MigrationStep, PlaceReport } from './migrations/run-context.ts'
export type { ServerDoor, ServerPlace, ServerSession } from './engine/run-on-server.ts'

export { type CheckOptions, type CheckReport, checkTopology } from './checks/check-topology.ts'
export type { Finding } from './checks/finding.ts'
export type { FindingName, Severity } from './checks/finding-kinds.ts'

export { events } from './observe/events.ts'
export type {
  EventPlace,
  QueryEvent,
  ReferenceEvent,
  RefusalEvent,
  ReplicaEvent,
  RetryEvent,
  RouteReason,
  StatementEvent,
  TransactionEvent,
} from './observe/events.ts'

export { type ErrorCode, errorRegistry } from './errors/registry.ts'
export { type ErrorDetails, type ErrorKind, SherdError, type ShardOutcome } from './errors/sherd-error.ts'
