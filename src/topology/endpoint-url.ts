import { normalize } from 'node:path'
import type { ReportProblem } from './report-problem.ts'

/** A URL taken to pieces, escapes resolved. */
export type EndpointUrl = ServerUrl | SqliteUrl

/** The parts of a MySQL or MariaDB URL. */
export interface ServerUrl {
  readonly dialect: 'mysql'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Empty when the URL names none. */
  readonly database: string
  readonly query: readonly (readonly [string, string])[]
}

/** The place of an SQLite database. */
export interface SqliteUrl {
  readonly dialect: 'sqlite'
  /** A file or folder, or `:memory:`. */
  readonly file: string
}

const form = 'Write mysql://user:password@host:port/database.'
const escapes = 'Write @ : / ? # % in user and password as %40 %3A %2F %3F %23 %25.'

/** Takes a URL to pieces, or notes a mistake. No part of the text gets into a message: any of it may be the password. */
export function parseEndpointUrl(
  text: unknown,
  path: string,
  report: ReportProblem,
): EndpointUrl | undefined {
  const refuse = (problem: string, remedy: string): undefined => {
    report('SHERD_CONFIG_URL', path, problem, remedy)
  }
  if (text === undefined) return refuse('The URL is undefined.', 'Set the variable it comes from.')
  if (typeof text !== 'string') return refuse('The URL is no string.', form)
  if (/^sqlite:/i.test(text)) return parseSqliteUrl(text.slice('sqlite:'.length), refuse)
  if (/^(mysql|mariadb):\/\//i.test(text)) return parseServerUrl(text, refuse)
  return refuse('The URL does not begin with mysql://, mariadb:// or sqlite:.', form)
}

type Refuse = (problem: string, remedy: string) => undefined

function parseServerUrl(text: string, refuse: Refuse): ServerUrl | undefined {
  if (hasControl(text) || text.includes(' ')) {
    return refuse('The URL has a space or control character.', 'Write a space as %20.')
  }
  if (!URL.canParse(text)) return refuse('The URL cannot be read.', `${form} ${escapes}`)
  const url = new URL(text)
  // A raw / ? or # ends the password early and leaves its rest, with the @, behind the host.
  if (url.hash !== '' || text.endsWith('#') || `${url.pathname}${url.search}`.includes('@')) {
    return refuse('The URL has a # or an @ behind the host.', escapes)
  }
  const host = readHost(url.hostname)
  if (host === undefined) return refuse('The URL has no usable host.', `${form} ${escapes}`)
  if (url.port === '0') return refuse('The URL has port 0.', form)
  if (url.username === '') return refuse('The URL names no user.', form)
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decode)
  const query = parseQuery(url.search.slice(1))
  if (user === undefined || password === undefined || database === undefined || query === undefined) {
    return refuse('The URL has a % that is no escape.', escapes)
  }
  if (
    hasControl(database) ||
    database.length > 64 ||
    /[/\\]/.test(database) ||
    database.trimEnd() !== database
  ) {
    return refuse('What the URL has behind the host is no name of a database.', `${form} ${escapes}`)
  }
  return { dialect: 'mysql', host, port: Number(url.port || '3306'), user, password, database, query }
}

/** `sqlite:./a`, `sqlite:/a` and the forms with slashes that other libraries have, `sqlite:///a`, `sqlite://:memory:`. */
function parseSqliteUrl(rest: string, refuse: Refuse): SqliteUrl | undefined {
  if (rest.includes('?') || rest.includes('#')) {
    return refuse(
      'An SQLite URL takes no options.',
      'Put them into `options`; write ? and # of a file name as %3F and %23.',
    )
  }
  const file = decode(rest.startsWith('//') ? rest.slice(2) : rest)
  if (file === undefined) return refuse('The URL has a % that is no escape.', 'Write % as %25.')
  if (file.trim() === '' || hasControl(file)) {
    return refuse('The URL names no file or folder.', 'Write sqlite:./data or sqlite::memory:.')
  }
  return { dialect: 'sqlite', file: file === ':memory:' ? file : withoutEndSlash(normalize(file)) }
}

/** Host names do not differ in case; the brackets of IPv6 addresses are for URLs only. */
function readHost(host: string): string | undefined {
  if (/^\[[0-9A-Fa-f:.]+\]$/.test(host)) return host.slice(1, -1).toLowerCase()
  return /^[A-Za-z0-9._-]+$/.test(host) ? host.toLowerCase() : undefined
}

/** Unlike URLSearchParams this leaves `+` alone, for `timezone=+09:00`. */
function parseQuery(search: string): [string, string][] | undefined {
  const pairs: [string, string][] = []
  for (const part of search.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decode(equals < 0 ? part : part.slice(0, equals))
    const value = decode(equals < 0 ? '' : part.slice(equals + 1))
    if (name === undefined || value === undefined) return undefined
    pairs.push([name, value])
  }
  return pairs
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    // The URIError is dropped on purpose: callers must not chain anything that knows the URL.
    return undefined
  }
}

function hasControl(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(text)
}

function withoutEndSlash(file: string): string {
  return file.length > 1 && /[/\\]$/.test(file) ? file.slice(0, -1) : file
}
