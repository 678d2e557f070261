import type { Kysely } from 'kysely'
import { type Sherd, SherdError } from 'sherd'
import type { ShopData } from './data.ts'
import { readTitles } from './drizzle.ts'
import type { Shop } from './schema.ts'
import { readHistory, recordReturn, renameBoth, sumPayments } from './shop.ts'

/** Shows what an application does with the shop, and what is refused. Fails when something goes otherwise. */
export async function tourShop(sherd: Sherd, db: Kysely<Shop>, data: ShopData): Promise<number> {
  const [customer] = data.customer
  const elsewhere = data.customer.find(
    (other) => serverOf(sherd, other.customer_id) !== serverOf(sherd, customer?.customer_id),
  )
  if (customer === undefined || elsewhere === undefined)
    throw new Error('The shop needs customers on both servers.')
  const id = customer.customer_id

  console.log(`\nCustomer ${id} lives on ${sherd.locate('shop', id).name}. History, through Kysely:`)
  console.table(await readHistory(db, id, 3))
  console.log('The same through Drizzle:')
  console.table(await readTitles(sherd, id, 3))

  console.log('A return and a late fee for it, in one transaction:')
  await returnNewest(db, data, id)
  console.table(await readHistory(db, id, 2))

  await expectRefusal('A sum over all customers', () => sumPayments(db))
  await expectRefusal(`Customers ${id} and ${elsewhere.customer_id} in one transaction`, () =>
    renameBoth(db, [id, elsewhere.customer_id], 'SMITH'),
  )
  const { last_name } = await db
    .selectFrom('customer')
    .where('customer_id', '=', id)
    .select('last_name')
    .executeTakeFirstOrThrow()
  if (last_name !== customer.last_name) throw new Error('The refused transaction was not rolled back.')
  console.log(`Rolled back: the name of customer ${id} is still ${last_name}.`)
  return 1
}

function serverOf(sherd: Sherd, customerId: number | undefined): string {
  return sherd.locate('shop', customerId).server.id
}

async function returnNewest(db: Kysely<Shop>, data: ShopData, customerId: number): Promise<void> {
  const [newest] = await readHistory(db, customerId, 1)
  if (newest === undefined) throw new Error(`Customer ${customerId} has rented nothing.`)
  const payment_id = data.payment.reduce((highest, row) => Math.max(highest, row.payment_id), 0) + 1
  const payment = { payment_id, staff_id: 1, amount_cents: 150, time: '2006-03-01 12:00:00' }
  await recordReturn(db, { customer_id: customerId, rental_id: newest.rental_id, ...payment })
}

async function expectRefusal(title: string, run: () => Promise<unknown>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    console.log(`\n${title}: refused.\n  ${error.code}: ${error.message}`)
    return
  }
  throw new Error(`${title} should have been refused.`)
}
