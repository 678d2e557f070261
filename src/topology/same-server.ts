import type { Endpoint, Server } from './topology.ts'

/**
 * True when a connection to the primary of one may serve the other: one address, user and options. Their default
 * databases may differ. Two SQLite servers never are.
 */
export function isSameServer(one: Server, other: Server): boolean {
  if (one === other) return true
  const [left, right] = [one.primary, other.primary]
  return (
    left.address === right.address &&
    left.port !== 0 &&
    isSameLogin(left, right) &&
    hasSameOptions(left, right)
  )
}

function isSameLogin(left: Endpoint, right: Endpoint): boolean {
  return left.user() === right.user() && left.password() === right.password()
}

/** Those that change what a statement on the connection means; limits and time-outs do not. */
function hasSameOptions({ options: left }: Endpoint, { options: right }: Endpoint): boolean {
  return (
    left.charset === right.charset &&
    left.sqlMode === right.sqlMode &&
    left.timezone === right.timezone &&
    left.tls === right.tls
  )
}
