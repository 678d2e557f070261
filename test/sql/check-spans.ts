import type { Statement } from '../../src/sql/ast.ts'

/** What is wrong with the places of a tree: outside the text, outside the parent, or not where the markers are. */
export function findSpanProblem(sql: string, statement: Statement): string | undefined {
  for (const { start, end, index } of statement.markers) {
    if (sql.slice(start, end) !== '?') return `marker ${index} is no marker`
  }
  if ([...statement.markers].some(({ index }, at) => index !== at)) return 'markers are not numbered in order'
  const { hints, markers, tables, variables, sql: _sql, calls: _calls, ...tree } = statement
  const whole = { start: 0, end: sql.length }
  return (
    problemIn(tree, whole, 'statement') ??
    problemIn([...hints, ...markers, ...tables, ...variables], whole, 'list')
  )
}

/** Looks at every object below `node`; one with a place must lie in that of the nearest one above. */
function problemIn(node: object, outer: { start: number; end: number }, path: string): string | undefined {
  const inner = placeOf(node)
  if (inner !== undefined) {
    const { start, end } = inner
    if (start < outer.start || end > outer.end || start > end)
      return `${path} is [${start}, ${end}) in [${outer.start}, ${outer.end})`
  }
  for (const [key, value] of Object.entries(node)) {
    if (typeof value !== 'object' || value === null) continue
    const problem = problemIn(value, inner ?? outer, `${path}.${key}`)
    if (problem !== undefined) return problem
  }
  return undefined
}

function placeOf(node: object): { start: number; end: number } | undefined {
  const { start, end } = { start: undefined, end: undefined, ...node }
  return typeof start === 'number' && typeof end === 'number' ? { start, end } : undefined
}
