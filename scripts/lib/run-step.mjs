import { spawn } from 'node:child_process'

const running = new Set()
let stopSignal

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopSignal = signal
    // On Ctrl-C the terminal has told the children already; telling them twice only makes vitest hurry,
    // and the servers' supervisors tidy up in any case.
    for (const child of running) child.kill(signal)
  })
}

/** The signal that asked this program to stop, if one did. */
export function readStopSignal() {
  return stopSignal
}

/** Runs a program to its end and gives its exit code; 1 when it was killed or could not be started. */
export function runStep(program, args, { isQuiet = false } = {}) {
  if (stopSignal !== undefined) return Promise.resolve(1)
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: isQuiet ? 'ignore' : 'inherit' })
    running.add(child)
    const end = (code) => {
      running.delete(child)
      resolve(code ?? 1)
    }
    child.once('error', () => end(1))
    child.once('exit', end)
  })
}
