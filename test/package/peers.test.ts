import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { fileOf } from '../docs/project-files.ts'

interface Manifest {
  readonly version: string
  readonly devDependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>
}

async function readManifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(fileOf(path), 'utf8'))
}

const { devDependencies, peerDependencies, peerDependenciesMeta } = await readManifest('package.json')
const names = Object.keys(peerDependencies)

test('every peer is optional', () => {
  expect(peerDependenciesMeta).toEqual(Object.fromEntries(names.map((name) => [name, { optional: true }])))
})

test('the range of every peer begins with the version that the tests run on, and ends before the next that may break', async () => {
  const tested = await Promise.all(
    names.map(async (name) => [name, (await readManifest(`node_modules/${name}/package.json`)).version]),
  )
  expect(names.map((name) => [name, devDependencies[name]])).toEqual(tested)
  // `^0.29.9` ends before 0.30, `^7.10.0` before 8.
  expect(peerDependencies).toEqual(Object.fromEntries(tested.map(([name, version]) => [name, `^${version}`])))
})
