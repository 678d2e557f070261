import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A wire that can be broken: stands between a client and a server on 127.0.0.1. */
export interface HalfOpenProxy {
  /** Where clients connect. */
  readonly port: number
  /** Clients connected now. */
  readonly connectionCount: () => number
  /** Clients that have connected so far, those that were cut at once too. */
  readonly acceptedCount: () => number
  /** Carries bytes both ways; what was held by `freeze` goes on. The first state. */
  readonly pass: () => void
  /** Carries nothing and closes nothing, as a network that drops packets. New connections get no answer. */
  readonly freeze: () => void
  /** Resets every connection, and each new one until `pass`. */
  readonly cut: () => void
  readonly stop: () => Promise<void>
}

interface Wire {
  readonly client: Socket
  readonly server: Socket
}

type WireState = 'passing' | 'frozen' | 'cut'

/** Starts a proxy to a port of 127.0.0.1, on a port the system chooses. Whoever starts it stops it. */
export async function startHalfOpenProxy(targetPort: number): Promise<HalfOpenProxy> {
  const wires = new Set<Wire>()
  let state: WireState = 'passing'
  let accepted = 0
  const listener = createServer((client) => {
    accepted++
    if (state === 'cut') {
      client.resetAndDestroy()
      return
    }
    const wire = { client, server: connect(targetPort, '127.0.0.1') }
    wires.add(wire)
    tie(wire, () => wires.delete(wire))
    if (state === 'frozen') hold(wire)
  })
  const enter = (next: WireState, action: (wire: Wire) => void) => () => {
    // Joined twice, a wire would carry every byte twice, and hold only half.
    if (state === next) return
    state = next
    for (const wire of wires) action(wire)
  }
  const cut = enter('cut', reset)
  return {
    port: await listen(listener),
    connectionCount: () => wires.size,
    acceptedCount: () => accepted,
    pass: enter('passing', join),
    freeze: enter('frozen', hold),
    cut,
    stop: async () => {
      cut()
      listener.close()
      await once(listener, 'close')
    },
  }
}

async function listen(listener: Server): Promise<number> {
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  // A TCP listener's address is an object; text is for sockets with a path.
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** One end's death is the other's, and the error itself is the test's business, not ours. */
function tie(wire: Wire, onEnd: () => void): void {
  join(wire)
  for (const socket of [wire.client, wire.server]) {
    socket.on('error', () => undefined)
    socket.once('close', () => {
      onEnd()
      wire.client.destroy()
      wire.server.destroy()
    })
  }
}

function join({ client, server }: Wire): void {
  client.pipe(server)
  server.pipe(client)
}

/** `unpipe` leaves a stream flowing into nothing; only `pause` keeps the bytes. */
function hold({ client, server }: Wire): void {
  client.unpipe(server).pause()
  server.unpipe(client).pause()
}

function reset({ client, server }: Wire): void {
  client.resetAndDestroy()
  server.resetAndDestroy()
}
