import type { ErrorCode } from '../errors/registry.ts'
import type { ErrorDetails } from '../errors/sherd-error.ts'
import type {
  SelectStatement,
  Sequence,
  SetStatement,
  Span,
  Statement,
  TableName,
  TransactionStatement,
} from '../sql/ast.ts'
import type { IdLayoutName, KeyType } from '../topology/table-kinds.ts'
import type { Insertion } from './keep-names.ts'
import type { SchemaTable } from './schema-tables.ts'
import type { ViewFilter } from './view-filters.ts'

/**
 * What to do with a statement, decided once for its text and the topology's version.
 * Frozen, and knows no values: where the key stands, not what it is.
 */
export type Plan = DirectPlan | SubsetPlan | PassthroughPlan | IntrospectPlan | SessionPlan | RefusePlan

/** Where a value of the key comes from. */
export type KeySource =
  | { readonly kind: 'marker'; readonly index: number }
  /** A literal of the text, with its quotes or its sign. */
  | ({ readonly kind: 'literal' } & Span)

/** The ids that an INSERT gives to one column, one for each row; undefined where it gives none. */
export interface PlacedIds extends ConstrainedId {
  readonly sources: readonly (KeySource | undefined)[]
}

/** One proof: the key is one of these values. The span is the predicate's, for explain. */
export interface KeyConstraint extends Span {
  readonly how: '=' | 'in' | 'row in' | 'or' | 'values' | 'set'
  readonly sources: Sequence<KeySource>
  /** Set when the values are not keys, but ids that carry the logical shard. */
  readonly id?: ConstrainedId
}

/** A column whose ids carry the logical shard of their row. */
export interface ConstrainedId {
  readonly table: string
  readonly column: string
  readonly layout: IdLayoutName
}

/** Tables whose keys are proven equal. All constraints hold together; none means that only a scope can tell the shard. */
export interface KeyClass {
  readonly tables: readonly string[]
  readonly column: string
  readonly keyType: KeyType
  /** `column` is not the shard key, but holds ids of this layout that carry the logical shard. */
  readonly idLayout?: IdLayoutName
  readonly constraints: readonly KeyConstraint[]
}

/** What a comment for sherd says, such as `sherd: shard=product_3`. The span is the comment's. */
export type PlanHint = ShardHint | KeyHint | ScatterHint

/** Allows this one statement to ask several shards, as `sherd.scatter` around it does. */
export interface ScatterHint extends Span {
  readonly kind: 'scatter'
}

export interface ShardHint extends Span {
  readonly kind: 'shard'
  /** Name of a logical shard of the plan's group. */
  readonly shard: string
}

export interface KeyHint extends Span {
  readonly kind: 'key'
  /** A whole number, or a string with its quotes. */
  readonly literal: Span
}

interface ShardedPlan {
  readonly statement: Statement
  readonly shardGroup: string
  /** True: may be served by a replica outside transactions. */
  readonly isRead: boolean
  /** Table names that get the logical shard's database in front, in text order. */
  readonly qualified: readonly TableName[]
  /** Aliases for columns without one whose text, and so their name, would show the logical shard's database. */
  readonly keptNames?: readonly Insertion[]
  readonly keys: readonly KeyClass[]
  /** Raised when a class has no constraint and no scope names the shard. */
  readonly withoutKey?: Refusal
  /** INSERT IGNORE and its like store a key that is out of the column's range as another key: such keys are refused. */
  readonly mayClampKey: boolean
  /** Of an INSERT: ids that must carry the logical shard of their rows. Absent: none. */
  readonly placedIds?: readonly PlacedIds[]
  /** Reference tables whose rows it takes from copies that sherd keeps. Absent: none. */
  readonly copies?: readonly string[]
  /** Holds for this statement as a scope around it does. */
  readonly hint?: PlanHint
}

/** One shard: all classes lead to the same one, or the statement is refused when it is routed. */
export interface DirectPlan extends ShardedPlan {
  readonly kind: 'direct'
  /** Of a statement that lists keys: what keeps it from being split, such as `its ORDER BY`. */
  readonly unsplit?: string
  /**
   * Of a statement about tables, not rows, that no scope binds to a shard: a change of the schema runs on `each` logical
   * shard of the group, a question about it is answered by `any`, which is the first.
   */
  readonly keyless?: 'each' | 'any'
}

/** Some shards: rows of an INSERT, or a read, UPDATE or DELETE by listed keys whose results simply add up. */
export interface SubsetPlan extends ShardedPlan {
  readonly kind: 'subset'
  readonly split: RowSplit | ListSplit
}

/** Row i of the VALUES belongs to the key of `sources[i]` of the only constraint. */
interface RowSplit {
  readonly by: 'rows'
  readonly rows: Sequence<Span>
}

/** Each shard gets the items of an IN list, or the alternatives of an OR, that have one of its keys. */
export interface ListSplit {
  readonly by: 'list'
  /** For each source of the only constraint the item it stands in. */
  readonly owners: readonly number[]
  /** With the parentheses around each. */
  readonly items: readonly Span[]
  readonly separator: ', ' | ' OR '
  /**
   * Markers of each column of an IN's rows, but the key's. MariaDB compares a column of all rows as one type, so
   * where the values have several, or `mixed`: the text has, each shard gets the whole list.
   */
  readonly columns: readonly (readonly number[])[] | 'mixed'
}

/** To an unsharded database, text untouched. */
export interface PassthroughPlan {
  readonly kind: 'passthrough'
  readonly database: string
  readonly isRead: boolean
  /** Absent when no table sherd knows is named, so that nothing had to be parsed. */
  readonly statement?: Statement
  /** Reads no table at all, as SELECT 1: runs wherever the transaction is. */
  readonly isTableless?: boolean
  /** For reads of reference tables alone: the names to qualify when a transaction or scope holds a shard of one of these groups. */
  readonly localCopy?: {
    readonly shardGroups: readonly string[] | 'all'
    readonly qualified: readonly TableName[]
    /** Of these tables the ones whose copies sherd keeps. Absent: none. */
    readonly copies?: readonly string[]
    /** Raised when a scope or hint names the shard: the statement writes, and the copy is written by sherd alone. */
    readonly writes?: Refusal
  }
  /** Names a shard of one of the groups of `localCopy`. */
  readonly hint?: ShardHint
  /** Present when the statement means more than itself on its connection. */
  readonly bound?: SessionBound
}

/** What a statement has to do with the statements before and behind it on the same connection. */
export interface SessionBound {
  /** For error texts, such as `GET_LOCK()`. */
  readonly what: string
  /** It leaves something on the connection, or uses what was left there: the connection stays with the session. */
  readonly pins: boolean
  /** It has a sense when it is the only statement of its connection, so that the pool itself may be asked. */
  readonly isWhole: boolean
  /** What it must find on the connection: the id that the session generated last, or the outcome of the statement before. */
  readonly needs?: 'insertId' | 'previous'
  /** CALL: a procedure may begin a transaction and leave it open. */
  readonly mayBegin?: boolean
}

/**
 * A question about tables, to the main database as if all declared tables were in it: each view stands for a table of
 * `information_schema`, and is filled up with the rows that tables elsewhere have in theirs.
 */
export interface IntrospectPlan {
  readonly kind: 'introspect'
  /** What is asked: the statement itself, or the SELECT for a SHOW. */
  readonly text: string
  /** Of `text`, read without its executable comments. */
  readonly statement: SelectStatement
  /** Where it goes, untouched, when its values name no table elsewhere. */
  readonly plain: PassthroughPlan
  /** Name of the main database. */
  readonly main: string
  /** In text order. */
  readonly views: readonly SchemaView[]
  /** A table of `information_schema` that is not filled up: refused when a table elsewhere is named. */
  readonly unknown?: string
}

/** A table of `information_schema` where the text names it. */
export interface SchemaView {
  readonly name: TableName
  readonly table: SchemaTable
  readonly hasAlias: boolean
  /** Of the columns for schema and table: what is not among their values is never asked for. */
  readonly filters: readonly ViewFilter[]
}

/** Changes the session only: transaction control and SET. */
export interface SessionPlan {
  readonly kind: 'session'
  readonly statement: TransactionStatement | SetStatement
}

/** Not run, and nothing is touched. */
export interface RefusePlan {
  readonly kind: 'refuse'
  readonly refusal: Refusal
}

/** An error in waiting: made when planned, raised each time the statement is run. */
export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
  readonly details: ErrorDetails
}
