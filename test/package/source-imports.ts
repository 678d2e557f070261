import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const sourceRoot = fileURLToPath(new URL('../../src', import.meta.url))

/** One import of one file, as written. */
export interface SourceImport {
  readonly specifier: string
  /** False only for `import type` and `export type`: with verbatimModuleSyntax all others stay in the output. */
  readonly isValue: boolean
}

/** One file below src/. */
export interface SourceFile {
  /** Path below src/, with slashes. */
  readonly path: string
  readonly text: string
  readonly imports: readonly SourceImport[]
}

// The formatter puts statements at the start of a line, so a line of a comment never matches.
const fromClause = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm
const call = /^(?!\s*(?:\*|\/\/)).*\b(?:import|require)\(\s*'([^']+)'\s*\)/gm

/** Imports in the text of a file: static, re-exported, dynamic and required. */
export function readImports(text: string): readonly SourceImport[] {
  const statements = [...text.matchAll(fromClause)].map((match) => ({
    specifier: match[2] ?? '',
    isValue: match[1] === undefined,
  }))
  const calls = [...text.matchAll(call)].map((match) => ({ specifier: match[1] ?? '', isValue: true }))
  return [...statements, ...calls]
}

/** Every file below src/. */
export function readSources(): readonly SourceFile[] {
  return readdirSync(sourceRoot, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => {
      const text = readFileSync(file, 'utf8')
      return { path: relative(sourceRoot, file).split(sep).join('/'), text, imports: readImports(text) }
    })
}
