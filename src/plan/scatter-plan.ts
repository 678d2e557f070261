import type { Span, Statement, TableName } from '../sql/ast.ts'
import type { KeyClass, KeySource, Refusal } from './plan.ts'

/**
 * The second plan of a read that no key brings to one shard: how the answers of several shards become the one answer a
 * single database would give. Frozen and value-free, as every plan.
 */
export interface ScatterPlan {
  readonly kind: 'scatter'
  /** The statement as it was written; a run that needs one shard only sends it there as a direct plan would. */
  readonly statement: Statement
  readonly shardGroup: string
  readonly qualified: readonly TableName[]
  /** One class. Its constraints, if any, narrow the shards: those of any one of them are enough. */
  readonly keys: readonly [KeyClass]
  readonly merge: RowsMerge | FinishMerge
  /** As in the first plan. */
  readonly copies?: readonly string[]
  /**
   * GROUP BY names aliases, which a server reads so only when no table has a column of that name. The partial text
   * makes the server refuse with error 1052 (SQLite: "ambiguous column name") where one has: then `refusal` is
   * raised instead of that error.
   */
  readonly assumption?: { readonly aliases: readonly string[]; readonly refusal: Refusal }
}

/** An UPDATE or DELETE that runs on every shard as it is written, with the database in front of its names. */
export interface BroadcastPlan {
  readonly kind: 'broadcast'
  readonly statement: Statement
  readonly shardGroup: string
  readonly qualified: readonly TableName[]
}

/**
 * A piece of a text for one shard: a span is copied from the original, where names get the database in front
 * and markers stay markers, in any order and any number of times; a string is ours.
 */
export type TextPart = Span | string | LimitPart

/** Becomes `LIMIT <offset + count>` of this run. Stands in a text only when there is a limit. */
export interface LimitPart {
  readonly kind: 'limit'
}

/** What a shard is asked, and what of its answer tells the order. */
export interface OrderedText {
  /** The statement with the hidden columns behind its own, named sherd_0 …, ordered as the statement is. */
  readonly shardText: readonly TextPart[]
  readonly hiddenCount: number
  /** Empty: any order is right. */
  readonly sortKeys: readonly SortKey[]
}

/** Rows of the shards one after another, or by their sort keys. */
export interface RowsMerge extends OrderedText {
  readonly kind: 'rows'
  /** The same without weights and collations: right when the answer shows that no sort key is a string. Absent when there are none. */
  readonly plain?: OrderedText
  /** The columns are those of a derived table around a UNION, and not, as one database would say, of none. */
  readonly isWrapped?: true
  readonly limit?: LimitSources
}

/** One term of ORDER BY. The numbers are indexes into the hidden columns. */
export interface SortKey {
  /** The term's own value: it tells the type, and for all but strings the order. */
  readonly value: number
  /** WEIGHT_STRING of it: NULL unless it is a string. Absent on SQLite and where it cannot be a string. */
  readonly weight?: number
  /** COLLATION of it: `binary` unless it is a string. */
  readonly collation?: number
  /**
   * SQLite, which does not tell a collation: 1 in every row when the term is compared by NOCASE, and when by RTRIM.
   * The comparison stands with the very term, whose collation decides.
   */
  readonly caseless?: number
  readonly trimmed?: number
  readonly isDescending: boolean
  /** SQLite's NULLS FIRST and NULLS LAST; otherwise NULL is smaller than everything. */
  readonly nulls?: 'first' | 'last'
}

/** Where the numbers of LIMIT come from. */
export interface LimitSources {
  readonly count: KeySource
  readonly offset?: KeySource
}

/** Partial rows of the shards, from which a server computes the result in one last statement. */
export interface FinishMerge {
  readonly kind: 'finish'
  /** Columns sherd_0 …, in the order of `columns`, then the collations. */
  readonly partialText: readonly TextPart[]
  /** The same without collations: right when the answer shows that no partial column is a string. Absent when there are none. */
  readonly plainPartialText?: readonly TextPart[]
  readonly columns: readonly PartialColumn[]
  /** Takes the partial rows as a derived table with the columns sherd_0 … (those of `columns`). */
  readonly finishText: readonly (TextPart | PartialsPart)[]
  /** The statement with LIMIT 0 for any one shard: the fields that the caller sees. */
  readonly fieldsText: readonly TextPart[]
  /** Those fields are the same whatever values the markers have. Absent when that is not certain. */
  readonly hasSteadyFields?: true
  /** How the answer is computed in this process, where the types allow it. Absent when only a server can. */
  readonly local?: LocalFinish
  /** For any one shard, LIMIT 0 too: the expressions of columns whose type on a shard must be known. */
  readonly typesText?: readonly TextPart[]
}

/** An answer whose columns are groups and plain aggregates of the partial rows. */
export interface LocalFinish {
  /** In the order of the answer's columns. */
  readonly outputs: readonly LocalOutput[]
  /** Partial columns that are the groups; none: all rows are one group. */
  readonly keys: readonly number[]
}

/** Which partial column a column of the answer is made of; of an average the sum, and then the count. */
export type LocalOutput =
  | {
      readonly kind: 'group' | 'count' | 'sum' | 'min' | 'max' | 'bit_and' | 'bit_or' | 'bit_xor'
      readonly column: number
    }
  | { readonly kind: 'avg'; readonly column: number; readonly count: number }

/** The place of the partial rows: `(SELECT … UNION ALL …)`. The alias follows in the text. */
export interface PartialsPart {
  readonly kind: 'partials'
}

/** One column of the partial rows. */
export interface PartialColumn {
  /** Index of the column in the partial row. */
  readonly value: number
  /** Index of the column with its COLLATION; absent where it is a number for certain. */
  readonly collation?: number
  /** Index of the column with its WEIGHT_STRING; there for groups that this process may tell apart. */
  readonly weight?: number
  /**
   * Ordered by the finish or put into an expression there: an ENUM or SET, which is a string when it comes from a
   * derived table, would be another value. Where it is only grouped, made distinct, counted or selected it is the same.
   */
  readonly isCompared: boolean
  /** Index in the fields of `typesText` of the one that tells whether it is an ENUM or SET; there when that matters. */
  readonly field?: number
}
