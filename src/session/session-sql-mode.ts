import { readModes } from '../drivers/server-flavour.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { Topology } from '../topology/topology.ts'

/** What a `sql_mode` of a session must keep. */
export interface SqlModeRule {
  /** How plans read texts. */
  readonly modes: SqlModes
  /** Otherwise a server may store a shard key that does not fit its column as another key. */
  readonly mustBeStrict: boolean
}

export function sqlModeRule({ tables }: Pick<Topology, 'tables'>, modes: SqlModes): SqlModeRule {
  return { modes, mustBeStrict: [...tables.values()].some(({ kind }) => kind === 'sharded') }
}

/** Those that say which values a server takes, and nothing about how it reads texts or compares. TRADITIONAL stands for several of them. */
const harmless: ReadonlySet<string> = new Set([
  'ALLOW_INVALID_DATES',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_AUTO_CREATE_USER',
  'NO_AUTO_VALUE_ON_ZERO',
  'NO_ENGINE_SUBSTITUTION',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ONLY_FULL_GROUP_BY',
  'STRICT_ALL_TABLES',
  'STRICT_TRANS_TABLES',
  'TRADITIONAL',
])
const strict = ['STRICT_ALL_TABLES', 'STRICT_TRANS_TABLES', 'TRADITIONAL']

/** The value to set, or why it cannot be. */
export type ReadSqlMode = { readonly value: string } | { readonly reason: string }

/**
 * A `sql_mode` of plain text, with its quotes, that the session may have. IGNORE_SPACE is added: mysql2 connects with it, and plans are made for it.
 */
export function readSqlMode(written: string, rule: SqlModeRule): ReadSqlMode {
  const [, , text] = /^(['"])([a-z_,]*)\1$/iu.exec(written) ?? []
  if (text === undefined)
    return { reason: 'sql_mode: it is no plain text, and may change how statements must be read' }
  const modes = text
    .toUpperCase()
    .split(',')
    .filter((mode) => mode !== '')
  const all = new Set([...modes, 'IGNORE_SPACE'])
  const read = readModes(all)
  const isReadAlike = Object.entries(rule.modes).every(([name, is]) => read[name as keyof SqlModes] === is)
  if (!isReadAlike || !modes.every((mode) => harmless.has(mode)))
    return { reason: 'sql_mode: it changes how statements must be read' }
  if (rule.mustBeStrict && !modes.some((mode) => strict.includes(mode)))
    return {
      reason:
        'sql_mode: it is not strict, so a server could store a shard key that does not fit its column as another key',
    }
  return { value: [...all].join(',') }
}
