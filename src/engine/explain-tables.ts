import { SherdError } from '../errors/sherd-error.ts'
import { declarationOf } from '../plan/analysis.ts'
import type { Plan } from '../plan/plan.ts'
import type { TableName } from '../sql/ast.ts'
import { parseStatement } from '../sql/parser.ts'
import type { OfflineEngine } from './engine.ts'
import type { ExplainedTable } from './explanation.ts'

/** The tables a statement names, each once, with what the config says of them. */
export function explainTables(engine: OfflineEngine, sql: string, plan: Plan): readonly ExplainedTable[] {
  const names = new Map(tablesOf(engine, sql, plan).map((name) => [name.table.name.toLowerCase(), name]))
  return [...names.values()].map((name): ExplainedTable => {
    const declaration = declarationOf(name, engine.topology)
    switch (declaration?.kind) {
      case 'sharded':
        return {
          name: declaration.table,
          kind: 'sharded',
          home: declaration.group,
          key: declaration.key,
        }
      case 'isolated':
        return { name: declaration.table, kind: 'isolated', home: declaration.group }
      case 'reference':
        return { name: declaration.table, kind: 'reference', home: declaration.source }
      case 'pinned':
        return { name: declaration.table, kind: 'pinned', home: declaration.database }
      case undefined:
        return { name: name.table.name, kind: 'undeclared', home: 'default' }
    }
  })
}

/** Plans that refuse keep no tree, and a text that cannot be read has no tables to show. */
function tablesOf(engine: OfflineEngine, sql: string, plan: Plan): readonly TableName[] {
  if (plan.kind !== 'refuse' && plan.kind !== 'passthrough') return plan.statement.tables
  if (plan.kind === 'passthrough' && plan.statement !== undefined) return plan.statement.tables
  try {
    return parseStatement(sql, engine.defaults.modes).tables
  } catch (error) {
    if (error instanceof SherdError) return []
    throw error
  }
}
