import { expect, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { emptyWrite } from '../../src/merge/empty-write.ts'
import { joinRows } from '../../src/merge/join-rows.ts'
import { sumWrites } from '../../src/merge/sum-writes.ts'

class Packet {
  readonly fieldCount = 0
  readonly affectedRows: number
  readonly changedRows: number
  readonly warningStatus: number
  readonly insertId: number
  readonly info: string

  constructor(affectedRows: number, changedRows: number, warningStatus: number, insertId: number, info = '') {
    this.affectedRows = affectedRows
    this.changedRows = changedRows
    this.warningStatus = warningStatus
    this.insertId = insertId
    this.info = info
  }
}

test('counts of packets are added, the insert id is 0, and the class stays', () => {
  const parts = [new Packet(1, 0, 2, 7), new Packet(2, 1, 0, 9)]
  const merged = sumWrites(parts, ['shop_0', 'shop_1'])
  expect(merged).toBeInstanceOf(Packet)
  expect(merged).toEqual({
    fieldCount: 0,
    affectedRows: 3,
    changedRows: 1,
    warningStatus: 2,
    insertId: 0,
    info: '',
  })
  expect(parts[0]?.affectedRows).toBe(1)
})

test('counts of the info text are added where all parts tell the same ones', () => {
  const updates = ['Rows matched: 3  Changed: 2  Warnings: 0', 'Rows matched: 1  Changed: 1  Warnings: 4']
  const inserts = ['Records: 12  Duplicates: 0  Warnings: 0', '']
  const info = (texts: readonly string[]) =>
    sumWrites(
      texts.map((text) => new Packet(1, 0, 0, 0, text)),
      [],
    )
  expect(info(updates)).toHaveProperty('info', 'Rows matched: 4  Changed: 3  Warnings: 4')
  expect(info(inserts)).toHaveProperty('info', '')
  expect(info(inserts.toReversed())).toHaveProperty('info', '')
})

test('packets without changed rows and warnings give one without them', () => {
  expect(sumWrites([{ affectedRows: 1 }, { affectedRows: 4 }], ['shop_0', 'shop_1'])).toEqual({
    affectedRows: 5,
    insertId: 0,
    info: '',
  })
})

test('rows are joined in the order of the shards, with the fields of the first', () => {
  const joined = joinRows([
    { rows: [], fields: ['first'] },
    { rows: [1, 2], fields: ['second'] },
    { rows: [3], fields: ['third'] },
  ])
  expect(joined).toEqual({ rows: [1, 2, 3], fields: ['first'] })
})

test('a shard that gave no rows to a read is a bug that is told', () => {
  expect(() =>
    joinRows([
      { rows: [], fields: [] },
      { rows: { affectedRows: 1 }, fields: undefined },
    ]),
  ).toThrow(SherdError)
})

test("the packet of a held statement is named as mysql2's", () => {
  expect(emptyWrite().constructor.name).toBe('ResultSetHeader')
  expect(emptyWrite()).toMatchObject({ affectedRows: 0, insertId: 0, warningStatus: 0 })
})
