import { SherdError } from '../../errors/sherd-error.ts'
import { readText } from './administration.ts'
import { TestServer } from './test-server.ts'
import { waitFor } from './wait-for.ts'

export interface ReplicationSource {
  readonly port: number
  readonly user: string
  readonly password: string
}

/** A private server that follows a primary by GTID and refuses writes of applications. */
export class TestReplica extends TestServer {
  /** Stops applying and fetching the primary's writes: a lag that lasts until `startReplication`. */
  async stopReplication(): Promise<void> {
    await this.query('STOP SLAVE')
  }

  /** Resolves when writes are applied again. */
  async startReplication(): Promise<void> {
    await this.query('START SLAVE')
    await this.#waitForReplication(['Slave_SQL_Running'])
  }

  /** Resolves when the replica has applied `position`; throws SHERD_TEST_SERVER_FAILED after `timeoutMs`. */
  async waitForPosition(position: string, timeoutMs: number): Promise<void> {
    const sql = `SELECT MASTER_GTID_WAIT('${position.replaceAll("'", '')}', ${timeoutMs / 1000}) AS answer`
    const [row] = await this.query(sql)
    if (row?.['answer'] === 0) return
    throw this.#failReplication(`did not reach ${position} in ${timeoutMs} ms`)
  }

  /** First start of replication, from the primary's first write on. */
  async follow(source: ReplicationSource): Promise<void> {
    const place = `MASTER_HOST='127.0.0.1', MASTER_PORT=${source.port}`
    const account = `MASTER_USER='${source.user}', MASTER_PASSWORD='${source.password}'`
    const manner = 'MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1'
    await this.query(`CHANGE MASTER TO ${place}, ${account}, ${manner}`, 'START SLAVE')
    await this.#waitForReplication(['Slave_SQL_Running', 'Slave_IO_Running'])
  }

  /** Starts the server again; ready when it applies writes, even if its primary is away. */
  override async restart(): Promise<void> {
    await super.restart()
    await this.#waitForReplication(['Slave_SQL_Running'])
  }

  async #waitForReplication(threads: readonly string[]): Promise<void> {
    const timeoutMs = 20_000
    let lastError = ''
    const isRunning = await waitFor(async () => {
      const [status] = await this.query('SHOW SLAVE STATUS')
      lastError = readText(status, 'Last_IO_Error') || readText(status, 'Last_SQL_Error')
      return threads.every((thread) => status?.[thread] === 'Yes')
    }, timeoutMs)
    if (!isRunning) throw this.#failReplication(`did not replicate after ${timeoutMs} ms: ${lastError}`)
  }

  #failReplication(what: string): SherdError {
    return new SherdError('SHERD_TEST_SERVER_FAILED', {
      message: `The private replica ${this.name} ${what}.`,
      details: { server: this.name },
    })
  }
}
