import { readFile, readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ownRemedies } from './orm-examples.ts'
import { fileOf } from './project-files.ts'

describe('examples of ORMs', () => {
  it('are there for every ORM, and each is run by a test', async () => {
    const folders = (await readdir(fileOf('examples'), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && !['lib', 'rental-shop'].includes(entry.name))
      .map(({ name }) => name)
    expect(folders.toSorted()).toEqual(Object.keys(ownRemedies).toSorted())
  })

  it.each(Object.keys(ownRemedies))(
    'examples/%s is one file of under 80 lines, and named in the list',
    async (orm) => {
      const lines = (await readFile(fileOf(`examples/${orm}/main.ts`), 'utf8')).trimEnd().split('\n')
      expect(lines.length).toBeLessThan(80)
      expect(await readFile(fileOf('examples/README.md'), 'utf8')).toContain(`tsx examples/${orm}/main.ts`)
    },
  )
})
