import { describe, inject } from 'vitest'
import { openMariadbWorld } from '../oracle/mariadb-world.ts'
import { uniqueName } from '../servers/databases.ts'
import { keyForms, mysqlKeyForms, testKeys, worldOfKeys } from './key-cases.ts'

describe('on MariaDB a key', () => {
  testKeys(
    () => openMariadbWorld(inject('sharedSites'), uniqueName(import.meta.filename, 'keys'), worldOfKeys),
    [...keyForms, ...mysqlKeyForms],
  )
})
