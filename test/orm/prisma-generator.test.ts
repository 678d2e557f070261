import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type PrismaModel, type PrismaSchema } from '../../src/orm/prisma-datamodel.ts'
import { printTableMap, readTableKinds } from '../../src/orm/prisma-table-map.ts'
import { generatePrisma, generators } from './prisma-client.ts'
import { orderSchema } from './prisma-schema.ts'

/** A schema of one model as Prisma tells it; fields of scalar types are given as in the schema, `Int?` may be NULL. */
function schemaOf(comment: string, fields: Readonly<Record<string, string>>): PrismaSchema {
  const model: PrismaModel = {
    name: 'Order',
    documentation: comment,
    fields: Object.entries(fields).map(([name, type]) => ({
      name,
      kind: /^[A-Z]\w*State/.test(type) ? 'enum' : 'scalar',
      type: type.replace(/\W+$/, ''),
      isRequired: !type.endsWith('?'),
      isList: type.endsWith('[]'),
      dbName: name === 'userId' ? 'user_id' : null,
    })),
  }
  const text = `datasource db {\n}\n\n// first\n/// ${comment}\nmodel Order {\n}\n`
  return { fileName: 'schema.prisma', text, models: [model] }
}

/** Items that lead to orders; with `isList` both sides are lists. */
function twoModels(relation: { isList?: boolean; relationFromFields?: readonly string[] }): PrismaSchema {
  const scalar = { kind: 'scalar', type: 'Int', isRequired: true, isList: false }
  const related = { kind: 'object', isRequired: true, relationName: 'OrderToItem' }
  const userId = { ...scalar, name: 'userId', dbName: 'user_id' }
  const order = {
    ...related,
    name: 'order',
    type: 'Order',
    isList: false,
    relationToFields: ['userId', 'id'],
    ...relation,
  }
  const items = { ...related, name: 'items', type: 'Item', isList: true }
  return {
    fileName: 'schema.prisma',
    text: 'model Item {\n}\n',
    models: [
      { name: 'Order', dbName: 'orders', fields: [userId, { ...scalar, name: 'id' }, items] },
      {
        name: 'Item',
        dbName: 'order_items',
        documentation: '@shard(group: "product", key: "userId", foreignKeys: ["order"])',
        fields: [userId, { ...scalar, name: 'orderId', dbName: 'order_id' }, order],
      },
    ],
  }
}

function faultOf(comment: string, fields: Readonly<Record<string, string>> = { userId: 'Int' }): string {
  try {
    return JSON.stringify(readTableKinds(schemaOf(comment, fields)))
  } catch (error) {
    const { code, message } = error as { readonly code: string; readonly message: string }
    return `${code}: ${message}`
  }
}

const kindOf = (comment: string, fields: Readonly<Record<string, string>>) =>
  readTableKinds(schemaOf(comment, fields))['Order']

describe('the generator for Prisma', () => {
  test('writes the table kinds of a schema by the names of the database when prisma generate runs', async () => {
    const directory = await generatePrisma('generator', orderSchema)
    expect(await readFile(join(directory, 'tables.ts'), 'utf8')).toBe(
      [
        '// Written by `prisma generate` from the comments of schema.prisma: change them, not this file.',
        "import type { TableKinds } from 'sherd'",
        '',
        '/** For `tables` of `defineConfig`. */',
        'export const tables = {',
        '  "orders": {"kind":"sharded","group":"product","key":"user_id","keyType":"integer"},',
        '  "order_items": {"kind":"sharded","group":"product","key":"user_id","keyType":"integer"},',
        '  "currencies": {"kind":"reference","groups":["product"],"source":"default","deletes":"compare","copies":"unmanaged"},',
        '  "samples": {"kind":"sharded","group":"product","key":"user_id","keyType":"integer"},',
        '  "notes": {"kind":"sharded","group":"product","key":"user_id","keyType":"integer"},',
        '  "parcels": {"kind":"sharded","group":"product","key":"user_id","keyType":"integer","ids":{"id":"time"}},',
        '  "stops": {"kind":"sharded","group":"product","key":"user_id","keyType":"integer","ids":{"id":"time","parcel_id":"time"}},',
        '} as const satisfies TableKinds',
        '',
      ].join('\n'),
    )
  }, 120_000)

  test('fails prisma generate with the line and the remedy', async () => {
    const wrong = orderSchema.replace('key: "userId"', 'key: "user_id"')
    const failed = generatePrisma('generator-wrong', wrong)
    await expect(failed).rejects.toThrow(
      /schema\.prisma, line 1[0-9]: the model Order has no field user_id\. Write userId, the name of the field in the model/,
    )
  }, 120_000)

  test('writes JavaScript without types where the output is no TypeScript', () => {
    const text = printTableMap(schemaOf('@isolated(group: "product")', { id: 'Int' }), false)
    expect(text).not.toContain('import')
    expect(text).toContain('export const tables = {\n  "Order": {"kind":"isolated","group":"product"},\n}\n')
  })

  test('leaves models without a declaration to the unsharded database', () => {
    expect(readTableKinds(schemaOf('Mail to a@shop.example, see @deprecated.', { id: 'Int' }))).toEqual({})
  })

  test('reads every kind and key type', () => {
    const fields = { userId: 'Int', big: 'BigInt', name: 'String', token: 'Bytes', changed: 'DateTime' }
    expect([
      kindOf('Notes. @shard(group: "product", key: "userId")', fields),
      kindOf('@shard( group : "product" , key:"big", keyType: "integer" )', fields),
      kindOf('@shard(group: "product", key: "name", keyType: "uuid")', fields),
      kindOf('@shard(group: "product", key: "token", keyType: "binary")', fields),
      kindOf('@shard(group: "product", key: "userId", timeIds: ["big"], scatter: "allow")', fields),
      kindOf('@shard(group: "product", key: "userId", safeIds: "big")', fields),
      kindOf('@reference(groups: "a", source: "main")', fields),
      kindOf('@reference(groups: ["a", "b"], cursor: "changed", deletes: "userId")', fields),
      kindOf('@pinned(database: "main")', fields),
    ]).toEqual([
      { kind: 'sharded', group: 'product', key: 'user_id', keyType: 'integer' },
      { kind: 'sharded', group: 'product', key: 'big', keyType: 'integer' },
      { kind: 'sharded', group: 'product', key: 'name', keyType: 'uuid' },
      { kind: 'sharded', group: 'product', key: 'token', keyType: 'binary' },
      {
        kind: 'sharded',
        group: 'product',
        key: 'user_id',
        keyType: 'integer',
        ids: { big: 'time' },
        scatter: 'allow',
      },
      { kind: 'sharded', group: 'product', key: 'user_id', keyType: 'integer', ids: { big: 'safe' } },
      { kind: 'reference', groups: ['a'], source: 'main', deletes: 'compare', copies: 'managed' },
      {
        kind: 'reference',
        groups: ['a', 'b'],
        source: 'default',
        cursor: 'changed',
        deletes: { column: 'user_id' },
        copies: 'managed',
      },
      { kind: 'pinned', database: 'main' },
    ])
  })

  test('takes foreign keys that carry the shard key from the relations they name', () => {
    expect(readTableKinds(twoModels({ relationFromFields: ['userId', 'orderId'] }))).toEqual({
      order_items: {
        kind: 'sharded',
        group: 'product',
        key: 'user_id',
        keyType: 'integer',
        foreignKeys: [
          { columns: ['user_id', 'order_id'], references: 'orders', referencedColumns: ['user_id', 'id'] },
        ],
      },
    })
  })

  test('refuses a many-to-many relation without a model of its own', () => {
    expect(() => readTableKinds(twoModels({ isList: true }))).toThrow(
      /the model Item has the many-to-many relation order without a model of its own, .* Write a model for the relation/,
    )
  })

  const mistakes: readonly [string, string, Readonly<Record<string, string>>?][] = [
    ['@shard(group: "product", key: "user")', 'has no field user. Its fields are userId.'],
    ['@shard(group: "product", key: "userId")', 'which may be NULL. Make it Int without', { userId: 'Int?' }],
    ['@shard(group: "product", key: "userId")', 'of type Int[], which can be no', { userId: 'Int[]' }],
    ['@shard(group: "product", key: "userId")', 'of type DateTime, which can be no', { userId: 'DateTime' }],
    ['@shard(group: "product", key: "userId")', 'of type Decimal, which can be no', { userId: 'Decimal' }],
    ['@shard(group: "product", key: "userId")', 'of type Float, which can be no', { userId: 'Float' }],
    ['@shard(group: "product", key: "userId")', 'of type Boolean, which can be no', { userId: 'Boolean' }],
    ['@shard(group: "product", key: "userId")', 'of type Json, which can be no', { userId: 'Json' }],
    ['@shard(group: "product", key: "userId")', '(an enum), which can be no', { userId: 'OrderState' }],
    [
      '@shard(group: "product", key: "userId")',
      'needs its keyType. Add keyType: "string" or',
      { userId: 'String' },
    ],
    [
      '@shard(group: "product", key: "userId", keyType: "string")',
      'cannot have the keyType string. Add keyType: "integer"',
    ],
    ['@shard(group: "product")', 'gives @shard no key. Write /// @shard(group: "product", key: "userId")'],
    ['@shard(group: "product", key: "userId", shards: "8")', 'an option shards, which it does not have'],
    ["@shard(group: 'product', key: 'userId')", 'has options of @shard that cannot be read'],
    ['@shard(group: ["product"], key: "userId")', 'has options of @shard that cannot be read'],
    [
      '@shard(group: "p", key: "userId", timeIds: ["userId"])',
      'names userId, which is of type Int. Take a field of type BigInt',
    ],
    [
      '@shard(group: "p", key: "userId", scatter: "yes")',
      'gives scatter a word that it does not take. Write scatter: "allow"',
    ],
    ['@reference(groups: "p", copies: "none")', 'gives copies a word that it does not take'],
    [
      '@reference(groups: "p", cursor: "userId")',
      'names userId, which is of type Int. Take a field of type DateTime',
    ],
    ['@reference(groups: "p", cursor: "at")', 'names at, which may be NULL', { at: 'DateTime?' }],
    ['@shard', 'says @shard without options'],
    ['@sharded(group: "product", key: "userId")', 'says @sharded, which declares nothing'],
    ['@shard(group: "p", key: "userId") @pinned(database: "d")', 'declares more than one table kind'],
    ['@shard(group: "p", key: "userId", foreignKeys: ["order"])', 'has no field order'],
    ['@shard(group: "p", key: "userId", foreignKeys: ["userId"])', 'which holds no foreign key'],
  ]
  test.each(mistakes)('refuses %s: %s', (comment, fault, fields) => {
    const found = faultOf(comment, fields)
    expect(found).toMatch(/^SHERD_CONFIG: schema\.prisma, line 5: the model Order /)
    expect(found).toContain(fault)
  })

  test('answers an unknown request instead of leaving Prisma waiting', async () => {
    const [program = '', ...args] = generators.sherd.split(' ')
    const answer = await new Promise<string>((resolve) => {
      const child = execFile(program, args, (_error, _stdout, stderr) => resolve(stderr))
      child.stdin?.end('{"jsonrpc":"2.0","id":7,"method":"describe"}\n')
    })
    expect(JSON.parse(answer)).toMatchObject({ id: 7, error: { code: -32601 } })
  }, 120_000)
})
