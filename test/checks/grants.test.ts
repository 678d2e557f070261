import { describe, expect, test } from 'vitest'

import { missingPrivileges, readGrants } from '../../src/checks/grants.ts'

const wanted = ['SELECT', 'INSERT']

function missing(lines: readonly string[], database: string): readonly string[] {
  return missingPrivileges(readGrants(lines, 'mariadb') ?? [], database, wanted)
}

describe('a privilege', () => {
  test.each([
    ["GRANT ALL PRIVILEGES ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*F00' WITH GRANT OPTION", 'shop_1'],
    ['GRANT SELECT, INSERT ON `shop\\_1`.* TO `app`@`%`', 'shop_1'],
    ['GRANT SELECT (a, b), INSERT ON `shop%`.`orders` TO `app`@`%`', 'shop_1'],
    ['GRANT SELECT, INSERT ON "shop_1".* TO "app"@"%"', 'shop_1'],
    ['GRANT SELECT, INSERT ON `shop_1`.* TO `app`@`%`', 'shopx1'],
  ])('is read from %s', (line, database) => {
    expect(missing([line], database)).toEqual([])
  })

  test.each([
    [['GRANT SELECT ON `shop\\_1`.* TO `app`@`%`', 'GRANT USAGE ON *.* TO `app`@`%`'], 'shop_1', ['INSERT']],
    [['GRANT SELECT, INSERT ON `shop\\_1`.* TO `app`@`%`'], 'shopx1', wanted],
    [['GRANT SELECT, INSERT ON `shop.1`.* TO `app`@`%`'], 'shop_1', wanted],
    [[], 'shop_1', wanted],
  ])('that %j do not give is missing', (lines, database, expected) => {
    expect(missing(lines, database)).toEqual(expected)
  })

  test('cannot be told where MySQL names a role alone', () => {
    const lines = ['GRANT USAGE ON *.* TO `app`@`%`', 'GRANT `writer`@`%` TO `app`@`%`']
    expect(readGrants(lines, 'mysql')).toBeUndefined()
    expect(readGrants(lines, 'mariadb')).toHaveLength(1)
  })
})
