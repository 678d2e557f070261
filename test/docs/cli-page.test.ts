import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { findingKinds } from '../../src/checks/finding-kinds.ts'
import { fileOf } from './project-files.ts'

test('docs/cli.md lists each finding of sherd check once, with its severity', async () => {
  const page = await readFile(fileOf('docs/cli.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (`[a-z`, -]+`) \| (error|warning|note) \|/gm)]
  const listed = rows.flatMap(([, names = '', severity]) =>
    [...names.matchAll(/`([a-z-]+)`/g)].map(([, name]) => `${severity} ${name}`),
  )
  const known = Object.entries(findingKinds).map(([name, { severity }]) => `${severity} ${name}`)
  expect(listed.toSorted()).toEqual(known.toSorted())
})
