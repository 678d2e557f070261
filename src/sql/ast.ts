/**
 * The tree of one statement. Every node is readonly and knows its exact place in the text as
 * `[start, end)` in UTF-16 units, because rewriting splices text at these offsets and never prints a tree.
 */

export interface Span {
  readonly start: number
  readonly end: number
}

/** A list that is only read: an array, or one that computes its items. */
export interface Sequence<Item> extends Iterable<Item> {
  readonly length: number
  /** A negative index counts from the end. */
  at(index: number): Item | undefined
  map<Made>(make: (item: Item, index: number) => Made): Made[]
}

/** A name as it is compared: without quotes, escapes resolved. The span includes the quotes. */
export interface Identifier extends Span {
  readonly name: string
  readonly isQuoted: boolean
}

// ---------------------------------------------------------------- expressions

/** `form` tells how it was written: a key proves a shard only in some forms (`5`, `'5'`, not `5.0` or `0x05`). */
export interface Literal extends Span {
  readonly kind: 'literal'
  readonly form:
    | 'integer'
    | 'decimal'
    | 'float'
    | 'string'
    | 'hex'
    | 'bit'
    | 'null'
    | 'boolean'
    /** `_utf8'x'`, `N'x'`, `DATE '…'`: a string that is more than its characters. */
    | 'typedString'
}

/** A `?`. `index` counts from 0 over the whole statement, in text order. */
export interface Marker extends Span {
  readonly kind: 'marker'
  readonly index: number
}

export interface ColumnName extends Span {
  readonly kind: 'column'
  readonly database?: Identifier
  readonly table?: Identifier
  readonly column: Identifier
}

/** `*` or `t.*`, as a select item or in `COUNT(*)`. */
export interface Star extends Span {
  readonly kind: 'star'
  readonly database?: Identifier
  readonly table?: Identifier
}

/** AND and OR are flat: `a AND b AND c` has three operands, whatever their number. */
export interface Logical extends Span {
  readonly kind: 'and' | 'or'
  readonly operands: readonly Expression[]
}

export interface Unary extends Span {
  readonly kind: 'unary'
  readonly operator: 'not' | '!' | '-' | '+' | '~' | 'binary' | 'prior'
  readonly operand: Expression
}

/** Comparison, arithmetic, bit, concatenation, XOR, JSON arrows, `:=`. `operator` is lower case and canonical (`!=` is `<>`, `==` is `=`). */
export interface Binary extends Span {
  readonly kind: 'binary'
  readonly operator: string
  readonly left: Expression
  readonly right: Expression
}

export interface InList extends Span {
  readonly kind: 'in'
  readonly isNegated: boolean
  readonly operand: Expression
  readonly values: readonly Expression[]
  /** Span of the parenthesised list, with its parentheses; a subset read rewrites it per shard. */
  readonly list: Span
}

export interface InQuery extends Span {
  readonly kind: 'inQuery'
  readonly isNegated: boolean
  readonly operand: Expression
  readonly query: Query
}

/** BETWEEN, LIKE, REGEXP, IS, SOUNDS LIKE, MEMBER OF, GLOB, MATCH: never proves a key. `operator` is lower case, without `not`. */
export interface Predicate extends Span {
  readonly kind: 'predicate'
  readonly operator: string
  readonly isNegated: boolean
  readonly operands: readonly Expression[]
}

/** `(a, b)` or `ROW(a, b)`, two items or more. A single parenthesised expression is no node. */
export interface Row extends Span {
  readonly kind: 'row'
  readonly items: readonly Expression[]
}

/** A function call. `name` is lower case; `database` when it was written qualified. */
export interface Call extends Span {
  readonly kind: 'call'
  readonly database?: Identifier
  readonly name: string
  readonly isDistinct: boolean
  readonly arguments: readonly Expression[]
  /** ORDER BY inside GROUP_CONCAT and the like. */
  readonly orderBy: readonly OrderItem[]
  readonly filter?: Expression
  readonly over?: Window
}

export interface Case extends Span {
  readonly kind: 'case'
  readonly operand?: Expression
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[]
  readonly otherwise?: Expression
}

export interface Collate extends Span {
  readonly kind: 'collate'
  readonly operand: Expression
  readonly collation: Identifier
}

/** `INTERVAL 1 DAY`; `unit` is lower case. */
export interface Interval extends Span {
  readonly kind: 'interval'
  readonly amount: Expression
  readonly unit: string
}

/** `@a`, `@@session.b`. `scope` is set for system variables only. */
export interface Variable extends Span {
  readonly kind: 'variable'
  readonly isSystem: boolean
  readonly scope?: 'global' | 'session'
  readonly name: string
}

export interface Subquery extends Span {
  readonly kind: 'subquery'
  readonly query: Query
}

export interface Exists extends Span {
  readonly kind: 'exists'
  readonly query: Query
}

/** `ANY (…)`, `SOME (…)`, `ALL (…)`, the right side of a comparison. */
export interface Quantified extends Span {
  readonly kind: 'quantified'
  readonly quantifier: 'any' | 'all'
  readonly query: Query
}

/** DEFAULT as a value. */
export interface Default extends Span {
  readonly kind: 'default'
}

/**
 * A balanced run whose inside matters only for the subqueries, columns and markers in it:
 * `CAST(x AS …)`, `MATCH (…) AGAINST (…)`, `TRIM(LEADING …)`. Never proves a key.
 */
export interface Opaque extends Span {
  readonly kind: 'opaque'
  /** Lower case name of the construct, such as `cast`. */
  readonly name: string
  readonly parts: readonly Expression[]
  readonly queries: readonly Query[]
}

export type Expression =
  | Literal
  | Marker
  | ColumnName
  | Star
  | Logical
  | Unary
  | Binary
  | InList
  | InQuery
  | Predicate
  | Row
  | Call
  | Case
  | Collate
  | Interval
  | Variable
  | Subquery
  | Exists
  | Quantified
  | Default
  | Opaque

// ---------------------------------------------------------------- queries

export interface OrderItem extends Span {
  readonly expression: Expression
  readonly isDescending: boolean
  /** SQLite's NULLS FIRST and NULLS LAST. */
  readonly nulls?: 'first' | 'last'
}

export interface Window extends Span {
  /** Name of a window defined elsewhere, when there is one. */
  readonly base?: Identifier
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly OrderItem[]
}

export interface Limit extends Span {
  readonly count?: Expression
  readonly offset?: Expression
}

/** The table as written. Qualifying a statement splices `database.` here. */
export interface TableName extends Span {
  readonly database?: Identifier
  readonly table: Identifier
}

export interface TableReference extends Span {
  readonly kind: 'table'
  readonly name: TableName
  /** True when WITH defines the name: it is no table of the database then. */
  readonly isCommonTable?: true
  readonly alias?: Identifier
  /** `PARTITION (p0, p1)`. */
  readonly partitions?: Span
}

export interface DerivedTable extends Span {
  readonly kind: 'derived'
  readonly isLateral: boolean
  readonly query: Query
  readonly alias?: Identifier
  readonly columns: readonly Identifier[]
}

/** JSON_TABLE(…) and its kin. `arguments` holds what may refer to other tables. */
export interface TableFunction extends Span {
  readonly kind: 'tableFunction'
  readonly name: string
  readonly arguments: readonly Expression[]
  readonly alias?: Identifier
}

/** A comma between tables is a `cross` join. `straight` is MySQL's STRAIGHT_JOIN, an inner join. */
export interface Join extends Span {
  readonly kind: 'join'
  readonly type: 'inner' | 'cross' | 'straight' | 'left' | 'right' | 'full'
  readonly isNatural: boolean
  readonly left: TableExpression
  readonly right: TableExpression
  readonly on?: Expression
  readonly using: readonly Identifier[]
}

export type TableExpression = TableReference | DerivedTable | TableFunction | Join

export interface SelectItem extends Span {
  readonly expression: Expression
  readonly alias?: Identifier
}

export interface CommonTable extends Span {
  readonly name: Identifier
  readonly columns: readonly Identifier[]
  /** A query; MariaDB and SQLite allow no other statement here that we accept. */
  readonly query: Query
}

export interface With extends Span {
  readonly isRecursive: boolean
  readonly tables: readonly CommonTable[]
}

interface QueryTail {
  readonly with?: With
  readonly orderBy: readonly OrderItem[]
  readonly limit?: Limit
}

/** FOR UPDATE, FOR SHARE, LOCK IN SHARE MODE; `of` names tables or aliases. */
export interface Locking extends Span {
  readonly strength: 'update' | 'share'
  readonly of: readonly TableName[]
}

export interface Select extends Span, QueryTail {
  readonly kind: 'select'
  readonly isDistinct: boolean
  /** Lower case words between SELECT and the items: `sql_calc_found_rows`, `high_priority` … */
  readonly options: readonly string[]
  readonly items: readonly SelectItem[]
  readonly from?: TableExpression
  readonly where?: Expression
  readonly groupBy: readonly OrderItem[]
  readonly hasRollup: boolean
  readonly having?: Expression
  readonly windows: readonly Window[]
  readonly locking: readonly Locking[]
  /** INTO @a, INTO OUTFILE …: such a query does more than read. */
  readonly into?: Span & { readonly target: 'variables' | 'file' }
}

export interface SetOperation extends Span, QueryTail {
  readonly kind: 'setOperation'
  readonly operator: 'union' | 'except' | 'intersect'
  readonly isAll: boolean
  readonly left: Query
  readonly right: Query
}

/** `VALUES ROW(1, 2), …` or SQLite's `VALUES (1, 2), …` as a query. */
export interface ValuesQuery extends Span, QueryTail {
  readonly kind: 'values'
  readonly rows: readonly Row[]
}

/** `TABLE t`. */
export interface TableQuery extends Span, QueryTail {
  readonly kind: 'tableQuery'
  readonly table: TableReference
}

export type Query = Select | SetOperation | ValuesQuery | TableQuery

// ---------------------------------------------------------------- statements

/** A comment of the form `/* sherd: key=42 *\/`, anywhere in the text. */
export interface Hint extends Span {
  /** What stands between `sherd:` and the end of the comment, trimmed. */
  readonly text: string
}

/** What every statement tells, collected over the whole text, subqueries and opaque runs included. */
interface StatementBase extends Span {
  readonly sql: string
  readonly hints: readonly Hint[]
  readonly markers: Sequence<Marker>
  /** Every table written anywhere, in text order; names of CTEs that are in scope are not tables. */
  readonly tables: readonly TableName[]
  /** Lower case names of all functions called, without duplicates. */
  readonly calls: readonly string[]
  /** All `@a` and `@@b`, reads and assignments. */
  readonly variables: readonly Variable[]
}

export interface SelectStatement extends StatementBase {
  readonly kind: 'select'
  readonly query: Query
}

export interface Assignment extends Span {
  readonly column: ColumnName
  readonly value: Expression
}

/** One row of VALUES. The span includes its parentheses; splitting an insert keeps some rows and drops others. */
export interface ValuesRow extends Span {
  readonly values: readonly Expression[]
}

export interface InsertStatement extends StatementBase {
  readonly kind: 'insert'
  readonly verb: 'insert' | 'replace'
  /** INSERT IGNORE, SQLite's INSERT OR IGNORE. */
  readonly isIgnore: boolean
  /** LOW_PRIORITY, DELAYED, HIGH_PRIORITY, `or replace`, `or abort` …, lower case. */
  readonly options: readonly string[]
  readonly with?: With
  readonly table: TableReference
  /** Absent when the statement gives no list: then the order of the table's columns rules. */
  readonly columns?: readonly ColumnName[]
  readonly source:
    | (Span & { readonly kind: 'rows'; readonly rows: Sequence<ValuesRow> })
    | (Span & { readonly kind: 'set'; readonly assignments: readonly Assignment[] })
    | (Span & { readonly kind: 'query'; readonly query: Query })
    | (Span & { readonly kind: 'defaults' })
  /** MySQL's `AS new(a, b)` behind the rows. */
  readonly rowAlias?: Span & { readonly name: Identifier; readonly columns: readonly Identifier[] }
  /** ON DUPLICATE KEY UPDATE, or SQLite's ON CONFLICT … DO UPDATE / DO NOTHING (then without assignments). */
  readonly onConflict?: Span & {
    readonly assignments: readonly Assignment[]
    readonly where?: Expression
  }
  readonly returning: readonly SelectItem[]
}

export interface UpdateStatement extends StatementBase {
  readonly kind: 'update'
  readonly isIgnore: boolean
  readonly with?: With
  /** One table, or a join of several. */
  readonly target: TableExpression
  /** SQLite's UPDATE … FROM. */
  readonly from?: TableExpression
  readonly assignments: readonly Assignment[]
  readonly where?: Expression
  readonly orderBy: readonly OrderItem[]
  readonly limit?: Limit
  readonly returning: readonly SelectItem[]
}

export interface DeleteStatement extends StatementBase {
  readonly kind: 'delete'
  readonly isIgnore: boolean
  readonly with?: With
  /** Tables or aliases whose rows go, of the multi-table forms; empty for the plain form. */
  readonly targets: readonly TableName[]
  readonly from: TableExpression
  readonly where?: Expression
  readonly orderBy: readonly OrderItem[]
  readonly limit?: Limit
  readonly returning: readonly SelectItem[]
}

/** BEGIN, COMMIT, SAVEPOINT … `name` is the savepoint's. */
export interface TransactionStatement extends StatementBase {
  readonly kind: 'transaction'
  readonly action:
    | 'begin'
    | 'commit'
    | 'rollback'
    | 'savepoint'
    | 'release'
    | 'rollbackTo'
    /** SET [SESSION | GLOBAL] TRANSACTION …, see `scope`. */
    | 'setTransaction'
    /** XA …, which is refused through the pool. */
    | 'xa'
  readonly name?: Identifier
  readonly scope?: 'next' | 'session' | 'global'
  readonly isReadOnly: boolean
  /** COMMIT AND CHAIN, ROLLBACK … RELEASE. */
  readonly isChained: boolean
  readonly isReleased: boolean
}

export interface SetItem extends Span {
  /** `names` for SET NAMES and SET CHARACTER SET. */
  readonly scope: 'session' | 'global' | 'user' | 'names'
  /** Lower case name of the variable. */
  readonly name: string
  readonly value: Expression
}

export interface SetStatement extends StatementBase {
  readonly kind: 'set'
  readonly items: readonly SetItem[]
}

/** CREATE, ALTER, DROP, TRUNCATE, RENAME, CREATE INDEX … `tables` holds what they touch. */
export interface DdlStatement extends StatementBase {
  readonly kind: 'ddl'
  /** Lower case: `create table`, `alter table`, `drop table`, `truncate`, `create index`, `create database` … */
  readonly action: string
  /** CREATE TABLE … SELECT. */
  readonly hasQuery?: true
}

/** SHOW, DESCRIBE, EXPLAIN, KILL, LOCK, ANALYZE, CALL, USE …: known by their first word and the tables they name. */
export interface OtherStatement extends StatementBase {
  readonly kind: 'other'
  /** Lower case first word: `show`, `describe`, `explain`, `kill`, `lock`, `unlock`, `call`, `use`, `pragma` … */
  readonly verb: string
  /** True when it certainly changes nothing, such as SHOW and DESCRIBE. */
  readonly isRead: boolean
}

export type Statement =
  | SelectStatement
  | InsertStatement
  | UpdateStatement
  | DeleteStatement
  | TransactionStatement
  | SetStatement
  | DdlStatement
  | OtherStatement
