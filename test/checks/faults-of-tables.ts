import type { FindingName } from '../../src/checks/finding-kinds.ts'
import { isolated, reference, sharded } from '../../src/topology/table-kinds.ts'
import type { ConfigChanges } from './checked-shop.ts'

const carts = (columns: string): string => `CREATE TABLE carts (${columns})`
const withCarts: ConfigChanges = { tables: { carts: sharded('shop', 'customer_id') } }
const bin = 'VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'

/** What is planted, all that must be found, the statements on every logical shard, and how the config changes. */
export const faultsOfAllShards: readonly [
  string,
  readonly FindingName[],
  readonly string[],
  ConfigChanges?,
][] = [
  ['a missing shard key', ['shard-key-missing'], [`ALTER TABLE logins CHANGE name login ${bin} NOT NULL`]],
  [
    'a shard key that may be NULL',
    ['shard-key-nullable', 'primary-key-missing'],
    [`ALTER TABLE logins DROP PRIMARY KEY, MODIFY name ${bin} NULL, ADD KEY (name)`],
  ],
  [
    'a computed shard key',
    ['shard-key-nullable', 'shard-key-generated', 'primary-key-missing'],
    [
      `ALTER TABLE logins DROP PRIMARY KEY, CHANGE name login ${bin}`,
      `ALTER TABLE logins ADD name ${bin} AS (login) PERSISTENT, ADD KEY (name)`,
    ],
  ],
  ['a shard key of another type', ['shard-key-type'], ['ALTER TABLE logins MODIFY name DATETIME NOT NULL']],
  [
    'a shard key with a loose collation',
    ['shard-key-collation'],
    ['ALTER TABLE logins MODIFY name VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL'],
  ],
  [
    'a shard key without an index',
    ['shard-key-unindexed'],
    ['ALTER TABLE logins MODIFY at DATETIME NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (at, name)'],
  ],
  ['a missing primary key', ['primary-key-missing'], ['ALTER TABLE logins DROP PRIMARY KEY, ADD KEY (name)']],
  [
    'a unique key without the shard key',
    ['unique-key-without-shard-key'],
    ['ALTER TABLE customers ADD email VARCHAR(40), ADD UNIQUE email (email)'],
  ],
  [
    'a unique key over the beginning of the shard key',
    ['unique-key-without-shard-key'],
    ['ALTER TABLE logins ADD UNIQUE initials (name(3))'],
  ],
  [
    'AUTO_INCREMENT on a sharded table',
    ['auto-increment'],
    ['ALTER TABLE customers ADD n BIGINT NOT NULL AUTO_INCREMENT, ADD KEY (n)'],
  ],
  [
    'AUTO_INCREMENT on a declared id',
    ['auto-increment'],
    [
      'ALTER TABLE orders MODIFY number BIGINT NOT NULL',
      'ALTER TABLE orders MODIFY id BIGINT NOT NULL AUTO_INCREMENT',
    ],
  ],
  ['an id column that is too narrow', ['id-column-type'], ['ALTER TABLE orders MODIFY id INT NOT NULL']],
  [
    'a missing id column',
    ['id-column-missing'],
    [],
    { tables: { customers: sharded('shop', 'customer_id', { ids: { serial: 'time' } }) } },
  ],
  [
    'a shard key that is narrower than in other tables',
    ['shard-key-narrow'],
    [carts('customer_id INT UNSIGNED NOT NULL PRIMARY KEY')],
    withCarts,
  ],
  [
    'columns declared in another order',
    ['column-order'],
    [],
    { tables: { customers: sharded('shop', 'customer_id', { columns: ['name', 'customer_id'] }) } },
  ],
  [
    'a table that no transaction takes back',
    ['engine-without-transactions'],
    ['ALTER TABLE logins ENGINE = MyISAM'],
  ],
  [
    'a foreign key without the shard key',
    ['foreign-key-refused'],
    [
      carts(
        'customer_id BIGINT NOT NULL PRIMARY KEY, number BIGINT, FOREIGN KEY (number) REFERENCES orders (number)',
      ),
    ],
    withCarts,
  ],
  [
    'a foreign key to an isolated table',
    ['foreign-key-refused'],
    [
      'CREATE TABLE settings (id BIGINT PRIMARY KEY)',
      carts(
        'customer_id BIGINT NOT NULL PRIMARY KEY, setting BIGINT, FOREIGN KEY (setting) REFERENCES settings (id)',
      ),
    ],
    { tables: { carts: sharded('shop', 'customer_id'), settings: isolated('shop') } },
  ],
  [
    'a foreign key to a table that is not declared',
    ['foreign-key-refused', 'table-undeclared'],
    [
      'CREATE TABLE notes (id BIGINT PRIMARY KEY)',
      'ALTER TABLE customers ADD note BIGINT, ADD FOREIGN KEY (note) REFERENCES notes (id)',
    ],
  ],
  [
    'a foreign key to a table of an unsharded database',
    ['foreign-key-refused', 'table-undeclared'],
    [
      'CREATE TABLE audit (id BIGINT PRIMARY KEY)',
      'ALTER TABLE customers ADD audit BIGINT, ADD FOREIGN KEY (audit) REFERENCES audit (id)',
    ],
  ],
]

/** The same with the statements in one database. */
export const faultsOfOneDatabase: readonly [
  string,
  readonly FindingName[],
  string,
  readonly string[],
  ConfigChanges?,
][] = [
  ['a column on one shard alone', ['columns-differ'], 'shop_2', ['ALTER TABLE customers ADD note INT']],
  [
    'another type on one shard',
    ['columns-differ'],
    'shop_1',
    ['ALTER TABLE customers MODIFY name VARCHAR(80)'],
  ],
  [
    'another order of columns',
    ['columns-differ'],
    'shop_1',
    ['ALTER TABLE customers MODIFY name VARCHAR(40) FIRST'],
  ],
  ['an index on one shard alone', ['indexes-differ'], 'shop_3', ['ALTER TABLE customers ADD KEY (name)']],
  ['a missing table', ['table-missing'], 'shop_3', ['DROP TABLE logins']],
  [
    'a table that nobody declared',
    ['table-undeclared'],
    'shop_0',
    ['CREATE TABLE leftovers (id INT PRIMARY KEY)'],
  ],
  [
    'a foreign key into another database',
    ['foreign-key-refused'],
    'shop_0',
    [
      'ALTER TABLE orders DROP FOREIGN KEY orders_ibfk_1, ADD FOREIGN KEY (customer_id) REFERENCES shop_1.customers (customer_id)',
    ],
  ],
  ['a copy that lacks a column', ['reference-copy-differs'], 'shop_2', ['ALTER TABLE countries DROP name']],
  [
    'a copy of another collation',
    ['reference-copy-differs'],
    'shop_2',
    ['ALTER TABLE countries MODIFY name VARCHAR(40) COLLATE utf8mb4_bin'],
  ],
  ['a missing copy', ['table-missing'], 'shop_1', ['DROP TABLE countries']],
  [
    'a sharded table in an unsharded database',
    ['table-left-behind'],
    'main',
    ['CREATE TABLE logins (name INT)'],
  ],
  [
    'an unsharded table that refers to a sharded one',
    ['foreign-key-refused', 'table-left-behind'],
    'main',
    [
      'CREATE TABLE customers (id BIGINT PRIMARY KEY)',
      'ALTER TABLE audit ADD customer BIGINT, ADD FOREIGN KEY (customer) REFERENCES customers (id)',
    ],
  ],
  ['a missing pinned table', ['table-missing'], 'main', ['DROP TABLE audit']],
  ['a missing source', ['table-missing'], 'main', ['DROP TABLE countries']],
  [
    'a source whose rows nothing tells apart',
    ['reference-key-missing'],
    'main',
    ['ALTER TABLE countries DROP PRIMARY KEY'],
  ],
  [
    'a cursor of another type',
    ['reference-cursor', 'reference-copy-differs'],
    'main',
    ['ALTER TABLE countries MODIFY changed_at VARCHAR(30) NOT NULL'],
  ],
  [
    'a cursor that may be NULL',
    ['reference-cursor'],
    'main',
    ['ALTER TABLE countries MODIFY changed_at DATETIME(6) NULL'],
  ],
  [
    'a cursor without an index',
    ['reference-cursor-unindexed'],
    'main',
    ['ALTER TABLE countries DROP KEY changed_at'],
  ],
  [
    'a missing cursor',
    ['reference-cursor'],
    'main',
    [],
    { tables: { countries: reference('shop', { cursor: 'at' as never }) } },
  ],
  [
    'a missing column of deleted rows',
    ['reference-tombstone-missing'],
    'main',
    [],
    { tables: { countries: reference('shop', { deletes: { column: 'gone' as never } }) } },
  ],
  [
    'a directory that is not there',
    ['directory-table'],
    'main',
    [],
    { tables: { logins: sharded('shop', 'name', { keyType: 'string' }) }, group: { routing: directory() } },
  ],
  [
    'a directory whose keys are not unique',
    ['directory-table'],
    'main',
    ['CREATE TABLE places (customer BIGINT, shard INT)'],
    { group: { routing: directory() } },
  ],
]

function directory() {
  const table = { database: 'default', name: 'places', keyColumn: 'customer', shardColumn: 'shard' }
  return { strategy: 'directory', table }
}
