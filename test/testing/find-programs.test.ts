import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

import { expect, test } from 'vitest'

import { SherdError } from '../../src/errors/sherd-error.ts'
import { findProgram } from '../../src/testing/servers/find-programs.ts'

test('a program is looked for in the search path first', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sherd-find-'))
  const program = join(directory, 'sh')
  await writeFile(program, '#!/bin/sh\n')
  const wanted = { name: 'sh', aptPackage: 'dash', brewPackage: 'dash' }
  const searchPath = ['/nowhere', directory].join(delimiter)
  expect(findProgram(wanted, { searchPath, usualDirectories: ['/bin'] })).toBe('/bin/sh')
  await chmod(program, 0o755)
  expect(findProgram(wanted, { searchPath, usualDirectories: ['/bin'] })).toBe(program)
  await rm(directory, { recursive: true })
})

test('a missing program is reported with the command that installs it', () => {
  const wanted = { name: 'mariadbd', aptPackage: 'mariadb-server', brewPackage: 'mariadb' }
  const find = () => findProgram(wanted, { usualDirectories: [] })
  expect(find).toThrow(SherdError)
  expect(find).toThrow(/mariadbd was not found.*`apt-get install mariadb-server`.*`brew install mariadb`/)
})
