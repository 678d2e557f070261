import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Names that a schema may use for its generators. */
export const generators = {
  /** sherd's own, from its sources. */
  sherd: [
    process.execPath,
    join(root, 'node_modules/tsx/dist/cli.mjs'),
    join(root, 'src/orm/prisma-generator.ts'),
  ].join(' '),
}

/**
 * Runs `prisma generate` on a schema in a folder of its own, where nothing of an earlier run is left, and gives its path.
 * Needs no network: Prisma only wants to see an engine, which it does not start.
 */
export async function generatePrisma(name: string, schema: string): Promise<string> {
  const directory = join(root, '.cache/prisma', name)
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'schema.prisma'), schema)
  const prisma = join(root, 'node_modules/prisma/build/index.js')
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, NO_COLOR: '1' }
  await run(process.execPath, [prisma, 'generate', '--schema', 'schema.prisma'], { cwd: directory, env })
  return directory
}

/** A module that `prisma generate` wrote. */
export async function importGenerated(directory: string, file: string): Promise<unknown> {
  return await import(pathToFileURL(join(directory, file)).href)
}
