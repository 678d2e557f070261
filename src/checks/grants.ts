import type { ServerFlavour } from '../drivers/server-flavour.ts'

/** One line of SHOW GRANTS. */
export interface Grant {
  /** Upper case; `ALL PRIVILEGES` stands for all. */
  readonly privileges: ReadonlySet<string>
  /** A LIKE pattern of databases; `*` for all. */
  readonly database: string
  /** `*`, or a table: then the privileges hold for that one only. */
  readonly table: string
}

const line = /^GRANT (.+?) ON (?:TABLE )?([`"](?:[^`"]|``)*[`"]|\*)\.([`"](?:[^`"]|``)*[`"]|\*) TO /iu

/**
 * What a user may do. MariaDB lists what roles give, too; MySQL names the roles only, and then nothing can be told (from its
 * manual, untested): undefined.
 */
export function readGrants(lines: readonly string[], flavour: ServerFlavour): readonly Grant[] | undefined {
  const isRole = (text: string): boolean => /^GRANT [`'"]/iu.test(text)
  if (flavour === 'mysql' && lines.some(isRole)) return undefined
  return lines.flatMap((text) => {
    const [, privileges, database = '', table = ''] = line.exec(text) ?? []
    if (privileges === undefined) return []
    const names = privileges.split(',').map((one) => one.replace(/\(.*/u, '').trim().toUpperCase())
    return [{ privileges: new Set(names), database: unquote(database), table: unquote(table) }]
  })
}

/** Those of `wanted` that no grant gives for the database. A grant for some of its tables counts: it was given with care. */
export function missingPrivileges(
  grants: readonly Grant[],
  database: string,
  wanted: readonly string[],
): readonly string[] {
  const own = grants.filter((grant) => isFor(grant.database, database))
  return wanted.filter(
    (name) =>
      !own.some(
        ({ privileges }) => privileges.has(name) || privileges.has('ALL PRIVILEGES') || privileges.has('ALL'),
      ),
  )
}

function unquote(text: string): string {
  return text === '*' ? text : text.slice(1, -1).replaceAll('``', '`')
}

/** In names of databases, `_` and `%` are wildcards and `\_` the letter (GRANT, both manuals). */
function isFor(pattern: string, database: string): boolean {
  if (pattern === '*') return true
  let source = ''
  for (let index = 0; index < pattern.length; index++) {
    const letter = pattern[index] ?? ''
    if (letter === '\\' && index + 1 < pattern.length) source += escapeLetter(pattern[++index] ?? '')
    else if (letter === '%') source += '.*'
    else source += letter === '_' ? '.' : escapeLetter(letter)
  }
  return new RegExp(`^${source}$`, 'su').test(database)
}

function escapeLetter(letter: string): string {
  return /[\w]/u.test(letter) ? letter : `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`
}
