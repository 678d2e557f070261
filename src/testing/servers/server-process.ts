import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'

import type { Supervisor } from './supervisor.ts'

export interface ServerCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly directory: string
  /** Takes what the program prints; begun anew at each start. */
  readonly log: string
}

/** One running server program, watched by the supervisor until it has ended. */
export class ServerProcess {
  readonly #child: ChildProcess
  /** Resolves when the process has ended, also when it could not be started. */
  readonly ended: Promise<void>
  #hasEnded = false
  readonly log: string

  constructor(command: ServerCommand, supervisor: Supervisor) {
    this.log = command.log
    const log = openSync(command.log, 'w')
    this.#child = spawn(command.program, command.args, {
      cwd: command.directory,
      detached: true,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    const { pid } = this.#child
    if (pid !== undefined) supervisor.watch(pid)
    this.ended = new Promise((resolve) => {
      const onEnd = () => {
        this.#hasEnded = true
        if (pid !== undefined) supervisor.forget(pid)
        resolve()
      }
      this.#child.once('exit', onEnd)
      this.#child.once('error', onEnd)
    })
    this.#child.unref()
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** The number of the process; undefined when it has ended. */
  get pid(): number | undefined {
    return this.#hasEnded ? undefined : this.#child.pid
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name)
  }

  /** Sends the signal and waits until the process has ended. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.#hasEnded) return
    // An unreferenced child would let Node leave while we wait.
    this.#child.ref()
    this.#child.kill(signal)
    // A stopped process would take SIGTERM only after it goes on.
    if (signal === 'SIGTERM') this.#child.kill('SIGCONT')
    await this.ended
  }

  /** The last lines the program printed. */
  async readLog(): Promise<string> {
    const text = await readFile(this.log, 'utf8').catch(() => '')
    return text.trimEnd().split('\n').slice(-12).join('\n')
  }
}

/** MariaDB refuses to run as root unless told so by name. */
export function flagsForRoot(): readonly string[] {
  return userInfo().uid === 0 ? ['--user=root'] : []
}
