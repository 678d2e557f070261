import { Redis } from 'ioredis'

import { bullmqJobs } from '../../src/jobs/bullmq.ts'

/*
 * A process whose one job never ends by itself; see jobs.server.test.ts. It tells when a run begins, and why its signal
 * aborted.
 */

export interface WorkerPlace {
  readonly url: string
  readonly queueName: string
  readonly leaseMs: number
}

// The parent passes the place as its only argument.
const { url, queueName, leaseMs } = JSON.parse(process.argv[2] ?? '{}') as WorkerPlace
const run = async (signal: AbortSignal): Promise<void> => {
  process.send?.('begun')
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  // The reason is a SherdError in every case.
  process.send?.((signal.reason as { readonly code: string }).code)
  throw signal.reason
}
const connection = new Redis(url, { maxRetriesPerRequest: null })
await bullmqJobs([{ name: 'one', everyMs: 50, run }], {
  connection,
  queueName,
  leaseMs,
  onError: () => undefined,
})
process.on('disconnect', () => process.exit(0))
