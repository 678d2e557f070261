import { writeFileSync } from 'node:fs'

import { SherdError } from '../../errors/sherd-error.ts'
import { type AdministrationRow, ping, readText, runAsRoot } from './administration.ts'
import { findFreePort } from './free-port.ts'
import { listFlags, type ServerIdentity } from './mariadb-flags.ts'
import { flagsForRoot, ServerProcess } from './server-process.ts'
import type { Supervisor } from './supervisor.ts'
import { waitFor } from './wait-for.ts'

/** What all servers of a set share. */
export interface ServerSetting {
  readonly program: string
  readonly flags: readonly string[]
  readonly user: string
  readonly password: string
  readonly supervisor: Supervisor
  readonly readyTimeoutMs: number
}

const maxPortAttempts = 8

/** One private MariaDB server on 127.0.0.1, with its own data directory. */
export class TestServer {
  readonly name: string
  readonly socket: string
  readonly #identity: ServerIdentity
  readonly #setting: ServerSetting
  #process: ServerProcess | undefined
  #port = 0

  /** Made by `startServers`, and not running until `start`. */
  constructor(identity: ServerIdentity, setting: ServerSetting) {
    this.name = identity.name
    this.socket = identity.socket
    this.#identity = identity
    this.#setting = setting
  }

  /** Stays the same over restarts. */
  get port(): number {
    return this.#port
  }

  /** The number of the process; undefined while the server is stopped. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** An address for the user with all privileges; on replicas it cannot write, as no application can. */
  url(database = ''): string {
    const { user, password } = this.#setting
    return `mysql://${user}:${password}@127.0.0.1:${this.#port}/${encodeURIComponent(database)}`
  }

  /**
   * Runs statements one after the other on one connection as `root`, gives the rows of the last one.
   * The next call is another connection. Waits while the server is paused.
   */
  async query(...statements: readonly string[]): Promise<readonly AdministrationRow[]> {
    if (this.pid === undefined) throw this.#fail('is stopped')
    return runAsRoot(this.socket, statements)
  }

  /** The GTID of the last write, to be given to a replica's `waitForPosition`. */
  async readPosition(): Promise<string> {
    const [row] = await this.query('SELECT @@gtid_binlog_pos AS position')
    return readText(row, 'position')
  }

  /** SIGKILL. Resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.#process?.end('SIGKILL')
  }

  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void {
    this.#process?.signal('SIGSTOP')
  }

  /** SIGCONT after `pause`. */
  resume(): void {
    this.#process?.signal('SIGCONT')
  }

  /** Orderly shutdown; the data stays for `restart`. */
  async stop(): Promise<void> {
    await this.#process?.end('SIGTERM')
  }

  /** Starts the server again on its data and port; one that is running is stopped first. */
  async restart(): Promise<void> {
    await this.stop()
    const hasStarted = await waitFor(() => this.#launch(), this.#setting.readyTimeoutMs)
    if (!hasStarted) throw this.#fail(`could not bind its port ${this.#port} again`)
  }

  /** First start: on `port`, or on a free one, and then on another when somebody else was faster. */
  async start(port?: number): Promise<void> {
    if (port !== undefined) {
      this.#port = port
      if (await this.#launch()) return
      throw this.#fail(`could not bind port ${port}, which another program uses`)
    }
    for (let attempt = 0; attempt < maxPortAttempts; attempt++) {
      this.#port = await findFreePort()
      if (await this.#launch()) return
    }
    throw this.#fail(`found no free port in ${maxPortAttempts} attempts`)
  }

  /** True when ready, false when the port was taken. */
  async #launch(): Promise<boolean> {
    const { program, flags, supervisor, readyTimeoutMs } = this.#setting
    const { directory } = this.#identity
    writeFileSync(this.#identity.initFile, listFirstStatements(this.#setting, this.#identity.isReplica))
    const args = [...listFlags(this.#identity, this.#port, flags), ...flagsForRoot()]
    const server = new ServerProcess({ program, args, directory, log: `${directory}.log` }, supervisor)
    this.#process = server
    const isReady = await waitFor(async () => server.hasEnded || (await this.#answers()), readyTimeoutMs)
    if (isReady && !server.hasEnded) return true
    const log = await server.readLog()
    if (log.includes('Bind on TCP/IP port')) return false
    const what = server.hasEnded ? 'ended while it started' : `was not ready after ${readyTimeoutMs} ms`
    throw this.#fail(`${what}; its log ends:\n${log}\n`)
  }

  async #answers(): Promise<boolean> {
    try {
      await ping(this.socket)
      return true
    } catch (error) {
      // Ours says that mysql2 is missing; any other means that the server is not up yet.
      if (error instanceof SherdError) throw error
      return false
    }
  }

  #fail(what: string): SherdError {
    return new SherdError('SHERD_TEST_SERVER_FAILED', {
      message: `The private server ${this.name} ${what}.`,
      details: { server: this.name },
    })
  }
}

/**
 * Run by the server itself before it takes connections, one statement per line. Not written to the binlog:
 * a replica has its own copy, and its own rights. `mariadb-install-db` leaves roots without password for
 * 127.0.0.1 and the host's name, and nameless users; only root on the socket stays. On a replica the right
 * to write in spite of read_only is taken away, so that a stray write is refused as in real life.
 */
function listFirstStatements(setting: ServerSetting, isReplica: boolean): string {
  const account = `'${setting.user}'@'127.0.0.1'`
  const lines = [
    'SET sql_log_bin = 0;',
    "DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');",
    'FLUSH PRIVILEGES;',
    `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '${setting.password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO ${account} WITH GRANT OPTION;`,
    ...(isReplica ? [`REVOKE READ_ONLY ADMIN ON *.* FROM ${account};`] : []),
  ]
  return `${lines.join('\n')}\n`
}
