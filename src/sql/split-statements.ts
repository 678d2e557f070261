import { isVersionComment, skipBlockComment, skipLineComment, startsLineComment } from './comments.ts'
import type { SqlModes } from './modes.ts'
import { endOfBracketName, endOfQuotedName, endOfString } from './quotes.ts'

/** One statement of a file, without what ends it. */
export interface FileStatement {
  readonly text: string
  /** Of its first word; from 1. */
  readonly line: number
}

/** What stands in comments before the first statement. */
export interface SplitFile {
  readonly statements: readonly FileStatement[]
  /** The words behind `-- sherd:` at the head of the file, line by line. */
  readonly header: readonly FileStatement[]
}

const breakpoint = '--> statement-breakpoint'
const delimiterLine = /^delimiter[ \t]+(\S+)[ \t]*(?:\r?\n|$)/iu
const headerLine = /^--[ \t]+sherd:(.*)$/u

/**
 * Cuts a file into statements where a delimiter stands outside of strings, names and comments: `;`, what a DELIMITER line names, and
 * drizzle-kit's `--> statement-breakpoint`. SHERD_SQL_SYNTAX for a string or comment that is never closed.
 */
export function splitStatements(text: string, modes: SqlModes): SplitFile {
  const statements: FileStatement[] = []
  const header: FileStatement[] = []
  let delimiter = ';'
  let start = -1
  let at = 0
  const lineOf = countLines(text)
  const end = (upTo: number): void => {
    if (start !== -1) statements.push({ text: text.slice(start, upTo).trimEnd(), line: lineOf(start) })
    start = -1
  }
  while (at < text.length) {
    const directive = start === -1 ? delimiterLine.exec(text.slice(at, at + 200)) : null
    if (directive !== null) {
      delimiter = directive[1] ?? ';'
      at += directive[0].length
    } else if (text.startsWith(breakpoint, at)) {
      end(at)
      at += breakpoint.length
    } else if (text.startsWith(delimiter, at)) {
      end(at)
      at += delimiter.length
    } else {
      const next = endOfPiece(text, at, modes)
      const isComment = next !== undefined && isCommentAt(text, at)
      if (isComment && start === -1 && statements.length === 0) {
        const words = headerLine.exec(text.slice(at, next).trimEnd())
        if (words !== null) header.push({ text: (words[1] ?? '').trim(), line: lineOf(at) })
      }
      // A comment before a statement is not part of it, unless it is a hint or servers run its inside.
      const isMeant = isComment && (isVersionComment(text, at) || text.startsWith('/* sherd:', at))
      if (start === -1 && (!isComment || isMeant) && !isBlank(text, at)) start = at
      at = next ?? at + 1
    }
  }
  end(text.length)
  return { statements, header }
}

function isBlank(text: string, at: number): boolean {
  return /\s/u.test(text.charAt(at))
}

function isCommentAt(text: string, at: number): boolean {
  const sign = text.charAt(at)
  return sign === '#' || sign === '-' || sign === '/'
}

/** Where the string, name or comment ends that begins here; undefined when none does. */
function endOfPiece(text: string, at: number, modes: SqlModes): number | undefined {
  const isSqlite = modes.dialect === 'sqlite'
  switch (text.charAt(at)) {
    case "'":
      return endOfString(text, at, modes)
    case '"':
      return modes.ansiQuotes ? endOfQuotedName(text, at) : endOfString(text, at, modes)
    case '`':
      return endOfQuotedName(text, at)
    case '[':
      return isSqlite ? endOfBracketName(text, at) : undefined
    case '#':
      return isSqlite ? undefined : skipLineComment(text, at)
    case '-':
      return startsLineComment(text, at, isSqlite) ? skipLineComment(text, at) : undefined
    case '/':
      return text.charAt(at + 1) === '*' ? endOfBlockComment(text, at) : undefined
    default:
      return undefined
  }
}

/** What is inside an executable comment is read, and refused, with its statement. */
function endOfBlockComment(text: string, at: number): number {
  if (!isVersionComment(text, at)) return skipBlockComment(text, at, [])
  const close = text.indexOf('*/', at)
  return close === -1 ? text.length : close + 2
}

/** The line of a place; the places that are asked for never go back. */
function countLines(text: string): (offset: number) => number {
  let line = 1
  let next = text.indexOf('\n')
  return (offset) => {
    for (; next !== -1 && next < offset; next = text.indexOf('\n', next + 1)) line++
    return line
  }
}

const bodyWords = /^create\b[^;(]*?\b(?:trigger|procedure|function|event|package)\b/iu

/** A stored program that was cut at a `;` inside its body: its pieces must not run as statements. */
export function isCutProgram(text: string): boolean {
  const words = text.replaceAll(/'(?:[^']|'')*'|"[^"]*"|`[^`]*`|--\s.*|#.*|\/\*[\s\S]*?\*\//gu, ' ')
  return bodyWords.test(words.trimStart()) && /\bbegin\b/iu.test(words) && !/\bend\b[\s\w$]*$/iu.test(words)
}
