import { expect, test } from 'vitest'

import { hideLiterals } from '../../src/sql/hide-literals.ts'
import { mysql } from './parse.ts'

const hide = (sql: string, maxLength = 1_000): string => hideLiterals(sql, mysql, maxLength)

test('every literal and every comment is hidden, names and markers stay', () => {
  expect(
    hide(`select  \`a\`, 'x''y', "z", 1, 1.5, -2e3, x'AB', b'1', N'n', ? /* 'secret' */ from t -- 5
      where k in (1, 2)`),
  ).toBe('select `a`, ?, ?, ?, ?, -?, ?, ?, ?, ? from t where k in (?, ?)')
})

test('a long text is cut', () => {
  expect(hide('select abc from t', 10)).toBe('select abc…')
})
