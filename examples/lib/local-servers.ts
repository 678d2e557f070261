import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Servers that an example started for itself, and the command `sherd` for them. */
export interface LocalServers {
  /** Where the command runs. */
  readonly directory: string
  /** Runs the command and shows what it prints. Throws when it ends with another code than 0. */
  readonly sherd: (...args: readonly string[]) => Promise<void>
  /** Stops the servers and deletes their data. */
  readonly close: () => Promise<void>
}

const command = fileURLToPath(new URL('cli/main.js', import.meta.resolve('sherd')))

/**
 * For `sherd dev` with a config file whose servers are on `portCount` ports in a row from `firstPort()` on: in a folder of its own and on
 * ports of its own, so that nothing else is met.
 */
export async function openLocalServers(configFile: URL, portCount: number): Promise<LocalServers> {
  const directory = await mkdtemp(join(tmpdir(), 'sherd-example-'))
  process.env['EXAMPLE_PORT'] = String(await findPorts(portCount))
  const sherd = async (...args: readonly string[]): Promise<void> => {
    console.log(`\n$ sherd ${args.map(quote).join(' ')}`)
    const all = [command, ...args, '--config', fileURLToPath(configFile)]
    const child = spawn(process.execPath, all, { cwd: directory, stdio: 'inherit' })
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) throw new Error(`sherd ${args[0]} ended with ${code}.`)
  }
  const close = async (): Promise<void> => {
    await sherd('dev', 'down', '--remove')
    await rm(directory, { recursive: true })
  }
  // The servers outlive their command, so Ctrl-C must stop them, too.
  process.once('SIGINT', () => void close().finally(() => process.exit(130)))
  return { directory, sherd, close }
}

/** The first port of the local servers, for the config file: `sherd` is told by the environment. */
export function firstPort(): number {
  return Number(process.env['EXAMPLE_PORT'] ?? 13_306)
}

const quote = (text: string): string => (/^[\w/.-]+$/.test(text) ? text : `'${text}'`)

/** The first of `count` ports in a row that nobody uses. */
async function findPorts(count: number): Promise<number> {
  for (let first = 13_306; first < 30_000; first += 10) {
    const ports = Array.from({ length: count }, (_, index) => first + index)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first
  }
  throw new Error('There are no free ports.')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
