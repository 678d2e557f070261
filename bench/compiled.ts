import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'

/**
 * Loads modules of a build, because tsx wraps every closure of a source (to keep its name) and so measures
 * itself. Another build's directory compares two commits with one program.
 */
export interface Build {
  readonly directory: string
  /** `path` inside the build, as `sql/parser.js`. The caller names the type of the source it was made from. */
  readonly load: <Module>(path: string) => Promise<Module>
}

export function openBuild(directory: string): Build {
  const root = `${pathToFileURL(resolve(directory)).href}/`
  return {
    directory: resolve(directory),
    load: async <Module>(path: string) => (await import(new URL(path, root).href)) as Module,
  }
}
