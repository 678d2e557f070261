import { closeSync, openSync, unlinkSync } from 'node:fs'

import { keepHeld, type KeptLock } from '../../src/locks/keep-held.ts'
import type { HeldLock } from '../../src/locks/lock.ts'
import { type LockPlace, openLocks } from './lock-stores.ts'

/*
 * A process that holds locks and does as it is told, one thing at a time; see locks.server.test.ts. It is stopped and woken by
 * signals, or contends with its like.
 */

export type HolderCommand =
  | { readonly kind: 'hold'; readonly name: string; readonly leaseMs: number }
  | { readonly kind: 'extend' | 'release' | 'isHeld' | 'signal' }
  | { readonly kind: 'contend'; readonly name: string; readonly file: string; readonly times: number }

// The parent passes the place as its only argument.
const place = JSON.parse(process.argv[2] ?? '{}') as LockPlace
const { locks, close } = await openLocks(place)
let held: HeldLock | undefined
let kept: KeptLock | undefined

async function obey(command: HolderCommand): Promise<unknown> {
  switch (command.kind) {
    case 'hold':
      held = await locks.acquire(command.name, { leaseMs: command.leaseMs })
      if (held !== undefined) kept = keepHeld(held, { leaseMs: command.leaseMs })
      return held?.fence
    case 'extend':
      return held?.extend(60_000)
    case 'release':
      return held?.release()
    case 'isHeld':
      return held?.isHeld()
    case 'signal':
      // A class of ours does not pass between processes; its code does.
      return kept?.isLost() === true ? (kept.signal.reason as { readonly code: string }).code : 'held'
    case 'contend':
      return contend(command.name, command.file, command.times)
  }
}

/** Takes the lock again and again; the file can exist only once, so that a second holder is an error. Gives the numbers. */
async function contend(name: string, file: string, times: number): Promise<readonly number[]> {
  const fences: number[] = []
  while (fences.length < times) {
    const lock = await locks.acquire(name, { leaseMs: 30_000 })
    if (lock === undefined) continue
    closeSync(openSync(file, 'wx'))
    fences.push(lock.fence)
    // A round trip, so that the other has time to come in.
    await lock.isHeld()
    unlinkSync(file)
    if (!(await lock.release())) throw new Error('a lock was lost while it was held')
  }
  return fences
}

process.on('message', (command: HolderCommand) => {
  void obey(command).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.on('disconnect', () => void close())
process.send?.('ready')
