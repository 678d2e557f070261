import type { ErrorKind } from './sherd-error.ts'

interface ErrorEntry {
  readonly kind: ErrorKind
  readonly isRetryable: boolean
  /** A few words, the heading in docs/errors.md. */
  readonly short: string
  /** When it is raised and why. */
  readonly long: string
  /** The default sentence on what to do; a place that knows more gives its own. */
  readonly remedy: string
}

/** Every code sherd raises. docs/errors.md lists exactly these; a test compares both ways. */
export const errorRegistry = {
  SHERD_CONFIG: {
    kind: 'config',
    isRetryable: false,
    short: 'The config has mistakes',
    long: 'Raised by defineConfig and its kin before any connection is made. All mistakes are listed in details.problems, each with its path and remedy.',
    remedy: 'Mend the places named above; no connection was made.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorRegistry
