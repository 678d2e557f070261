export { databaseWorkers, type DatabaseWorkersOptions } from './database-workers.ts'
export { djangoNanosecondId, djangoTableId, djangoUuid4, type NanosecondIdOptions } from './django-ids.ts'
export {
  idEndMs,
  idEpochMs,
  type IdLayout,
  type IdParts,
  readId,
  safeIdLayout,
  timeIdLayout,
} from './id-layout.ts'
export { Ids, type IdsOptions, openSafeIds, openTimeIds, type ShardOfId } from './ids.ts'
export { redisWorkers, type RedisWorkersOptions } from './redis-workers.ts'
export { Sequence, type SequenceOptions } from './sequence.ts'
export { Uuid7 } from './uuid7.ts'
export { fixedWorker, type WantedWorker, type WorkerLease, type WorkerLeases } from './worker-lease.ts'
export type { AskDatabase } from '../locks/ask-database.ts'
export type { Clock } from '../locks/clock.ts'
export type { RedisClient } from '../locks/redis-client.ts'
