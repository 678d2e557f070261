import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The place of a file, given by its path in the project. */
export function fileOf(path: string): string {
  return join(root, path)
}

/** All files below a folder, as paths in the project with `/`, sorted. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(fileOf(folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/'))
    .toSorted()
}

/** The pages a reader of the project meets. */
export async function listPages(): Promise<readonly string[]> {
  const pages = [...(await listFiles('docs')), ...(await listFiles('examples'))]
  return ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...pages.filter((path) => path.endsWith('.md'))]
}
