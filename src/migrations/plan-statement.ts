import { explain } from '../engine/explain.ts'
import { sessionDefaults } from '../engine/session-defaults.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { declarationOf } from '../plan/analysis.ts'
import { qualifiedInDdl } from '../plan/ddl-names.ts'
import { cutText, findCuts, joinPieces } from '../rewrite/splice.ts'
import type { Statement } from '../sql/ast.ts'
import { sqliteModes } from '../sql/modes.ts'
import { parseStatement } from '../sql/parser.ts'
import type { ReferenceTable, TableDeclaration } from '../topology/table-kinds.ts'
import type { Topology } from '../topology/topology.ts'
import { addDdlOptions } from './ddl-options.ts'
import type { FilePlace } from './read-header.ts'
import { isCutProgram } from '../sql/split-statements.ts'

/** Where one statement runs, and what each database gets; or why it does not. */
export type StatementPlan =
  | {
      readonly kind: 'run'
      /** `rows` are changed in one transaction with the ledger; a change of the `schema` or anything `other` is not. */
      readonly work: 'rows' | 'schema' | 'other'
      readonly statement?: Statement
      /** Text by name of the place. */
      readonly texts: ReadonlyMap<string, string>
    }
  /** A SET that holds for the statements behind it in its file. */
  | { readonly kind: 'setting'; readonly text: string }
  | { readonly kind: 'refused'; readonly problem: string; readonly remedy: string }

export interface PlanContext {
  readonly topology: Topology
  readonly header: FilePlace | undefined
  readonly ddlOptions: readonly string[]
}

const sayWhere =
  'Say it in the first lines of the file: -- sherd: group=<shard group>, -- sherd: database=<unsharded database>, or -- sherd: shards=all.'

/** Decides where a statement of a migration belongs, from its text and the config alone. */
export function planMigration(context: PlanContext, text: string): StatementPlan {
  if (isCutProgram(text))
    return refused(
      'The body of a stored program ends at its first semicolon.',
      'Put DELIMITER lines around it.',
    )
  const { topology, ddlOptions } = context
  const { modes } = sessionDefaults(topology)
  let statement: Statement
  try {
    statement = parseStatement(text, modes)
    if (statement.kind === 'ddl' && ddlOptions.length > 0 && modes.dialect === 'mysql')
      statement = parseStatement(addDdlOptions(statement, ddlOptions), modes)
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    return planUnread(context, text, error)
  }
  return planSession(statement) ?? planParsed(context, statement)
}

/** What cannot be read goes where the file says; the text stands as it is, with the database as the default one. */
function planUnread({ topology, header }: PlanContext, text: string, error: SherdError): StatementPlan {
  const problem = error.message.replace(` ${error.remedy}`, '')
  if (header === undefined) return refused(problem, sayWhere)
  if (topology.dialect === 'sqlite' && header.kind !== 'database')
    return refused(problem, 'On SQLite a statement for logical shards must be one that sherd can read.')
  return { kind: 'run', work: 'other', texts: textsFor(topology, header, () => text) }
}

function planSession(statement: Statement): StatementPlan | undefined {
  switch (statement.kind) {
    case 'select':
      return refused('A SELECT changes nothing.', 'Take it out of the file.')
    case 'transaction':
      return refused(
        'A migration has no transactions of its own.',
        'Take it out: each change of rows is one transaction with its ledger row, and schema statements commit by themselves.',
      )
    case 'set':
      if (statement.items.some(({ scope }) => scope === 'global'))
        return refused('SET GLOBAL changes a server, no database.', 'Take it out of the file.')
      return { kind: 'setting', text: statement.sql }
    case 'other':
      if (statement.verb === 'use')
        return refused('USE names a database by hand.', `Take it out. ${sayWhere}`)
      if (statement.isRead) return refused('The statement changes nothing.', 'Take it out of the file.')
      return undefined
    case 'insert':
    case 'update':
    case 'delete':
    case 'ddl':
      return undefined
  }
}

function planParsed(context: PlanContext, statement: Statement): StatementPlan {
  const { topology, header } = context
  const declared = statement.tables.flatMap((name) => declarationOf(name, topology) ?? [])
  if (header !== undefined) {
    const stranger = declared.find((table) => !isAt(table, header))
    if (stranger !== undefined)
      return refused(
        `The table ${stranger.table} is not where the head of the file says.`,
        'Put the statement into a file of its own, or mend the head of this one.',
      )
    const proven = declared.length === 0 ? undefined : planByTables(context, statement, declared)
    // Rows in a table that sherd knows go where they belong or nowhere; what the head of a file says proves no key.
    if (proven?.kind === 'run' || (proven !== undefined && isRowWork(statement))) return proven
    const text = (database: string): string => placeText(topology, statement, database)
    return run(statement, textsFor(topology, header, text))
  }
  if (statement.kind === 'other')
    return refused(`${statement.verb.toUpperCase()} has no place that can be proven.`, sayWhere)
  if (statement.tables.length === 0) return refused('The statement names no table.', sayWhere)
  return planByTables(context, statement, declared)
}

function planByTables(
  context: PlanContext,
  statement: Statement,
  declared: readonly TableDeclaration[],
): StatementPlan {
  const local = declared.find(({ kind }) => kind === 'sharded' || kind === 'isolated')
  if (local !== undefined && 'group' in local) return planOnShards(context, statement, local.group)
  const references = declared.filter((table) => table.kind === 'reference')
  const [first] = references
  if (first === undefined || statement.kind !== 'ddl') return planUnsharded(context, statement)
  const isWhole = statement.tables.length === declared.length && declared.length === references.length
  if (!isWhole || references.some((other) => !isSamePlace(first, other)))
    return refused(
      `The reference table ${first.table} is changed in its source and in every copy, and another table of the statement is not in all of these places.`,
      'Write one statement for each table.',
    )
  return planReference(context, statement, first)
}

/** Its shards by the keys of its text, or each shard where it names none: that is what a migration means by it. */
function planOnShards(context: PlanContext, statement: Statement, group: string): StatementPlan {
  const { topology, header } = context
  if (isRowWork(statement)) {
    const found = explain(topology, statement.sql)
    if (found.outcome === 'direct' || found.outcome === 'subset') {
      if (found.runs.length === 0)
        return refused(
          `${found.notes.join(' ')}`,
          'Run it through the application, or say its shard in a hint.',
        )
      return run(statement, new Map(found.runs.map(({ shard = '', sql }) => [shard, sql])))
    }
    const isKeyless =
      found.refusal?.code === 'SHERD_NO_SHARD_KEY' || found.refusal?.code === 'SHERD_SHARD_SCOPE_NEEDED'
    if (found.refusal !== undefined && !isKeyless) return refused(found.refusal.message, found.refusal.remedy)
    const limit = 'limit' in statement ? statement.limit : undefined
    if (limit !== undefined && header === undefined)
      return refused('Its LIMIT would hold on each logical shard, not in all.', sayWhere)
  }
  const shards = topology.shardGroups.get(group)?.shards ?? []
  return planEach(
    context,
    statement,
    shards.map(({ name }) => name),
  )
}

function planEach({ topology }: PlanContext, statement: Statement, shards: readonly string[]): StatementPlan {
  const texts = new Map<string, string>()
  for (const shard of shards) {
    const { refusal, runs } = explain(topology, statement.sql, undefined, { onShard: shard })
    const [only] = runs
    if (refusal !== undefined) return refused(refusal.message, `${refusal.remedy} ${sayWhere}`)
    if (only?.shard !== shard || runs.length !== 1)
      return refused('It cannot be proven that the statement stays on its logical shard.', sayWhere)
    texts.set(shard, only.sql)
  }
  return run(statement, texts)
}

/** The schema of a reference table is that of its source and of every copy. */
function planReference(context: PlanContext, statement: Statement, table: ReferenceTable): StatementPlan {
  const { topology } = context
  const groups = [...topology.shardGroups.values()].filter(
    ({ name }) => table.groups === 'all' || table.groups.includes(name),
  )
  const copies = planEach(
    context,
    statement,
    groups.flatMap(({ shards }) => shards.map(({ name }) => name)),
  )
  if (copies.kind !== 'run') return copies
  return run(statement, new Map([...copies.texts, [table.source, statement.sql]]))
}

function planUnsharded({ topology }: PlanContext, statement: Statement): StatementPlan {
  const { refusal, database, runs } = explain(topology, statement.sql)
  if (refusal !== undefined) return refused(refusal.message, refusal.remedy)
  if (database === undefined || runs.length !== 1)
    return refused('The database of the statement cannot be proven.', sayWhere)
  return run(statement, new Map([[database, statement.sql]]))
}

function run(statement: Statement, texts: ReadonlyMap<string, string>): StatementPlan {
  const work = isRowWork(statement) ? 'rows' : statement.kind === 'ddl' ? 'schema' : 'other'
  return { kind: 'run', work, statement, texts }
}

function isRowWork({ kind }: Statement): boolean {
  return kind === 'insert' || kind === 'update' || kind === 'delete'
}

function refused(problem: string, remedy: string): StatementPlan {
  return { kind: 'refused', problem, remedy }
}

/** Whether a table is where the file says. A change of the schema of a reference table goes to all its places all the same. */
function isAt(table: TableDeclaration, header: FilePlace): boolean {
  switch (table.kind) {
    case 'sharded':
    case 'isolated':
      return header.kind === 'all shards' || (header.kind === 'group' && header.group === table.group)
    case 'pinned':
      return header.kind === 'database' && header.database === table.database
    case 'reference':
      return header.kind !== 'database' || header.database === table.source
  }
}

function isSamePlace(one: ReferenceTable, other: ReferenceTable): boolean {
  const groups = ({ groups: names }: ReferenceTable): string =>
    names === 'all' ? 'all' : [...names].toSorted().join('\n')
  return one.source === other.source && groups(one) === groups(other)
}

function textsFor(
  topology: Topology,
  header: FilePlace,
  write: (database: string) => string,
): ReadonlyMap<string, string> {
  if (header.kind === 'database') return new Map([[header.database, write('main')]])
  const groups = [...topology.shardGroups.values()].filter(
    ({ name }) => header.kind === 'all shards' || header.group === name,
  )
  return new Map(groups.flatMap(({ shards }) => shards.map(({ name }) => [name, write(name)] as const)))
}

/** SQLite has no default database that could be chosen, so names get one in front. */
function placeText({ dialect }: Topology, statement: Statement, database: string): string {
  if (dialect === 'mysql') return statement.sql
  const names = statement.kind === 'ddl' ? qualifiedInDdl(statement, sqliteModes) : statement.tables
  const cuts = findCuts(names, statement.markers)
  return joinPieces(
    cutText(statement.sql, cuts, [{ start: 0, end: statement.sql.length }]).pieces,
    database,
    dialect,
  ).sql
}
