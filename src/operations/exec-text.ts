import { type ConfigProblem, SherdError } from '../errors/sherd-error.ts'
import { firstWord } from '../plan/first-word.ts'
import { tokenize } from '../sql/lexer.ts'
import type { SqlModes } from '../sql/modes.ts'
import { type FileStatement, isCutProgram, splitStatements } from '../sql/split-statements.ts'
import { type Tokens, tokenKind } from '../sql/tokens.ts'

/** The statements of a text, all of which may run. */
export interface ExecText {
  readonly statements: readonly FileStatement[]
  /** False when one of them may write, or cannot be told. */
  readonly isReading: boolean
}

/** Verbs that neither end a transaction nor leave anything that a rollback would not take back. A CALL may do both. */
const transactional: ReadonlySet<string> = new Set(
  '( delete desc describe do explain insert replace select set show table update values with'.split(' '),
)
const reading: ReadonlySet<string> = new Set(
  '( desc describe explain select show table values with'.split(' '),
)
const writing: ReadonlySet<string> = new Set('delete dumpfile insert outfile replace update'.split(' '))

/**
 * Cuts a text into statements, DELIMITER lines included, and refuses what must not run before anything is sent: SHERD_EXEC_REFUSED
 * with each place in details.problems. `isBound`: all of it runs inside one transaction, so that nothing may end it.
 */
export function readExecText(text: string, modes: SqlModes, isBound: boolean): ExecText {
  const { statements } = splitStatements(text, modes)
  if (statements.length === 0)
    throw new SherdError('SHERD_EXEC_OPTION', { message: 'The text holds no statement.' })
  const problems = statements.flatMap((statement) => findProblem(statement, modes, isBound) ?? [])
  const [first] = problems
  if (first !== undefined)
    throw new SherdError('SHERD_EXEC_REFUSED', {
      message: `${problems.length} of ${statements.length} statements cannot run here, so none was sent.`,
      details: { problems },
    })
  return { statements, isReading: statements.every(({ text: sql }) => isReadingStatement(sql, modes)) }
}

function findProblem(
  { text, line }: FileStatement,
  modes: SqlModes,
  isBound: boolean,
): ConfigProblem | undefined {
  const place = { code: 'SHERD_EXEC_REFUSED', path: `line ${line}` } as const
  const verb = firstWord(text)
  if (verb === 'use')
    return {
      ...place,
      problem: 'USE would leave the database that the statements were meant for.',
      remedy: 'Name the databases on the command line, and leave USE out.',
    }
  if (isCutProgram(text))
    return {
      ...place,
      problem: 'The body of a stored program is cut at its first semicolon.',
      remedy: 'Put a DELIMITER line before and after it.',
    }
  if (!isBound || staysInTransaction(verb, text, modes)) return undefined
  return {
    ...place,
    problem: `${verb === '/' ? 'An executable comment' : verb.toUpperCase()} may end the transaction, or does what a rollback does not take back.`,
    remedy: 'Run it by itself, without --transaction and --read-only.',
  }
}

function staysInTransaction(verb: string, text: string, modes: SqlModes): boolean {
  if (!transactional.has(verb)) return false
  const tokens = readTokens(text, modes)
  if (tokens === undefined || hasWord(text, tokens, new Set(['dumpfile', 'outfile']))) return false
  return verb !== 'set' || setsUserVariables(tokens)
}

/** `SET @a = 1, @b = 2`: any other SET may commit, as of autocommit, or hide another statement, as SET STATEMENT. */
function setsUserVariables({ count, kinds, texts, links, variables }: Tokens): boolean {
  let isTarget = true
  for (let at = 1; at < count - 1; at++) {
    if (isTarget) {
      const variable = kinds[at] === tokenKind.variable ? variables[links[at] ?? 0] : undefined
      if (variable === undefined || variable.isSystem) return false
    }
    isTarget = texts[at] === ','
    // What is in parentheses is an expression; its commas begin no target.
    if (texts[at] === '(') at = links[at] ?? at
  }
  return true
}

/** Told by its words only; whoever relies on it has the server refuse writes. */
function isReadingStatement(text: string, modes: SqlModes): boolean {
  const tokens = reading.has(firstWord(text)) ? readTokens(text, modes) : undefined
  return tokens !== undefined && !hasWord(text, tokens, writing)
}

function hasWord(text: string, { count, kinds, starts, ends }: Tokens, words: ReadonlySet<string>): boolean {
  for (let at = 0; at < count; at++) {
    if (kinds[at] !== tokenKind.word) continue
    if (words.has(text.slice(starts[at], ends[at]).toLowerCase())) return true
  }
  return false
}

/** Undefined for what the lexer cannot tell, such as an executable comment. */
function readTokens(text: string, modes: SqlModes): Tokens | undefined {
  try {
    return tokenize(text, modes)
  } catch {
    return undefined
  }
}
