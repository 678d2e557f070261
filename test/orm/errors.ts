import type { ErrorClass } from './behaviour.ts'

/** For ORMs that give the server's own error, or have it as a property: its code, as applications look at it. */
export function classifyServerError(error: unknown): ErrorClass {
  switch (propertyOf(error, 'code')) {
    case 'ER_DUP_ENTRY':
    case 'SQLITE_CONSTRAINT_PRIMARYKEY':
      return 'duplicate key'
    case 'ER_NO_REFERENCED_ROW_2':
    case 'ER_ROW_IS_REFERENCED_2':
      return 'foreign key'
    case 'ER_LOCK_DEADLOCK':
      return 'deadlock'
    default:
      return 'other'
  }
}

/** The `code` of the error itself. */
export function codeOf(error: unknown): unknown {
  return propertyOf(error, 'code')
}

/** A property of what may be an error. */
export function propertyOf(error: unknown, name: string): unknown {
  // Objects may be asked for any property.
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined
}
