import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Ends given processes and removes given directories when this process ends, however it ends. */
export interface Supervisor {
  readonly watch: (pid: number) => void
  /** A process that has ended must be forgotten: its number may be given to another program. */
  readonly forget: (pid: number) => void
  /** Ends what is still watched, removes the directories, and resolves when that is done. */
  readonly finish: () => Promise<void>
}

// A shell and not Node: it starts in a millisecond, needs 1 MB, and is the same from src/ and from dist/.
// The loop ends when the pipe does, and the kernel closes our end of the pipe even after SIGKILL.
// The second removal is for a file that a dying server was still creating.
const script = `
pids=
while read -r word pid; do
  case $word in
    watch) pids="$pids $pid" ;;
    forget) kept=; for p in $pids; do [ "$p" = "$pid" ] || kept="$kept $p"; done; pids=$kept ;;
  esac
done
[ -z "$pids" ] || kill -9 $pids
rm -rf "$@" || { sleep 1; rm -rf "$@"; }
`

/**
 * Starts the process that watches over this one. It runs in its own session, so Ctrl-C does not reach it,
 * and does not keep this process alive.
 */
export function startSupervisor(directories: readonly string[]): Supervisor {
  const child = spawn('/bin/sh', ['-c', script, 'sherd-supervisor', ...directories], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const exited = once(child, 'exit')
  // A broken pipe means the supervisor was killed; there is nobody left to tell.
  child.stdin.on('error', () => undefined)
  child.unref()
  unrefPipe(child.stdin)
  return {
    watch: (pid) => void child.stdin.write(`watch ${pid}\n`),
    forget: (pid) => void child.stdin.write(`forget ${pid}\n`),
    finish: async () => {
      child.ref()
      child.stdin.end()
      await exited
    },
  }
}

function unrefPipe(pipe: object): void {
  // A child's pipe is a net.Socket at run time, though its type says Writable.
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref()
}
