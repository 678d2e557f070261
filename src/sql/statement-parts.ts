import type { Statement } from './ast.ts'

type Own<Node> = Node extends Statement
  ? Omit<Node, 'sql' | 'hints' | 'markers' | 'tables' | 'calls' | 'variables' | 'start' | 'end'>
  : never

/** A statement without what is collected over its whole text. */
export type StatementParts = Own<Statement>
