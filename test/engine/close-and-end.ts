import { createSherd } from '../../src/facade/create-sherd.ts'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import { defineConfig } from '../../src/topology/define-config.ts'

/*
 * A process of its own: works, tells its parent, closes sherd when it is told to, and then must end by itself.
 * Arguments: the URLs of primaries and replicas, alternating.
 */

const [primary, replica] = process.argv.slice(2)
const sherd = await createSherd(
  defineConfig({
    databases: {
      default: {
        primary,
        replicas: [replica],
        reads: { maxLagMs: 1_000 },
        options: { connectTimeoutMs: 60_000, acquireTimeoutMs: 60_000 },
      },
    },
  }),
)
const pool = (sherd.pool as unknown as MysqlPool).promise()
await pool.query('SELECT 1')
await sherd.reads('replica', () => pool.query('SELECT 1'))
process.send?.('ready')
process.once('message', (kind) => {
  // What hangs when sherd is closed, and an attempt that gets no answer.
  if (kind === 'hang') for (let count = 0; count < 3; count++) pool.query('DO 0').catch(() => undefined)
  void sherd.close({ timeoutMs: 500 }).then(() => {
    process.send?.('closed')
    process.disconnect()
  })
})
