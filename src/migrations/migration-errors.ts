import { type ConfigProblem, SherdError } from '../errors/sherd-error.ts'

/** What is wrong with one statement of a file, before anything has run. */
export type FileProblem = ConfigProblem

/** The folder cannot be taken as one of migrations. */
export function folderProblem(message: string, cause?: unknown): SherdError {
  return new SherdError('SHERD_MIGRATE_FOLDER', { message: `${message}.`, cause })
}

/** Statements whose place is not proven; nothing was touched. */
export function refusePlan(problems: readonly FileProblem[]): SherdError {
  const count = problems.length === 1 ? 'One statement' : `${problems.length} statements`
  return new SherdError('SHERD_MIGRATE_REFUSED', {
    message: `${count} of the migrations cannot be run, and nothing was touched.`,
    details: { problems },
  })
}

/** A run was given, or lacks, what another one must end first. */
export function busyRun(message: string, details: { shard?: string; server?: string } = {}): SherdError {
  return new SherdError('SHERD_MIGRATE_BUSY', { message, details })
}

/** A name, shard or option that cannot be used. */
export function refuseOption(message: string, remedy?: string): SherdError {
  return new SherdError('SHERD_MIGRATE_OPTION', { message, ...(remedy === undefined ? {} : { remedy }) })
}
