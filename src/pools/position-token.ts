import { createHash } from 'node:crypto'
import { SherdError } from '../errors/sherd-error.ts'
import type { Server } from '../topology/topology.ts'
import { type Position, formatPosition, mergePositions, parsePosition } from './gtid.ts'
import type { KnownWrites } from './read-scope.ts'

/*
 * `s1.` and base64url of lines: `<id of the server> <fingerprint of its primary's address> <GTIDs or ?>`, and `*` when
 * there are writes on servers that are not listed. Cookies hold 4,096 bytes with their name and attributes, so
 * what would not fit is left to the `*`.
 */
const version = 's1.'
const maxTokenLength = 2_048
const maxGivenLength = 4_096
const maxLinesLength = Math.floor(((maxTokenLength - version.length) * 3) / 4) - 2
const lineForm = /^(\S{1,100}) ([\w-]{6}) (\S+)$/u

/** Writes as a text for a cookie, header or URL: at most 2,048 letters, digits, `.`, `-` and `_`. */
export function writeToken(servers: readonly Server[], writes: KnownWrites): string {
  const lines: string[] = []
  let { isComplete } = writes
  let length = 0
  for (const server of servers) {
    const position = writes.positions.get(server.id)
    if (position === undefined) continue
    const reached = position === 'unknown' ? '?' : formatPosition(position)
    const line = `${server.id} ${fingerprint(server)} ${reached}`
    if (length + line.length + 1 > maxLinesLength) isComplete = false
    else {
      lines.push(line)
      length += line.length + 1
    }
  }
  if (!isComplete) lines.push('*')
  return version + Buffer.from(lines.join('\n')).toString('base64url')
}

/**
 * Reads a token. A server that is not in `servers`, or whose primary has another address than where the token was
 * made, says nothing about the servers here: then each server that is not named is read on its primary.
 * Throws SHERD_POSITION_TOKEN for anything that `writeToken` did not make.
 */
export function readToken(token: unknown, servers: readonly Server[]): KnownWrites {
  const byId = new Map(servers.map((server) => [server.id, server]))
  const positions = new Map<string, Position | 'unknown'>()
  let isComplete = true
  for (const line of readLines(token)) {
    const [, id = '', mark, text = ''] = lineForm.exec(line) ?? []
    const server = byId.get(id)
    if (line !== '*' && mark === undefined) throw badToken()
    const position = line === '*' || text === '?' ? 'unknown' : parsePosition(text)
    if (position === undefined) throw badToken()
    if (server === undefined) isComplete = false
    else if (mark === fingerprint(server)) positions.set(id, position)
    else positions.set(id, 'unknown')
  }
  return { positions, isComplete }
}

/** What has both. */
export function joinWrites(first: KnownWrites, second: KnownWrites): KnownWrites {
  const positions = new Map(first.positions)
  for (const [id, position] of second.positions) {
    const known = positions.get(id)
    if (known === 'unknown' || position === 'unknown') positions.set(id, 'unknown')
    else positions.set(id, known === undefined ? position : mergePositions(known, position))
  }
  return { positions, isComplete: first.isComplete && second.isComplete }
}

function readLines(token: unknown): readonly string[] {
  if (typeof token !== 'string' || token.length > maxGivenLength || !token.startsWith(version))
    throw badToken()
  const body = token.slice(version.length)
  const text = Buffer.from(body, 'base64url').toString()
  // Node skips what is not base64url; what does not come out the same was not made here.
  if (Buffer.from(text).toString('base64url') !== body) throw badToken()
  return text === '' ? [] : text.split('\n')
}

/** Six characters of a hash: enough to tell a replaced primary, and the address itself stays inside. */
function fingerprint({ primary }: Server): string {
  return createHash('sha256').update(primary.address).digest('base64url').slice(0, 6)
}

function badToken(): SherdError {
  return new SherdError('SHERD_POSITION_TOKEN', {
    message: 'The position given to `after` is not one that `position()` made.',
  })
}
