import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'

/** Where figures were measured; without it they say nothing. */
export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly node: string
  readonly mysql2: string
  /** With `+` when files were changed since. */
  readonly commit: string
}

export function describeMachine(): Machine {
  const [first] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    mysql2: readVersion('mysql2'),
    commit: readCommit(),
  }
}

function readVersion(name: string): string {
  const path = createRequire(import.meta.url).resolve(`${name}/package.json`)
  return String((JSON.parse(readFileSync(path, 'utf8')) as { version: unknown }).version)
}

function readCommit(): string {
  try {
    const commit = runGit('rev-parse', '--short', 'HEAD')
    return runGit('status', '--porcelain') === '' ? commit : `${commit}+`
  } catch {
    // A copy of the sources without their history.
    return 'unknown'
  }
}

function runGit(...words: readonly string[]): string {
  return execFileSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
}
