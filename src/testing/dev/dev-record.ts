import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What `.sherd/dev.json` holds. Readable by its owner only: it has passwords. */
export interface DevRecord {
  /** Of the plan that the data directories were made for. */
  readonly plan: string
  /** Of the user by which replicas follow, and tools may come in. */
  readonly user: string
  readonly password: string
  readonly servers: readonly DevRecordServer[]
  /** By endpoint, such as `product/0/primary`: what the config would say if these servers were its own. */
  readonly urls: Readonly<Record<string, string>>
}

export interface DevRecordServer {
  readonly name: string
  /** Of the config. */
  readonly address: string
  readonly port: number
  readonly directory: string
  readonly socket: string
}

export const pathOfRecord = (home: string): string => join(home, 'dev.json')

/** Undefined when there is none. */
export async function readRecord(home: string): Promise<DevRecord | undefined> {
  const text = await readFile(pathOfRecord(home), 'utf8').catch(() => undefined)
  // Written by `writeRecord` alone, in one step.
  return text === undefined ? undefined : (JSON.parse(text) as DevRecord)
}

export async function writeRecord(home: string, record: DevRecord): Promise<void> {
  const draft = `${pathOfRecord(home)}.draft`
  await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 })
  await rename(draft, pathOfRecord(home))
}
