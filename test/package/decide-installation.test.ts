import { describe, expect, test } from 'vitest'

import { decideInstallation } from '../../scripts/lib/decide-installation.mjs'

const debian = { missing: ['mariadbd', 'redis-server'], hasApt: true, isRoot: false, hasSudo: false }

describe('what the test command does about missing servers', () => {
  test('nothing when all programs are there', () => {
    expect(decideInstallation({ ...debian, missing: [] })).toEqual({ kind: 'nothing' })
  })

  test('root on Debian installs the packages without sudo', () => {
    expect(decideInstallation({ ...debian, isRoot: true, hasSudo: true })).toEqual({
      kind: 'install',
      packages: ['mariadb-server', 'redis-server'],
      prefix: [],
    })
  })

  test('a user with sudo that asks no password installs with it', () => {
    const decision = decideInstallation({ ...debian, missing: ['redis-server'], hasSudo: true })
    expect(decision).toEqual({ kind: 'install', packages: ['redis-server'], prefix: ['sudo', '-n'] })
  })

  test('two programs of one package ask for it once', () => {
    const missing = ['mariadbd', 'mariadb-install-db']
    expect(decideInstallation({ ...debian, missing, isRoot: true })).toMatchObject({
      packages: ['mariadb-server'],
    })
  })

  test('a user without rights is told the command', () => {
    const decision = decideInstallation(debian)
    expect(decision).toMatchObject({ kind: 'ask' })
    expect(JSON.stringify(decision)).toContain(
      'Not found: mariadbd, redis-server. Install with `sudo apt-get install --no-install-recommends mariadb-server redis-server`',
    )
  })

  test('on a system without apt-get even root is told what to install', () => {
    const decision = decideInstallation({ ...debian, hasApt: false, isRoot: true })
    expect(decision).toMatchObject({ kind: 'ask' })
    expect(JSON.stringify(decision)).toContain('brew install mariadb redis')
  })
})
