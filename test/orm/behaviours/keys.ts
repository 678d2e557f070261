import { expect } from 'vitest'
import { fixedWorker, type Ids, openTimeIds } from '../../../src/ids/index.ts'
import type { Sherd } from '../../../src/facade/sherd.ts'
import type { Parcel, Stop } from '../behaviour.ts'
import { type Behaviour, failureOf, order } from './stage.ts'

const parcelOperations = ['insertParcels', 'insertStops', 'changeParcel', 'removeParcel', 'stopsOf'] as const
const noBigNumbers = 'the tables of ids are on MariaDB'

/** A parcel of each user with two stops. */
async function makeParcels(
  sherd: Sherd,
  users: readonly number[],
): Promise<readonly { readonly parcel: Parcel; readonly stops: readonly Stop[] }[]> {
  const ids: Ids<bigint> = await openTimeIds({ workers: fixedWorker(1) })
  const made = users.map((userId) => {
    const shard = sherd.locate('product', userId)
    const parcel = { id: ids.next(shard), userId, text: `of ${userId}` }
    const stop = (text: string) => ({ id: ids.next(shard), userId, parcelId: parcel.id, text })
    return { parcel, stops: [stop('first'), stop('second')] }
  })
  await ids.close()
  return made
}

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
      if (subject.ownRemedy !== undefined) expect((error as Error).message).toMatch(subject.ownRemedy)
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
  {
    title:
      'a row whose id carries the logical shard is loaded, changed, saved and removed by the id alone, outside of any scope',
    needs: parcelOperations,
    notOnSqlite: noBigNumbers,
    run: async ({ orm, sherd, here, near, far }) => {
      const made = await makeParcels(sherd, [here, near, far])
      const [ofHere, ofNear, ofFar] = made.map(({ parcel }) => parcel)
      if (ofHere === undefined || ofNear === undefined || ofFar === undefined)
        throw new Error('Three parcels.')
      await orm.insertParcels([ofHere, ofNear])
      await orm.insertParcels([ofFar])
      expect(await orm.changeParcel(ofNear.id, 'new')).toBe('new')
      await orm.removeParcel(ofFar.id)
      const read = (user: number) =>
        sherd.withShardKey('product', user, async () => {
          const connection = sherd.connection()
          const { rows } = await sherd.fresh(() =>
            connection.execute('SELECT CAST(id AS CHAR) AS id, text FROM parcels'),
          )
          connection.release()
          return rows
        })
      expect([await read(here), await read(near), await read(far)]).toEqual([
        [{ id: String(ofHere.id), text: ofHere.text }],
        [{ id: String(ofNear.id), text: 'new' }],
        [],
      ])
    },
  },
  {
    title: 'a relation over ids that carry the logical shard is loaded outside of any scope',
    needs: parcelOperations,
    notOnSqlite: noBigNumbers,
    run: async ({ orm, sherd, here, near, far }) => {
      const made = await makeParcels(sherd, [here, near, far])
      for (const { parcel, stops } of made) {
        await orm.insertParcels([parcel])
        await orm.insertStops(stops)
      }
      for (const { parcel, stops } of made)
        expect(await orm.stopsOf(parcel.id)).toEqual(stops.map(({ id }) => id))
    },
  },
]
