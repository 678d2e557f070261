import { SherdError } from '../errors/sherd-error.ts'
import type { Job, JobsOptions } from './jobs.ts'

/** Options with their defaults, all in range. */
export interface CheckedOptions {
  readonly jitter: number
  readonly concurrency: number
  readonly firstMs: number
  readonly maxMs: number
  readonly onError: (name: string, error: unknown) => void
}

/** Longer than this no timer of Node can wait, jitter included. */
const maxWaitMs = 1_000_000_000

/** Throws SHERD_JOB_OPTION for two jobs of a name, and for numbers out of range. */
export function readOptions(jobs: readonly Job[], options: JobsOptions): CheckedOptions {
  const { jitter = 0.1, concurrency = 4, backOff = {}, onError = warn } = options
  const { firstMs = 1000, maxMs = 60_000 } = backOff
  const names = new Set<string>()
  for (const { name, everyMs } of jobs) {
    if (name === '') refuse('A job has an empty name.', 'Give each job a name of its own.')
    if (names.has(name)) refuse(`Two jobs are named ${name}.`, 'Give each job a name of its own.')
    names.add(name)
    checkWait(`everyMs of the job ${name}`, everyMs)
  }
  if (!(jitter >= 0 && jitter < 1)) refuse('jitter is no share.', 'Give a number from 0 to below 1.')
  checkCount('concurrency', concurrency)
  checkWait('backOff.firstMs', firstMs)
  checkWait('backOff.maxMs', maxMs)
  if (maxMs < firstMs)
    refuse('backOff.maxMs is less than backOff.firstMs.', 'Give a maxMs that is at least firstMs.')
  return { jitter, concurrency, firstMs, maxMs, onError }
}

/** The error of a name that no job has. */
export function unknownJob(name: string): SherdError {
  const message = `No job is named ${name}.`
  return new SherdError('SHERD_JOB_OPTION', { message, remedy: 'Use the name of a job that was started.' })
}

/** The reason of aborts, and the error of `runNow` after `stop`. */
export function stoppedJobs(): SherdError {
  return new SherdError('SHERD_JOBS_STOPPED', { message: 'The jobs were stopped.' })
}

/** Throws SHERD_JOB_OPTION for what is no whole number from 1. */
export function checkCount(what: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 1 || count > maxWaitMs)
    refuse(`${what} is out of its range.`, `Give a whole number from 1 to ${maxWaitMs}.`)
}

function checkWait(what: string, ms: number): void {
  if (!(ms >= 1 && ms <= maxWaitMs))
    refuse(`${what} is no time that can be waited.`, `Give milliseconds from 1 to ${maxWaitMs}.`)
}

function warn(name: string, error: unknown): void {
  const isCoded = typeof error === 'object' && error !== null && 'code' in error
  const what = isCoded ? String(error.code) : error instanceof Error ? error.name : typeof error
  process.emitWarning(`The job ${name} failed: ${what}. Give onError to see the error.`, 'SherdWarning')
}

function refuse(message: string, remedy: string): never {
  throw new SherdError('SHERD_JOB_OPTION', { message, remedy })
}
