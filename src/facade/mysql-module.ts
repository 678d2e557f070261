import type { EventEmitter } from 'node:events'
import { SherdError } from '../errors/sherd-error.ts'
import { readProfile } from './connection-profile.ts'
import { MysqlPool } from './mysql-pool.ts'
import { SingleConnection } from './single-connection.ts'
import type { Door } from './send-query.ts'
import { escapeValue, formatText } from './write-values.ts'

/**
 * Stands where an ORM loads the module `mysql2`: its pools and connections are virtual, whatever address, user and
 * limits it gives them. Ending them leaves sherd open.
 */
export class MysqlModule {
  readonly #door: Door
  readonly #defaults: object
  readonly #remedy: string | undefined

  /** `defaults`: options of mysql2 for what the ORM does not say of its connections. */
  constructor(door: Door, defaults: object = {}, remedy?: string) {
    this.#door = door
    this.#defaults = defaults
    this.#remedy = remedy
  }

  /** The same module for an ORM that needs a sentence of its own where the shard key is missing, such as how a primary key of two columns is declared. */
  withRemedy(remedy: string): MysqlModule {
    return new MysqlModule(this.#door, this.#defaults, remedy)
  }

  /** Codes: SHERD_CONNECTION_OPTION. */
  createPool(config: object): MysqlPool {
    return new MysqlPool(this.#doorWith(config), () => Promise.resolve())
  }

  /** It is connected at once. Codes: SHERD_CONNECTION_OPTION. */
  createConnection(config: object): EventEmitter {
    return new SingleConnection(this.#doorWith(config))
  }

  /** Always refused: replicas stand in the config of sherd, which knows what they have. */
  createPoolCluster(): never {
    throw new SherdError('SHERD_CONNECTION_OPTION', {
      message: 'The ORM wants a pool for each replica, and sherd chooses replicas itself.',
      remedy:
        'Take `replication` out of the options of the ORM, and name the replicas in the config of sherd.',
    })
  }

  format(sql: string, values: unknown): string {
    return formatText(this.#door, sql, values)
  }

  escape(value: unknown): string {
    return escapeValue(this.#door, value)
  }

  escapeId(name: string): string {
    return this.#door.driver.format('??', [name])
  }

  #doorWith(config: object): Door {
    return { ...this.#door, profile: readProfile({ ...this.#defaults, ...config }, this.#remedy) }
  }
}
