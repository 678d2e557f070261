import { SherdError } from '../errors/sherd-error.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'

/** That of the main database if there is one: for statements that every server answers alike. */
export function anyServer({ topology }: Engine): Server {
  const server = topology.databases.get('default')?.server ?? topology.servers[0]
  if (server !== undefined) return server
  throw new SherdError('SHERD_INTERNAL', { message: 'The topology has no server.' })
}
