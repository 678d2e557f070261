import { describe } from 'vitest'
import { openSqliteWorld } from '../oracle/sqlite-world.ts'
import { keyForms, testKeys, worldOfKeys } from './key-cases.ts'

describe('on SQLite a key', () => {
  testKeys(() => openSqliteWorld(worldOfKeys), keyForms)
})
