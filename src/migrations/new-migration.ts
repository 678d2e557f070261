import { access, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { refuseOption } from './migration-errors.ts'
import { type MigrationFile, readFolder } from './read-folder.ts'

/**
 * Makes an empty migration that comes behind all others of the folder, numbered as they are, and gives its path. The folder is made when
 * there is none. `now` is the time for names that begin with one. SHERD_MIGRATE_OPTION, SHERD_MIGRATE_FOLDER.
 */
export async function newMigration(folder: string, name: string, now: Date): Promise<string> {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '_')
    .replaceAll(/^_|_$/gu, '')
  if (words === '') throw refuseOption('The name of the new migration has no letters or digits.')
  const journal = join(folder, 'meta', '_journal.json')
  if (await isThere(journal))
    throw refuseOption(
      `${journal} lists the files of this folder.`,
      'Let drizzle-kit make it: drizzle-kit generate --custom.',
    )
  await mkdir(folder, { recursive: true })
  const files = await readFolder(folder)
  const last = files.at(-1)
  const full = `${nextNumber(last, now)}_${words}`
  if (last !== undefined && full <= last.name)
    throw refuseOption(
      `${last.path} would run after a file that is made now.`,
      'Make the file by hand, with a name that sorts behind it.',
    )
  const isFolder = last?.path.endsWith('/migration.sql') === true
  const path = isFolder ? join(folder, full, 'migration.sql') : join(folder, `${full}.sql`)
  await mkdir(dirname(path), { recursive: true })
  // Never over a file that is there.
  await writeFile(path, '', { flag: 'wx' })
  return path
}

function nextNumber(last: MigrationFile | undefined, now: Date): string {
  const digits = /^\d+/u.exec(last?.name ?? '')?.[0] ?? ''
  if (digits !== '' && digits.length < 8) return String(Number(digits) + 1).padStart(digits.length, '0')
  return now.toISOString().replaceAll(/\D/gu, '').slice(0, 14)
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
