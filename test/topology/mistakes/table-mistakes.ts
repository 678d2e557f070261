import { type ForeignKey, isolated, pinned, reference, sharded } from '../../../src/topology/table-kinds.ts'
import { routingWith, tablesWith, routing, type Mistake, url } from './mistake.ts'

/** `items` with foreign keys, beside `orders` and tables that they may not point to. */
function foreignKeysWith(foreignKeys: unknown, columns?: readonly string[]): unknown {
  const orders =
    columns === undefined ? sharded('product', 'user_id') : sharded('product', 'user_id', { columns })
  return tablesWith({
    orders,
    documents: sharded('product', 'owner', { keyType: 'string' }),
    currencies: reference('product'),
    // The point of these tests is what the types forbid.
    items: sharded('product', 'user_id', { foreignKeys: foreignKeys as readonly ForeignKey[] }),
  })
}

function toOrders(changes: object): unknown {
  return foreignKeysWith([
    { columns: ['order_id'], references: 'orders', referencedColumns: ['id'], ...changes },
  ])
}

const columnsPath = 'tables.orders.columns'
const keysPath = 'tables.items.foreignKeys'

export const tableMistakes: readonly Mistake[] = [
  [
    'a table of a group that does not exist',
    tablesWith({ orders: sharded('prodct', 'user_id') }),
    'SHERD_CONFIG_UNKNOWN_GROUP',
    'tables.orders.group',
    /Did you mean "product"/,
  ],
  [
    'a reference table for a group that does not exist',
    tablesWith({ films: reference(['product', 'x']) }),
    'SHERD_CONFIG_UNKNOWN_GROUP',
    'tables.films.groups[1]',
    /Known: "product"/,
  ],
  [
    'a reference table without source',
    tablesWith({ films: reference('product', { source: 'main' }) }),
    'SHERD_CONFIG_UNKNOWN_DATABASE',
    'tables.films.source',
    /Known: "default"/,
  ],
  [
    'a reference table without groups',
    tablesWith({ films: reference([]) }),
    'SHERD_CONFIG_VALUE',
    'tables.films.groups',
    /'all'/,
  ],
  [
    'a reference table with a cursor that is no name',
    // The point of these tests is what the types forbid.
    tablesWith({ films: { ...reference('product'), cursor: 7 } }),
    'SHERD_CONFIG_VALUE',
    'tables.films.cursor',
    /as the database has it/,
  ],
  [
    'a reference table with an unknown way to find deleted rows',
    tablesWith({ films: { ...reference('product'), deletes: 'deleted_at' } }),
    'SHERD_CONFIG_VALUE',
    'tables.films.deletes',
    /column: 'deleted_at'/,
  ],
  [
    'a reference table whose mark of deleted rows has no column',
    tablesWith({ films: { ...reference('product'), deletes: {} } }),
    'SHERD_CONFIG_VALUE',
    'tables.films.deletes.column',
    /as the database has it/,
  ],
  [
    'a reference table whose cursor marks deleted rows',
    tablesWith({ films: reference('product', { cursor: 'at', deletes: { column: 'AT' } }) }),
    'SHERD_CONFIG_VALUE',
    'tables.films.deletes',
    /NULL or 0/,
  ],
  [
    'a reference table with copies of an unknown policy',
    tablesWith({ films: { ...reference('product'), copies: false } }),
    'SHERD_CONFIG_VALUE',
    'tables.films.copies',
    /'managed'/,
  ],
  [
    'a reference table with a cursor that nobody reads',
    tablesWith({ films: reference('product', { cursor: 'at', copies: 'unmanaged' }) }),
    'SHERD_CONFIG_VALUE',
    'tables.films.copies',
    /leave out copies/,
  ],
  [
    'an isolated table of an unknown group',
    tablesWith({ logs: isolated('x') }),
    'SHERD_CONFIG_UNKNOWN_GROUP',
    'tables.logs.group',
    /Known: "product"/,
  ],
  [
    'a pinned table of an unknown database',
    tablesWith({ logs: pinned('x') }),
    'SHERD_CONFIG_UNKNOWN_DATABASE',
    'tables.logs.database',
    /Known: "default"/,
  ],
  [
    'a table without kind',
    tablesWith({ orders: { group: 'product', key: 'id' } }),
    'SHERD_CONFIG_VALUE',
    'tables.orders',
    /sharded\('group'/,
  ],
  [
    'a table that is null',
    tablesWith([{ orders: null }]),
    'SHERD_CONFIG_VALUE',
    'tables[0].orders',
    /sharded\('group'/,
  ],
  [
    'a property of a table kind that does not exist',
    tablesWith({ orders: { ...sharded('product', 'id'), keytype: 'uuid' } }),
    'SHERD_CONFIG_UNKNOWN_OPTION',
    'tables.orders.keytype',
    /Did you mean "keyType"/,
  ],
  [
    'a key type that does not exist',
    tablesWith({ orders: { ...sharded('product', 'id'), keyType: 'float' } }),
    'SHERD_CONFIG_VALUE',
    'tables.orders.keyType',
    /integer, string/,
  ],
  [
    'a scatter policy that does not exist',
    tablesWith({ orders: { ...sharded('product', 'id'), scatter: 'always' } }),
    'SHERD_CONFIG_VALUE',
    'tables.orders.scatter',
    /Write allow/,
  ],
  [
    'an empty key column',
    tablesWith({ orders: sharded('product', '') }),
    'SHERD_CONFIG_VALUE',
    'tables.orders.key',
    /as the database has it/,
  ],
  [
    'a table with its database',
    tablesWith({ 'product_0.orders': sharded('product', 'id') }),
    'SHERD_CONFIG_NAME',
    'tables["product_0.orders"]',
    /table alone/,
  ],
  [
    'two declarations that disagree',
    tablesWith([{ orders: sharded('product', 'id') }, { orders: sharded('product', 'user_id') }]),
    'SHERD_CONFIG_TABLE_CONFLICT',
    'tables[1].orders',
    /alike in both/,
  ],
  [
    'two declarations that differ in case',
    tablesWith({ orders: sharded('product', 'id'), Orders: sharded('product', 'id') }),
    'SHERD_CONFIG_TABLE_CONFLICT',
    'tables.Orders',
    /as the database spells it/,
  ],
  [
    'columns without the shard key',
    tablesWith({ orders: sharded('product', 'user_id', { columns: ['id', 'total'] }) }),
    'SHERD_CONFIG_VALUE',
    columnsPath,
    /all columns of the table in its own order/,
  ],
  [
    'a column listed twice',
    tablesWith({ orders: sharded('product', 'user_id', { columns: ['user_id', 'id', 'ID'] }) }),
    'SHERD_CONFIG_VALUE',
    `${columnsPath}[2]`,
    /each column once/,
  ],
  [
    'an empty list of columns',
    tablesWith({ orders: sharded('product', 'user_id', { columns: [] }) }),
    'SHERD_CONFIG_VALUE',
    columnsPath,
    /Name the columns/,
  ],
  [
    'columns that are a string',
    tablesWith({ orders: { ...sharded('product', 'user_id'), columns: 'id, user_id' } }),
    'SHERD_CONFIG_VALUE',
    columnsPath,
    /Write \[/,
  ],
  ['foreign keys that are no list', foreignKeysWith({}), 'SHERD_CONFIG_VALUE', keysPath, /Write \[/],
  [
    'a foreign key that is a name',
    foreignKeysWith(['orders']),
    'SHERD_CONFIG_VALUE',
    `${keysPath}[0]`,
    /Write \{/,
  ],
  [
    'a misspelt property of a foreign key',
    toOrders({ onDelete: 'cascade' }),
    'SHERD_CONFIG_UNKNOWN_OPTION',
    `${keysPath}[0].onDelete`,
    /Known here: "columns"/,
  ],
  [
    'a foreign key without columns',
    toOrders({ columns: [] }),
    'SHERD_CONFIG_VALUE',
    `${keysPath}[0].columns`,
    /Name/,
  ],
  [
    'a foreign key without its table',
    toOrders({ references: undefined }),
    'SHERD_CONFIG_VALUE',
    `${keysPath}[0].references`,
    /as the database has it/,
  ],
  [
    'a foreign key with more columns on one side',
    toOrders({ columns: ['user_id', 'order_id'] }),
    'SHERD_CONFIG_FOREIGN_KEY',
    `${keysPath}[0]`,
    /as many columns on both sides/,
  ],
  [
    'a foreign key with a column twice',
    toOrders({ columns: ['order_id', 'ORDER_ID'], referencedColumns: ['id', 'user_id'] }),
    'SHERD_CONFIG_VALUE',
    `${keysPath}[0].columns[1]`,
    /each column once/,
  ],
  [
    'a foreign key to a table that is not declared',
    toOrders({ references: 'order' }),
    'SHERD_CONFIG_FOREIGN_KEY',
    keysPath,
    /Did you mean "orders"/,
  ],
  [
    'a foreign key to a reference table',
    toOrders({ references: 'currencies' }),
    'SHERD_CONFIG_FOREIGN_KEY',
    keysPath,
    /between sharded tables of one group/,
  ],
  [
    'a foreign key to a sharded table of another group',
    {
      databases: {},
      shardGroups: {
        product: { databaseName: 'product', logicalShards: 4, servers: [{ primary: url }] },
        archive: { databaseName: 'archive', logicalShards: 2, servers: [{ primary: url }] },
      },
      tables: {
        orders: sharded('archive', 'user_id'),
        items: sharded('product', 'user_id', {
          foreignKeys: [{ columns: ['order_id'], references: 'orders', referencedColumns: ['id'] }],
        }),
      },
    },
    'SHERD_CONFIG_FOREIGN_KEY',
    keysPath,
    /between sharded tables of one group/,
  ],
  [
    'a foreign key to a table whose keys are of another type',
    toOrders({ references: 'documents' }),
    'SHERD_CONFIG_FOREIGN_KEY',
    keysPath,
    /the same keyType/,
  ],
  [
    'a foreign key to a column that the list of columns lacks',
    foreignKeysWith(
      [{ columns: ['order_id'], references: 'orders', referencedColumns: ['uid'] }],
      ['id', 'user_id'],
    ),
    'SHERD_CONFIG_FOREIGN_KEY',
    keysPath,
    /Use a column of the list/,
  ],
  [
    'a foreign key declared twice, its columns in another order',
    foreignKeysWith([
      { columns: ['user_id', 'order_id'], references: 'orders', referencedColumns: ['user_id', 'id'] },
      { columns: ['order_id', 'USER_ID'], references: 'Orders', referencedColumns: ['id', 'user_id'] },
    ]),
    'SHERD_CONFIG_FOREIGN_KEY',
    keysPath,
    /Declare it once/,
  ],
  ['tables that are a string', tablesWith('orders'), 'SHERD_CONFIG_VALUE', 'tables', /Write \{/],
  [
    'string keys with modulo',
    {
      ...(routingWith('modulo') as object),
      tables: { orders: sharded('product', 'id', { keyType: 'string' }) },
    },
    'SHERD_CONFIG_ROUTING',
    'tables.orders.keyType',
    /integer key/,
  ],
  [
    'UUID keys with the table of a directory',
    {
      ...(routingWith({
        strategy: 'directory',
        table: { database: 'default', name: 'keys', keyColumn: 'id', shardColumn: 'shard' },
      }) as object),
      databases: { default: { primary: 'mysql://u:p@meta/meta' } },
      tables: { orders: sharded('product', 'id', { keyType: 'uuid' }) },
    },
    'SHERD_CONFIG_ROUTING',
    'tables.orders.keyType',
    /integer or string key/,
  ],
  [
    'a pin that is no key',
    {
      ...(routingWith({ strategy: 'directory', pins: { '042': 1 } }) as object),
      tables: { orders: sharded('product', 'id') },
    },
    'SHERD_CONFIG_ROUTING',
    `${routing}.pins["042"]`,
    /without leading zeros/,
  ],
]
