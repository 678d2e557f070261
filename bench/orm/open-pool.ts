import { createPool, type Pool } from 'mysql2'
import { connectionLimit, type Side } from './carts.ts'

/** The pool of a side, for ORMs that take one. Closing it leaves sherd open. */
export function openPool(side: Side): { readonly pool: Pool; readonly close: () => Promise<void> } {
  // It has the methods of mysql2's pool that the ORMs call.
  if (side.kind === 'sherd') return { pool: side.sherd.pool as unknown as Pool, close: async () => {} }
  const pool = createPool({ uri: side.url, connectionLimit })
  return { pool, close: () => pool.promise().end() }
}
