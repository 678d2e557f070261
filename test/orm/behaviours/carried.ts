import { expect } from 'vitest'
import { type Behaviour, failureOf, type Stage } from './stage.ts'

const needed = ['insertParcels', 'insertStops'] as const
const noParcels = 'the tables of ids are on MariaDB'

type Carried = Awaited<ReturnType<Stage['carried']>>

/** Two parcels of a user with two stops each. Gives what `parcelsOf` should. */
async function makeParcels({ sherd, orm }: Carried, userId: number) {
  const parcels = [1, 2].map((index) => ({ id: BigInt(userId * 10 + index), userId, text: 'parcel' }))
  const stops = parcels.flatMap(({ id }) =>
    [1n, 2n].map((index) => ({ id: id * 10n + index, parcelId: id, userId, text: 'stop' })),
  )
  // TypeORM asks for a row by its id before it saves it.
  await sherd.withShardKey('product', userId, async () => {
    await orm.insertParcels(parcels)
    await orm.insertStops(stops)
  })
  return parcels.map(({ id }) => ({ id, stops: [id * 10n + 1n, id * 10n + 2n] }))
}

/** Rows with single ids that tell no shard, and a relation over such an id. */
export const carriedBehaviours: readonly Behaviour[] = [
  {
    title:
      'a relation over a declared foreign key is joined outside of any scope: the foreign key carries the shard key',
    needs: [...needed, 'parcelsOf'],
    notOnSqlite: noParcels,
    run: async ({ carried, here, near, far }) => {
      const opened = await carried()
      for (const user of [here, near, far]) {
        const made = await makeParcels(opened, user)
        expect(await opened.orm.parcelsOf(user)).toEqual(made)
      }
    },
  },
  {
    title:
      'a relation that asks for rows by the id of their parent alone is refused with the remedy of the ORM, and read in the scope of the key',
    needs: [...needed, 'laterStopsOf'],
    notOnSqlite: noParcels,
    run: async ({ carried, subject, near, far }) => {
      const opened = await carried()
      const { orm, sherd } = opened
      for (const user of [near, far]) {
        const [parcel] = await makeParcels(opened, user)
        if (parcel === undefined) throw new Error('Two parcels.')
        const error = await failureOf(orm.laterStopsOf(user, parcel.id))
        expect(subject.refusalCode(error)).toBe('SHERD_NO_SHARD_KEY')
        expect(subject.ownRemedy).toBeDefined()
        expect((error as Error).message).toMatch(subject.ownRemedy ?? '')
        const read = () => orm.laterStopsOf(user, parcel.id)
        expect(await sherd.withShardKey('product', user, read)).toEqual(parcel.stops)
      }
    },
  },
]
