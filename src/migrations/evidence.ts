import { isNoSuchTable } from '../engine/no-such-table.ts'
import { createHash } from 'node:crypto'

import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import type { Statement } from '../sql/ast.ts'
import { effectsOf } from './schema-effects.ts'
import { quoteName } from '../sql/quote-name.ts'

/** What the tables of a schema statement look like: 24 hexadecimal digits for each, or null for one that is not there. */
type Evidence = Readonly<Record<string, string | null>>

/** Whether a statement whose end nobody noted has taken effect. */
export type Verdict = 'done' | 'undone' | 'unknown'

/** Texts of SHOW CREATE TABLE by table, without the counter that moves with the rows. */
type Definitions = ReadonlyMap<string, string | undefined>

export async function readEvidence(
  door: ServerDoor,
  session: ServerSession,
  statement: Statement,
): Promise<string> {
  return writeEvidence(await readDefinitions(door, session, statement))
}

/** Compares the tables of a statement with how they were before it was started. */
export async function judge(
  door: ServerDoor,
  session: ServerSession,
  statement: Statement | undefined,
  before: string,
): Promise<Verdict> {
  if (statement === undefined || before === '') return 'unknown'
  const definitions = await readDefinitions(door, session, statement)
  const effects = effectsOf(statement)
  if (writeEvidence(definitions) === before) return effects.isVisible ? 'undone' : 'unknown'
  return effects.isWhole && effects.checks.every((check) => check(definitions)) ? 'done' : 'unknown'
}

async function readDefinitions(
  door: ServerDoor,
  session: ServerSession,
  { tables }: Statement,
): Promise<Definitions> {
  const found = new Map<string, string | undefined>()
  for (const { database, table } of tables) {
    const name = quoteName(table.name, door.dialect)
    const full = database === undefined ? name : `${quoteName(database.name, door.dialect)}.${name}`
    found.set(table.name, await readDefinition(session, full))
  }
  return found
}

async function readDefinition(session: ServerSession, name: string): Promise<string | undefined> {
  try {
    const [row] = await session.texts(`SHOW CREATE TABLE ${name}`)
    return (row?.['Create Table'] ?? row?.['Create View'] ?? '').replace(/ AUTO_INCREMENT=\d+/u, '')
  } catch (error) {
    if (isNoSuchTable(error)) return undefined
    throw error
  }
}

function writeEvidence(definitions: Definitions): string {
  const evidence: Record<string, string | null> = {}
  for (const [name, text] of definitions)
    evidence[name] = text === undefined ? null : createHash('sha256').update(text).digest('hex').slice(0, 24)
  return JSON.stringify(evidence satisfies Evidence)
}
