export { expectShards, failOnScatter, type ScatterGuard } from './expect-shards.ts'
export { openTestSherd, type TestSherd, type TestSherdOptions } from './open-test-sherd.ts'
export { type RecordedStatement, recordStatements, type StatementRecorder } from './record-statements.ts'
export type { AdministrationRow } from './servers/administration.ts'
export { findMariadb, findRedis, type FindOptions, type MariadbPrograms } from './servers/find-programs.ts'
export { startHalfOpenProxy, type HalfOpenProxy } from './servers/half-open-proxy.ts'
export { startRedis, type StartRedisOptions, type TestRedis } from './servers/start-redis.ts'
export {
  startServers,
  type ServerSet,
  type ServerSite,
  type StartServersOptions,
} from './servers/start-servers.ts'
export type { TestReplica } from './servers/test-replica.ts'
export type { TestServer } from './servers/test-server.ts'
