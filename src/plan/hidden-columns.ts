import type { Expression, OrderItem, Span } from '../sql/ast.ts'
import type { SqlDialect } from '../sql/modes.ts'
import type { SortKey, TextPart } from './scatter-plan.ts'

/** A term of ORDER BY and the text of its expression. */
export interface HiddenTerm {
  readonly term: OrderItem
  readonly text: readonly TextPart[]
  readonly mayBeText: boolean
}

/** What the sort keys need behind the columns of a statement, and its new ORDER BY. */
export interface HiddenColumns {
  /** `, (a) AS sherd_0, …`. */
  readonly items: readonly TextPart[]
  /** `sherd_0 DESC, sherd_3`. */
  readonly orderBy: string
  readonly sortKeys: readonly SortKey[]
  readonly count: number
}

/** The terms as hidden columns, ordered by them: what the server sorts by is then what the merge compares. */
export function hideTerms(terms: readonly HiddenTerm[], dialect: SqlDialect): HiddenColumns {
  const items: TextPart[] = []
  const sortKeys: SortKey[] = []
  let count = 0
  const add = (...parts: readonly TextPart[]): number => {
    items.push(', ', ...parts, ` AS sherd_${count}`)
    count += 1
    return count - 1
  }
  for (const { term, text, mayBeText } of terms) {
    const value = add('(', ...text, ')')
    sortKeys.push(
      Object.freeze({
        value,
        ...(mayBeText ? (dialect === 'mysql' ? weigh(add, text) : compare(add, text)) : {}),
        isDescending: term.isDescending,
        ...(term.nulls === undefined ? {} : { nulls: term.nulls }),
      }),
    )
  }
  const orderBy = sortKeys.map((key) => `sherd_${key.value}${directionOf(key)}`).join(', ')
  return { items, orderBy, sortKeys, count }
}

/** The terms without what only strings need; undefined where that leaves nothing out, or a value alone does not tell its kind. */
export function plainTerms(
  terms: readonly HiddenTerm[],
  dialect: SqlDialect,
): readonly HiddenTerm[] | undefined {
  if (dialect === 'sqlite' || terms.every(({ mayBeText: isText }) => !isText)) return undefined
  return terms.map((term) => ({ ...term, mayBeText: false }))
}

type Add = (...parts: readonly TextPart[]) => number

function weigh(add: Add, text: readonly TextPart[]): Pick<SortKey, 'weight' | 'collation'> {
  return { weight: add('WEIGHT_STRING(', ...text, ')'), collation: add('COLLATION(', ...text, ')') }
}

/** SQLite has no COLLATION(): whether two forms of the value are equal tells it. */
function compare(add: Add, text: readonly TextPart[]): Pick<SortKey, 'caseless' | 'trimmed'> {
  const term = ['(', ...text, ')']
  return {
    caseless: add('(', ...term, ' = upper', ...term, ' AND ', ...term, ' = lower', ...term, ')'),
    trimmed: add('(', ...term, ' = ', ...term, " || ' ')"),
  }
}

function directionOf({ isDescending, nulls }: SortKey): string {
  return `${isDescending ? ' DESC' : ''}${nulls === undefined ? '' : ` NULLS ${nulls.toUpperCase()}`}`
}

const numberOperators: ReadonlySet<string> = new Set([
  '+',
  '-',
  '*',
  '/',
  '%',
  'div',
  'mod',
  '&',
  '|',
  '^',
  '<<',
  '>>',
])
const numberCalls: ReadonlySet<string> = new Set(
  'abs ceil ceiling char_length count crc32 datediff day dayofmonth dayofweek dayofyear field find_in_set floor hour instr length locate minute mod month quarter round second sign sum to_days unix_timestamp week weekday year yearweek'.split(
    ' ',
  ),
)

/** False where the value is no string on any server, whatever the columns are. */
export function mayBeText(expression: Expression, dialect: SqlDialect): boolean {
  switch (expression.kind) {
    case 'binary':
      // Adding an interval gives a date, or a string.
      return (
        !numberOperators.has(expression.operator) ||
        [expression.left, expression.right].some(({ kind }) => kind === 'interval')
      )
    case 'unary':
      return expression.operator === 'binary' || expression.operator === 'prior'
    case 'literal':
      return expression.form !== 'integer' && expression.form !== 'decimal' && expression.form !== 'float'
    case 'call':
      return dialect === 'sqlite' || !numberCalls.has(expression.name)
    case 'case':
      return [
        ...expression.branches.map(({ then }) => then),
        ...(expression.otherwise ? [expression.otherwise] : []),
      ].some((result) => mayBeText(result, dialect))
    case 'subquery': {
      const { query } = expression
      return query.kind !== 'select' || query.items.some((item) => mayBeText(item.expression, dialect))
    }
    default:
      return true
  }
}

/** A span alone, as a node of the tree is more than its place. */
export function spanOf({ start, end }: Span): Span {
  return Object.freeze({ start, end })
}
