import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { SherdError } from '../../errors/sherd-error.ts'
import { waitFor } from '../servers/wait-for.ts'
import { type DevRecordServer, pathOfRecord, readRecord } from './dev-record.ts'

/** A server of the record, and whether it ran until now. */
export interface StoppedServer {
  readonly address: string
  readonly port: number
  readonly wasRunning: boolean
}

const stopTimeoutMs = 60_000

/**
 * Ends the servers under `home`, each by the process id in its data directory, in an orderly way. Their data stays for the next
 * start unless `isRemoved`. Does nothing where none were made. SHERD_DEV_SERVERS when one does not end.
 */
export async function stopDevServers(
  home: string,
  { isRemoved = false }: { readonly isRemoved?: boolean } = {},
): Promise<readonly StoppedServer[]> {
  const record = await readRecord(home)
  if (record === undefined) return []
  // Replicas stand behind their primaries and end first, so that none waits for a primary that is gone.
  const stopped: StoppedServer[] = []
  for (const server of record.servers.toReversed()) stopped.unshift(await stopOne(server))
  if (isRemoved) {
    await rm(join(home, 'dev'), { recursive: true, force: true })
    const sockets = dirname(record.servers[0]?.socket ?? pathOfRecord(home))
    if (sockets !== home) await rm(sockets, { recursive: true, force: true })
    await rm(pathOfRecord(home), { force: true })
  }
  return stopped
}

async function stopOne({ address, port, directory }: DevRecordServer): Promise<StoppedServer> {
  const pid = await findProcess(directory)
  if (pid === undefined) return { address, port, wasRunning: false }
  process.kill(pid, 'SIGTERM')
  const hasEnded = async (): Promise<boolean> => !isRunning(pid) || !(await isServerOf(pid, directory))
  if (await waitFor(hasEnded, stopTimeoutMs)) return { address, port, wasRunning: true }
  throw new SherdError('SHERD_DEV_SERVERS', {
    message: `The server for ${address}, process ${pid}, did not end in ${stopTimeoutMs} ms.`,
    remedy: `Look at ${directory}.log, and end the process.`,
  })
}

/** The server's own process. After a crash its number may have been given to another program, which is left alone. */
async function findProcess(directory: string): Promise<number | undefined> {
  const text = await readFile(join(directory, 'server.pid'), 'utf8').catch(() => '')
  const pid = Number(text.trim())
  if (!Number.isSafeInteger(pid) || pid < 2 || !isRunning(pid)) return undefined
  return (await isServerOf(pid, directory)) ? pid : undefined
}

/** Linux tells the command line. Elsewhere the file must be believed: MariaDB takes it away when it ends in an orderly way. */
async function isServerOf(pid: number, directory: string): Promise<boolean> {
  if (!existsSync('/proc/self/cmdline')) return true
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return words.split('\0').includes(`--datadir=${directory}`)
}

/** One that has ended and whose parent has not asked for it still counts; it has no command line any more. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
