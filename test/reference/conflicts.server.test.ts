import { afterEach, expect, test } from 'vitest'
import { reference } from '../../src/topology/table-kinds.ts'
import { openReferenceShop, type ReferenceShop } from './open-reference.ts'

let shop: ReferenceShop | undefined
afterEach(async () => {
  await shop?.close()
  shop = undefined
})

const tables = { parents: reference('shop'), children: reference('shop') }
const parents = 'CREATE TABLE parents (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE)'
const children =
  'CREATE TABLE children (id INT PRIMARY KEY, parent_id INT, CONSTRAINT to_parent FOREIGN KEY (parent_id) REFERENCES parents (id))'
const listAll =
  'SELECT p.id, p.name, c.id AS child FROM parents p LEFT JOIN children c ON c.parent_id = p.id ORDER BY 1, 3'

async function open(
  name: string,
  kinds: Parameters<typeof openReferenceShop>[2] = tables,
): Promise<ReferenceShop> {
  shop = await openReferenceShop(import.meta.filename, name, kinds)
  return shop
}

test('two rows that swap their names in the source swap them in the copy', async ({ task }) => {
  const { onBoth, onSource, onShard, sync } = await open(task.name)
  await onBoth(parents)
  await onSource(`INSERT INTO parents VALUES (1, 'a'), (2, 'b'), (3, 'c')`)
  await sync('parents')
  await onSource(
    `UPDATE parents SET name = 'x' WHERE id = 1`,
    `UPDATE parents SET name = 'a' WHERE id = 2`,
    `UPDATE parents SET name = 'b' WHERE id = 1`,
  )
  expect(await sync('parents')).toMatchObject({ inserted: 0, updated: 2, deleted: 0 })
  expect(await onShard('SELECT * FROM parents ORDER BY id')).toEqual(
    await onSource('SELECT * FROM parents ORDER BY id'),
  )
})

test('a swap leaves rows of a sharded table that cascade from it alone', async ({ task }) => {
  const { onBoth, onSource, onShard, sync } = await open(task.name)
  await onBoth(parents)
  await onSource(`INSERT INTO parents VALUES (1, 'a'), (2, 'b')`)
  await sync('parents')
  await onShard(
    'CREATE TABLE orders (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES parents (id) ON DELETE CASCADE)',
    'INSERT INTO orders VALUES (1, 1), (2, 2)',
  )
  await onSource(
    `UPDATE parents SET name = IF(id = 1, 'x', name)`,
    `UPDATE parents SET name = 'a' WHERE id = 2`,
    `UPDATE parents SET name = 'b' WHERE id = 1`,
  )
  await sync('parents')
  expect(await onShard('SELECT COUNT(*) AS n FROM orders')).toEqual([{ n: 2 }])
  expect(await onShard('SELECT name FROM parents ORDER BY id')).toEqual([{ name: 'b' }, { name: 'a' }])
})

test('a row takes the name of one that was deleted, and of one that lies in a later batch', async ({
  task,
}) => {
  const { onBoth, onSource, onShard, sync } = await open(task.name)
  await onBoth(parents)
  await onSource(`INSERT INTO parents SELECT seq, CONCAT('n', seq) FROM seq_1_to_50`)
  await sync('parents')
  await onSource(
    `DELETE FROM parents WHERE id = 50`,
    `UPDATE parents SET name = 'n50' WHERE id = 1`,
    `UPDATE parents SET name = 'moved' WHERE id = 40`,
    `UPDATE parents SET name = 'n40' WHERE id = 2`,
  )
  await sync('parents')
  expect(await onShard('SELECT * FROM parents ORDER BY id')).toEqual(
    await onSource('SELECT * FROM parents ORDER BY id'),
  )
})

test('children whose parents are not in the copy yet bring their parents with them', async ({ task }) => {
  const { onBoth, onSource, onShard, sync } = await open(task.name)
  await onBoth(parents, children)
  await onSource(
    `INSERT INTO parents VALUES (1, 'a'), (2, 'b')`,
    'INSERT INTO children VALUES (10, 1), (20, 2), (30, NULL)',
  )
  await sync('children')
  expect(await onShard(listAll)).toEqual(await onSource(listAll))
  await sync('parents')
  await onSource(`INSERT INTO parents VALUES (3, 'c')`, 'INSERT INTO children VALUES (40, 3)')
  await sync('children')
  expect(await onShard(listAll)).toEqual(await onSource(listAll))
})

test('parents that are deleted with their children go with them, whichever table is synced first', async ({
  task,
}) => {
  const { onBoth, onSource, onShard, sync } = await open(task.name)
  await onBoth(parents, children)
  await onSource(
    `INSERT INTO parents VALUES (1, 'a'), (2, 'b'), (3, 'c')`,
    'INSERT INTO children VALUES (10, 1), (20, 2), (30, 3)',
  )
  await sync('parents')
  await sync('children')
  await onSource(
    'DELETE FROM children WHERE id = 10',
    'UPDATE children SET parent_id = 3 WHERE id = 20',
    'DELETE FROM parents WHERE id IN (1, 2)',
  )
  expect(await sync('parents')).toMatchObject({ deleted: 2 })
  expect(await onShard(listAll)).toEqual(await onSource(listAll))
})

test('a tree that points to itself, and two tables that point to each other, are filled and emptied', async ({
  task,
}) => {
  const { onBoth, onSource, onShard, sync } = await open(task.name, {
    tree: reference('shop'),
    parents: reference('shop'),
    children: reference('shop'),
  })
  await onBoth(
    'CREATE TABLE tree (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES tree (id))',
    parents,
    children,
    'ALTER TABLE parents ADD favourite INT, ADD FOREIGN KEY (favourite) REFERENCES children (id)',
  )
  await onSource(
    'INSERT INTO tree VALUES (9, NULL)',
    'INSERT INTO tree SELECT seq, seq + 1 FROM seq_8_to_1',
    `INSERT INTO parents VALUES (1, 'a', NULL)`,
    'INSERT INTO children VALUES (10, 1)',
    'UPDATE parents SET favourite = 10',
  )
  await sync('tree')
  await sync('parents')
  await sync('children')
  expect(await onShard('SELECT * FROM tree ORDER BY id')).toEqual(
    await onSource('SELECT * FROM tree ORDER BY id'),
  )
  expect(await onShard('SELECT * FROM parents')).toEqual(await onSource('SELECT * FROM parents'))
  await onSource(
    'UPDATE tree SET up = NULL',
    'DELETE FROM tree WHERE id > 3',
    'UPDATE parents SET favourite = NULL',
    'DELETE FROM children',
    'DELETE FROM parents',
  )
  await sync('tree')
  await sync('parents')
  expect(await onShard('SELECT * FROM tree ORDER BY id')).toEqual(
    await onSource('SELECT * FROM tree ORDER BY id'),
  )
  expect(
    await onShard('SELECT (SELECT COUNT(*) FROM parents) + (SELECT COUNT(*) FROM children) AS n'),
  ).toEqual([{ n: 0 }])
})

test('a row that a sharded row points to stays and is reported, and all else is synced', async ({ task }) => {
  const { onBoth, onSource, onShard, sync, compare } = await open(task.name)
  await onBoth(parents)
  await onSource(`INSERT INTO parents VALUES (1, 'a'), (2, 'b'), (3, 'c')`)
  await sync('parents')
  await onShard(
    'CREATE TABLE orders (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES parents (id))',
    'INSERT INTO orders VALUES (1, 2)',
  )
  await onSource('DELETE FROM parents WHERE id < 3', `INSERT INTO parents VALUES (4, 'd')`)
  await expect(sync('parents')).rejects.toMatchObject({ code: 'SHERD_REFERENCE_BLOCKED', isRetryable: true })
  expect(await onShard('SELECT id FROM parents ORDER BY id')).toEqual([{ id: 2 }, { id: 3 }, { id: 4 }])
  await onShard('DELETE FROM orders')
  await compare('parents')
  expect(await onShard('SELECT id FROM parents ORDER BY id')).toEqual([{ id: 3 }, { id: 4 }])
})

test('a child whose parent is in no source is refused, and nothing of its batch is written', async ({
  task,
}) => {
  const { onSource, onShard, sync } = await open(task.name)
  await onSource(
    parents,
    'CREATE TABLE children (id INT PRIMARY KEY, parent_id INT)',
    'INSERT INTO children VALUES (10, 99)',
  )
  await onShard(parents, children)
  await expect(sync('children')).rejects.toMatchObject({ code: 'SHERD_REFERENCE_CONFLICT' })
  expect(await onShard('SELECT * FROM children')).toEqual([])
})

test('a key that changes only its case is changed in place', async ({ task }) => {
  const { onBoth, onSource, onShard, sync } = await open(task.name, { codes: reference('shop') })
  await onBoth('CREATE TABLE codes (code VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT)')
  await onSource(`INSERT INTO codes VALUES ('a', 1), ('b', 2), ('ß', 3)`)
  await sync('codes')
  await onShard(
    'CREATE TABLE orders (id INT PRIMARY KEY, code VARCHAR(10) COLLATE utf8mb4_general_ci, FOREIGN KEY (code) REFERENCES codes (code) ON DELETE CASCADE)',
    `INSERT INTO orders VALUES (1, 'a')`,
  )
  await onSource(`UPDATE codes SET code = 'A', n = 5 WHERE code = 'a'`, `DELETE FROM codes WHERE code = 'b'`)
  await sync('codes')
  expect(await onShard('SELECT code, n FROM codes ORDER BY n')).toEqual(
    await onSource('SELECT code, n FROM codes ORDER BY n'),
  )
  expect(await onShard('SELECT COUNT(*) AS n FROM orders')).toEqual([{ n: 1 }])
})

test('what a row that stays points to stays with it', async ({ task }) => {
  const { onBoth, onSource, onShard, sync, compare } = await open(task.name)
  await onBoth(parents, children)
  await onSource(
    `INSERT INTO parents VALUES (1, 'a'), (2, 'b')`,
    'INSERT INTO children VALUES (10, 1), (20, 2)',
  )
  await sync('parents')
  await sync('children')
  await onShard(
    'CREATE TABLE orders (id INT PRIMARY KEY, child_id INT, FOREIGN KEY (child_id) REFERENCES children (id))',
    'INSERT INTO orders VALUES (1, 10)',
  )
  await onSource('DELETE FROM children', 'DELETE FROM parents', `INSERT INTO parents VALUES (3, 'c')`)
  await expect(sync('parents')).rejects.toMatchObject({ code: 'SHERD_REFERENCE_BLOCKED' })
  expect(await onShard('SELECT id FROM parents ORDER BY id')).toEqual([{ id: 1 }, { id: 3 }])
  await expect(sync('children')).rejects.toMatchObject({ code: 'SHERD_REFERENCE_BLOCKED' })
  await onShard('DELETE FROM orders')
  await compare('children')
  await compare('parents')
  expect(await onShard(listAll)).toEqual(await onSource(listAll))
})

test('a row whose deletion the foreign key of a sharded table carries on is deleted as in one database', async ({
  task,
}) => {
  const { onBoth, onSource, onShard, sync } = await open(task.name)
  await onBoth(parents)
  await onSource(`INSERT INTO parents VALUES (1, 'a'), (2, 'b'), (3, 'c')`)
  await sync('parents')
  await onShard(
    'CREATE TABLE notes (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES parents (id) ON DELETE CASCADE)',
    'CREATE TABLE orders (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES parents (id))',
    'INSERT INTO notes VALUES (1, 1), (3, 3)',
    'INSERT INTO orders VALUES (2, 2)',
  )
  await onSource('DELETE FROM parents WHERE id < 3')
  await expect(sync('parents')).rejects.toMatchObject({ code: 'SHERD_REFERENCE_BLOCKED' })
  expect(await onShard('SELECT id FROM parents ORDER BY id')).toEqual([{ id: 2 }, { id: 3 }])
  expect(await onShard('SELECT id FROM notes')).toEqual([{ id: 3 }])
})
