import { expect } from 'vitest'
import { type Behaviour, failureOf, order } from './stage.ts'

/** The shard key travels by itself with a primary key of two columns; with a single id the scope must carry it. */
export const keyBehaviours: readonly Behaviour[] = [
  {
    title: 'a scope names the shard for code that has no key',
    needs: ['insert', 'listAll'],
    run: async ({ orm, sherd, here, far }) => {
      for (const user of [here, far]) await orm.insert(order(user, 1))
      expect(await sherd.withShardKey('product', far, () => orm.listAll())).toEqual([order(far, 1)])
    },
  },
  {
    title: 'a row with a single id is loaded, changed and saved in the scope of its key',
    needs: ['insertNote', 'changeNote'],
    run: async ({ orm, sherd, here, far }) => {
      const id = await orm.insertNote({ userId: here, text: 'first' })
      expect(await orm.insertNote({ userId: far, text: 'of the other server' })).toBe(id)
      const change = () => orm.changeNote(id, 'second')
      expect(await sherd.withShardKey('product', here, change)).toBe('second')
      const read = async (user: number) => {
        const connection = sherd.connection()
        const { rows } = await sherd.fresh(() =>
          connection.execute('SELECT text FROM notes WHERE user_id = ?', [user]),
        )
        connection.release()
        return rows
      }
      expect([await read(here), await read(far)]).toEqual([
        [{ text: 'second' }],
        [{ text: 'of the other server' }],
      ])
    },
  },
  {
    title: 'a row with a single id outside of a scope is refused',
    needs: ['insertNote', 'changeNote'],
    run: async ({ orm, subject, here }) => {
      const id = await orm.insertNote({ userId: here, text: 'first' })
      const error = await failureOf(orm.changeNote(id, 'second'))
      expect(subject.refusalCode(error)).toBe('SHERD_NO_SHARD_KEY')
    },
  },
  {
    title: 'one bulk insert on one logical shard gives the AUTO_INCREMENT ids of its rows',
    needs: ['insertNotes'],
    notOnSqlite: 'insertId is that of the last row',
    run: async ({ orm, sherd, here }) => {
      const texts = ['a', 'b', 'c']
      const ids = await orm.insertNotes(texts.map((text) => ({ userId: here, text })))
      const connection = sherd.connection()
      const { rows } = await sherd.fresh(() =>
        connection.execute('SELECT id, text FROM notes WHERE user_id = ? ORDER BY text', [here]),
      )
      connection.release()
      expect(rows).toEqual(texts.map((text, index) => ({ id: ids[index], text })))
    },
  },
  {
    title:
      'one bulk insert over several logical shards with AUTO_INCREMENT ids is refused, and nothing stays',
    needs: ['insertNotes'],
    notOnSqlite: 'insertId is that of the last row',
    run: async ({ orm, subject, sherd, here, near }) => {
      const notes = [here, near].map((userId) => ({ userId, text: 'note' }))
      const error = await failureOf(orm.insertNotes(notes))
      expect(subject.refusalCode(error)).toMatch(/^SHERD_SPLIT_(?:AUTO_INCREMENT|RETURNING)$/)
      const connection = sherd.connection()
      for (const user of [here, near]) {
        const { rows } = await sherd.fresh(() =>
          connection.execute('SELECT * FROM notes WHERE user_id = ?', [user]),
        )
        expect(rows).toEqual([])
      }
      connection.release()
    },
  },
]
