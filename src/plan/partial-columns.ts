import type { Expression } from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import { mayBeText, spanOf } from './hidden-columns.ts'
import { writtenForm } from './same-expression.ts'
import type { PartialColumn, TextPart } from './scatter-plan.ts'

/** A column of the partial statement while the plan is made. */
interface Draft {
  readonly key: string | undefined
  readonly text: readonly TextPart[]
  /** What tells its type on a shard; absent when it is a number for certain. */
  readonly typed?: Expression
  readonly isGrouped: boolean
  isCompared: boolean
}

/**
 * With ONLY_FULL_GROUP_BY a server (MySQL 8) takes an expression beside its GROUP BY only inside of an aggregate; that of
 * a column is taken by all, and MIN costs a comparison for each row.
 */
function mayDifferInGroup({ isGrouped, typed }: Draft): boolean {
  return isGrouped && typed?.kind !== 'column'
}

/** The columns sherd_0 … of a partial statement, each made once however often it is asked for. */
export class PartialColumns {
  readonly #sql: string
  readonly #modes: SqlModes
  readonly #columns: Draft[] = []

  constructor(sql: string, modes: SqlModes) {
    this.#sql = sql
    this.#modes = modes
  }

  /** A column that the partial rows are grouped by, or of which each row has its own value. */
  addValue(expression: Expression): number {
    const isText = mayBeText(expression, this.#modes.dialect)
    return this.#add('value', expression, [spanOf(expression)], isText ? expression : undefined, true)
  }

  /** An aggregate of a shard. `typed` is its argument when it has that one's type. */
  addAggregate(kind: string, source: Expression, text: readonly TextPart[], typed?: Expression): number {
    return this.#add(kind, source, text, typed, false)
  }

  /** Says that the finish orders by the column or computes with it. */
  compare(column: number): void {
    const known = this.#columns[column]
    if (known !== undefined) known.isCompared = true
  }

  /** `(a) AS sherd_0, …`. */
  valuesText(): readonly TextPart[] {
    return this.#columns.flatMap(({ text }, index): TextPart[] => [
      index === 0 ? '(' : ', (',
      ...text,
      `) AS sherd_${index}`,
    ])
  }

  /** `, COLLATION(a) AS sherd_3, …` of those that may be strings, behind the values. */
  collationsText(isGrouped: boolean): readonly TextPart[] {
    return this.#collated().flatMap((column, index): TextPart[] => {
      const isOfMany = isGrouped && mayDifferInGroup(column)
      return [
        isOfMany ? ', MIN(COLLATION(' : ', COLLATION(',
        ...column.text,
        `${isOfMany ? '))' : ')'} AS sherd_${this.#columns.length + index}`,
      ]
    })
  }

  /**
   * `, WEIGHT_STRING(a) AS sherd_4, …` of the groups that may be strings, behind the collations. Of columns only, for which a
   * server works it out once for each group.
   */
  weightsText(): readonly TextPart[] {
    const before = this.#columns.length + this.#collated().length
    return this.#weighed().flatMap((column, index): TextPart[] => [
      ', WEIGHT_STRING(',
      ...column.text,
      `) AS sherd_${before + index}`,
    ])
  }

  /** `1, 3`, the positions of the columns that are grouped. */
  positions(): string {
    return this.#columns.flatMap(({ isGrouped }, index) => (isGrouped ? index + 1 : [])).join(', ')
  }

  finish(isWeighed = false): readonly PartialColumn[] {
    const collated = this.#collated()
    const weighed = isWeighed ? this.#weighed() : []
    const typed = this.#typed()
    return this.#columns.map((column, value) => {
      const collation = collated.indexOf(column)
      const weight = weighed.indexOf(column)
      const field = typed.indexOf(column)
      return Object.freeze({
        value,
        ...(collation < 0 ? {} : { collation: this.#columns.length + collation }),
        ...(weight < 0 ? {} : { weight: this.#columns.length + collated.length + weight }),
        isCompared: column.isCompared,
        ...(field < 0 ? {} : { field }),
      })
    })
  }

  /** The expressions whose types must be known. */
  typedExpressions(): readonly Expression[] {
    return this.#typed().flatMap(({ typed }) => typed ?? [])
  }

  #typed(): readonly Draft[] {
    return this.#columns.filter(({ typed, isCompared }) => typed !== undefined && isCompared)
  }

  #collated(): readonly Draft[] {
    return this.#modes.dialect === 'mysql' ? this.#columns.filter(({ typed }) => typed !== undefined) : []
  }

  #weighed(): readonly Draft[] {
    return this.#collated().filter(({ isGrouped, typed }) => isGrouped && typed?.kind === 'column')
  }

  #add(
    kind: string,
    source: Expression,
    text: readonly TextPart[],
    typed: Expression | undefined,
    isGrouped: boolean,
  ): number {
    const form = writtenForm(this.#sql, source, this.#modes)
    const key = form && `${kind} ${form}`
    const known = key === undefined ? -1 : this.#columns.findIndex((column) => column.key === key)
    if (known >= 0) return known
    this.#columns.push({ key, text, ...(typed ? { typed } : {}), isGrouped, isCompared: false })
    return this.#columns.length - 1
  }
}
