import { mkdtemp } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SherdError } from '../../errors/sherd-error.ts'
import { findRedis, type FindOptions } from './find-programs.ts'
import { findFreePort } from './free-port.ts'
import { type ServerCommand, ServerProcess } from './server-process.ts'
import { startSupervisor, type Supervisor } from './supervisor.ts'
import { waitFor } from './wait-for.ts'

const readyTimeoutMs = 20_000
const maxPortAttempts = 8

export interface StartRedisOptions extends FindOptions {
  /** Writes every command to disk before it is answered, so that data survive `kill`. Default: false, nothing is on disk. */
  readonly keepsData?: boolean
}

/** A private Redis server. */
export interface TestRedis {
  readonly port: number
  readonly url: string
  /** The number of the process; undefined while it is stopped. */
  readonly pid: number | undefined
  /** SIGKILL. Resolves when the process is gone, and its data with it unless `keepsData`. */
  readonly kill: () => Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  readonly pause: () => void
  /** SIGCONT after `pause`. */
  readonly resume: () => void
  /** Starts it again on the same port, empty unless `keepsData`. */
  readonly restart: () => Promise<void>
  /** Ends the server and removes its directory. */
  readonly stop: () => Promise<void>
}

/** Starts Redis on a free port of 127.0.0.1. Throws SHERD_TEST_SERVER_MISSING when it is not installed. */
export async function startRedis(options: StartRedisOptions = {}): Promise<TestRedis> {
  const program = findRedis(options)
  const directory = await mkdtemp(join(tmpdir(), 'sherd-redis-'))
  const supervisor = startSupervisor([directory])
  const launchOn = (port: number) => launch(commandFor(program, directory, port, options), port, supervisor)
  try {
    const { port, server } = await launchOnFreePort(launchOn)
    let current = server
    return {
      port,
      url: `redis://127.0.0.1:${port}`,
      get pid() {
        return current.pid
      },
      kill: () => current.end('SIGKILL'),
      pause: () => current.signal('SIGSTOP'),
      resume: () => current.signal('SIGCONT'),
      restart: async () => {
        await current.end('SIGKILL')
        current = (await launchOn(port)) ?? fail(`could not bind its port ${port} again`)
      },
      stop: async () => {
        await current.end('SIGKILL')
        await supervisor.finish()
      },
    }
  } catch (error) {
    await supervisor.finish()
    throw error
  }
}

function commandFor(
  program: string,
  directory: string,
  port: number,
  { keepsData = false }: StartRedisOptions,
): ServerCommand {
  const options = [
    `--port ${port}`,
    '--bind 127.0.0.1',
    `--appendonly ${keepsData ? 'yes' : 'no'}`,
    '--appendfsync always',
    '--daemonize no',
    `--dir ${directory}`,
  ]
  const args = [...options.flatMap((option) => option.split(' ')), '--save', '']
  return { program, args, directory, log: join(directory, 'redis.log') }
}

async function launchOnFreePort(
  launchOn: (port: number) => Promise<ServerProcess | undefined>,
): Promise<{ readonly port: number; readonly server: ServerProcess }> {
  for (let attempt = 0; attempt < maxPortAttempts; attempt++) {
    const port = await findFreePort()
    const server = await launchOn(port)
    if (server !== undefined) return { port, server }
  }
  return fail(`found no free port in ${maxPortAttempts} attempts`)
}

/** Undefined when the port was taken. */
async function launch(
  command: ServerCommand,
  port: number,
  supervisor: Supervisor,
): Promise<ServerProcess | undefined> {
  const server = new ServerProcess(command, supervisor)
  const isReady = await waitFor(async () => server.hasEnded || (await answersPing(port)), readyTimeoutMs)
  if (isReady && !server.hasEnded) return server
  await server.end('SIGKILL')
  const log = await server.readLog()
  if (log.includes('Address already in use')) return undefined
  return fail(`did not start; its log ends:\n${log}\n`)
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const answer = (isReady: boolean) => {
      socket.destroy()
      resolve(isReady)
    }
    socket.once('data', (data) => answer(data.toString().startsWith('+PONG')))
    socket.once('error', () => answer(false))
    socket.once('close', () => answer(false))
  })
}

function fail(what: string): never {
  throw new SherdError('SHERD_TEST_SERVER_FAILED', { message: `The private Redis server ${what}.` })
}
