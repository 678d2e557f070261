import { SingleBar } from 'cli-progress'

import type { PlannedMigration } from '../migrations/plan-files.ts'
import type { MigrationStep } from '../migrations/run-context.ts'
import { note, type Terminal } from './terminal.ts'

/** A bar on a terminal, elsewhere a line for each statement that ended. Nothing with `--json`. */
export function showSteps(
  terminal: Terminal,
  planned: readonly PlannedMigration[],
  isQuiet: boolean,
): { readonly onStep: (step: MigrationStep) => void; readonly end: () => void } {
  if (isQuiet) return { onStep: () => undefined, end: () => undefined }
  const { errors } = terminal
  if (!errors.isTTY)
    return {
      onStep: ({ kind, database, path, line }) => {
        if (kind !== 'started') note(terminal, `${kind} ${database} ${path}:${line}`)
      },
      end: () => undefined,
    }
  const bar = new SingleBar({
    stream: errors,
    format: '{bar} {value} of {total} {at}',
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
  })
  // What is done already is never begun; the bar then ends before its end.
  const total = planned.reduce(
    (sum, { statements }) => sum + statements.reduce((count, { texts }) => count + texts.size, 0),
    0,
  )
  bar.start(total, 0, { at: '' })
  return {
    onStep: ({ kind, database, name, line }) => {
      if (kind === 'started') bar.update({ at: `${database} ${name}:${line}` })
      else bar.increment()
    },
    end: () => bar.stop(),
  }
}
