import { SingleBar } from 'cli-progress'

import { note, type Terminal } from './terminal.ts'

/** How far a piece of work is, beside its result. */
export interface Progress {
  /** One more is over; `text` says which, and how it went. */
  readonly step: (text: string) => void
  /** Leaves the terminal as it was. */
  readonly stop: () => void
}

/** A bar on a terminal; elsewhere a line for each step. */
export function showProgress(terminal: Terminal, title: string, total: number): Progress {
  if (!terminal.errors.isTTY)
    return { step: (text) => note(terminal, `${title}: ${text}`), stop: () => undefined }
  const bar = new SingleBar({
    format: '{title} {bar} {value}/{total} {text}',
    stream: terminal.errors,
    clearOnComplete: true,
    barsize: 30,
  })
  bar.start(total, 0, { title, text: '' })
  return { step: (text) => bar.increment({ text }), stop: () => bar.stop() }
}
