import { CommanderError } from 'commander'

import { SherdError } from '../errors/sherd-error.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type Terminal, note } from './terminal.ts'

/** Tells what went wrong, as text or as one JSON object, and how the process ends. */
export function reportError(terminal: Terminal, error: unknown, isJson: boolean): ExitCode {
  // Commander has told its own mistakes already; asking for help or the version is none.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  const facts = describeError(error)
  if (isJson) note(terminal, JSON.stringify({ error: facts }))
  else {
    note(terminal, `${facts.code}: ${facts.message}`)
    // The message of SHERD_CONFIG lists its problems itself.
    for (const { path, problem, remedy } of facts.problems ?? [])
      if (!facts.message.includes(problem)) note(terminal, `  ${path}: ${problem} ${remedy}`)
    for (const { shard, outcome } of facts.shards ?? []) note(terminal, `  ${shard}: ${outcome}`)
  }
  const isMistake = error instanceof SherdError && error.kind === 'config'
  return isMistake ? exitCodes.usage : exitCodes.failed
}

interface ErrorFacts {
  readonly code: string
  readonly message: string
  readonly remedy?: string
  readonly docs?: string
  readonly problems?: readonly { readonly path: string; readonly problem: string; readonly remedy: string }[]
  readonly shards?: readonly { readonly shard: string; readonly outcome: string }[]
}

/** Text of an error for people and scripts. An error of a server keeps its own code. */
export function describeError(error: unknown): ErrorFacts {
  if (error instanceof SherdError) {
    const { code, message, remedy, docs, details } = error
    const { problems, shards } = details
    return {
      code,
      message,
      remedy,
      docs,
      ...(problems === undefined ? {} : { problems }),
      ...(shards === undefined ? {} : { shards: shards.map(({ shard, outcome }) => ({ shard, outcome })) }),
    }
  }
  if (!(error instanceof Error)) return { code: 'ERROR', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return { code, message: error.message }
}
