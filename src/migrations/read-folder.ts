import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { folderProblem } from './migration-errors.ts'

/** One file of a folder of migrations. */
export interface MigrationFile {
  /** As the ledger has it: the file without `.sql`, or the folder of a `migration.sql`. At most 190 characters. */
  readonly name: string
  readonly path: string
  readonly text: string
  /** SHA-256 of the text with line feeds only, so that a checkout on Windows has the same. */
  readonly checksum: string
}

const maxNameLength = 190
const undoEnding = /(?:^|[._-])(?:down|undo)\.sql$/iu

/**
 * The migrations of a folder in the order they run: by name, or as drizzle-kit's `meta/_journal.json` says. A folder inside that has
 * a `migration.sql`, as Prisma makes them, is one migration. SHERD_MIGRATE_FOLDER.
 */
export async function readFolder(folder: string): Promise<readonly MigrationFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw folderProblem(`The folder ${folder} cannot be read`, cause)
  })
  const found = new Map<string, string>()
  for (const entry of entries) {
    if (entry.isDirectory()) {
      const path = join(folder, entry.name, 'migration.sql')
      if (await isFile(path)) found.set(entry.name, path)
    } else if (entry.name.endsWith('.sql')) {
      if (undoEnding.test(entry.name))
        throw folderProblem(
          `${join(folder, entry.name)} is named as a migration backwards, which would be run as any other`,
        )
      found.set(entry.name.slice(0, -'.sql'.length), join(folder, entry.name))
    }
  }
  const names = (await readJournal(folder, found)) ?? [...found.keys()].toSorted(byCode)
  return Promise.all(names.map((name) => readMigration(name, found.get(name) ?? '')))
}

async function readMigration(name: string, path: string): Promise<MigrationFile> {
  if (name.length > maxNameLength)
    throw folderProblem(`The name of ${path} is longer than ${maxNameLength} characters`)
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/u, '')
  const checksum = createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')
  return { name, path, text, checksum }
}

/** Not by locale: the order must be the same on every machine. */
function byCode(one: string, other: string): number {
  return one < other ? -1 : 1
}

function isFile(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  )
}

/** drizzle-kit numbers its files by a journal; a file that is not in it was left out on purpose or by a bad merge. */
async function readJournal(
  folder: string,
  found: ReadonlyMap<string, string>,
): Promise<readonly string[] | undefined> {
  const path = join(folder, 'meta', '_journal.json')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const names = readTags(path, text)
  const missing = names.find((name) => !found.has(name))
  if (missing !== undefined) throw folderProblem(`${path} names ${missing}, and there is no ${missing}.sql`)
  const extra = [...found.keys()].find((name) => !names.includes(name))
  if (extra !== undefined) throw folderProblem(`${path} does not name ${extra}.sql, which is in its folder`)
  return names
}

function readTags(path: string, text: string): readonly string[] {
  try {
    const journal: unknown = JSON.parse(text)
    const entries: unknown =
      typeof journal === 'object' && journal !== null && 'entries' in journal ? journal.entries : undefined
    if (Array.isArray(entries))
      return entries
        .map((entry: { idx?: unknown; tag?: unknown }) => ({
          idx: Number(entry.idx),
          tag: String(entry.tag),
        }))
        .toSorted((one, other) => one.idx - other.idx)
        .map(({ tag }) => tag)
  } catch (cause) {
    throw folderProblem(`${path} is no JSON`, cause)
  }
  throw folderProblem(`${path} has no list of entries`)
}
