/** An error by which a driver adapter tells Prisma what kind of failure it is; known by its name, as Prisma's own class is. */
export class PrismaAdapterError extends Error {
  override readonly name = 'DriverAdapterError'
  /** In Prisma's words. */
  override readonly cause: PrismaFailure
  /** The error of the server or of sherd, as it is everywhere else. */
  readonly error: unknown

  constructor(failure: PrismaFailure, error: unknown) {
    super(failure.originalMessage, { cause: failure })
    this.cause = failure
    this.error = error
  }
}

/** `kind` and its fields are those of `MappedError` of @prisma/driver-adapter-utils (7.10). */
export interface PrismaFailure {
  readonly kind: string
  readonly originalCode: string
  readonly originalMessage: string
  readonly [field: string]: unknown
}

/** Errors of MySQL and MariaDB, and refusals of sherd, as Prisma knows them. Others, which no server sent, stay as they are. */
export function toPrismaError(error: unknown): unknown {
  const facts = readServerError(error)
  if (facts === undefined) return error
  const { code, errno, message } = facts
  const kind = kinds[errno]?.(message) ?? { kind: 'mysql', code: errno, message, state: facts.state }
  const failure = { originalCode: code, originalMessage: message, ...kind }
  return new PrismaAdapterError(failure, error)
}

interface ServerError {
  /** A refusal of sherd is known by its code, an error of the server by its number. */
  readonly code: string
  readonly errno: number
  readonly state: string
  readonly message: string
}

function readServerError(error: unknown): ServerError | undefined {
  if (typeof error !== 'object' || error === null || !('errno' in error) || !('sqlMessage' in error))
    return undefined
  const { errno, sqlMessage } = error
  if (typeof errno !== 'number' || typeof sqlMessage !== 'string') return undefined
  const code = 'code' in error ? String(error.code) : ''
  return {
    errno,
    code: code.startsWith('SHERD_') ? code : String(errno),
    state: 'sqlState' in error ? String(error.sqlState) : 'HY000',
    message: sqlMessage,
  }
}

type Kind = { readonly kind: string; readonly [field: string]: unknown }

/** The text between quotes that a pattern finds in a server's message. */
function find(message: string, pattern: RegExp): string | undefined {
  return pattern.exec(message)?.[1]
}

function fields(kind: string, field: string | undefined): Kind {
  return { kind, constraint: field === undefined ? undefined : { fields: [field] } }
}

/** `Duplicate entry '…' for key 'PRIMARY'`, with the table before the key on MySQL 8; the entry may hold anything. */
function duplicateKey(message: string): Kind {
  const parts = find(message, /for key '([^']*)'$/)?.split('.')
  const index = parts?.at(-1)
  return {
    kind: 'UniqueConstraintViolation',
    constraint: index === undefined ? undefined : { index },
    table: parts !== undefined && parts.length > 1 ? parts.slice(0, -1).join('.') : undefined,
  }
}

/** `… CONSTRAINT `name` FOREIGN KEY (`user_id`, `order_id`) REFERENCES …` */
function foreignKey(message: string): Kind {
  const columns = find(message, /FOREIGN KEY \((.*?)\) REFERENCES/)
  const names = columns?.split(', ').map((name) => name.replaceAll('`', ''))
  return {
    kind: 'ForeignKeyConstraintViolation',
    constraint: names === undefined ? undefined : { fields: names },
  }
}

const nullColumn = (message: string): Kind =>
  fields('NullConstraintViolation', find(message, /^(?:Column|Field) '([^']*)'/))

const lastName = (message: string): string | undefined => find(message, /'([^']*)'$/)

const tooManyConnections = (message: string): Kind => ({ kind: 'TooManyConnections', cause: message })

/** By the server's number; whatever is not here is told to Prisma with number and text. */
const kinds: Readonly<Record<number, (message: string) => Kind>> = {
  1007: (message) => ({ kind: 'DatabaseAlreadyExists', db: find(message, /database '([^']*)'/) }),
  1040: tooManyConnections,
  1044: (message) => ({ kind: 'DatabaseAccessDenied', db: lastName(message) }),
  1045: (message) => ({ kind: 'AuthenticationFailed', user: find(message, /user '([^']*)'/) }),
  1048: nullColumn,
  1049: (message) => ({ kind: 'DatabaseDoesNotExist', db: lastName(message) }),
  1054: (message) => ({ kind: 'ColumnNotFound', column: find(message, /column '([^']*)'/) }),
  1062: duplicateKey,
  1146: (message) => ({ kind: 'TableDoesNotExist', table: find(message, /'(?:[^']*\.)?([^'.]*)'/) }),
  1191: () => ({ kind: 'MissingFullTextSearchIndex' }),
  1203: tooManyConnections,
  1213: () => ({ kind: 'TransactionWriteConflict' }),
  1263: nullColumn,
  1264: (message) => ({ kind: 'ValueOutOfRange', cause: message }),
  1364: nullColumn,
  1406: (message) => ({ kind: 'LengthMismatch', column: find(message, /column '([^']*)'/) }),
  1451: foreignKey,
  1452: foreignKey,
}
