import { expect, test } from 'vitest'
import { loadPeer } from '../../src/errors/load-peer.ts'

test('a missing library is reported with the command that installs it', async () => {
  const cause = new Error('Cannot find package')
  await expect(loadPeer('mysql2', '^3.24.0', () => Promise.reject(cause))).rejects.toMatchObject({
    code: 'SHERD_PEER_MISSING',
    kind: 'config',
    remedy: "Run: npm install 'mysql2@^3.24.0'",
    cause,
  })
})
