import type { ShopData } from './data.ts'
import { createRandom } from './random.ts'

const words = [
  'ACADEMY',
  'BIRD',
  'CIRCUS',
  'DESERT',
  'ELEPHANT',
  'FOREST',
  'GARDEN',
  'HARBOUR',
  'ISLAND',
  'JUNGLE',
]
const categories = ['Action', 'Animation', 'Comedy', 'Drama', 'Family', 'Horror', 'Music', 'Travel']
const names = ['ADA', 'BEN', 'CLARA', 'DAN', 'EVA', 'FRED', 'GINA', 'HUGO', 'IDA', 'JON', 'KIM', 'LEO', 'MIA']
const firstDay = Date.UTC(2005, 4, 24)
const hour = 3_600_000

/** Invented data with as many rows as Sakila has; the same on every call. */
export function generateShop(): ShopData {
  const random = createRandom(20_050_524)
  const upTo = (limit: number) => 1 + Math.floor(random() * limit)
  const pick = (list: readonly string[]) => list[upTo(list.length) - 1] ?? ''
  const person = () => ({ first_name: pick(names), last_name: `${pick(names)}SON` })
  const rental = count(16_044, (rental_id) => {
    const rentedAt = firstDay + rental_id * 0.13 * hour
    const return_date = random() < 0.99 ? toTime(rentedAt + upTo(200) * hour) : null
    const who = { customer_id: upTo(599), inventory_id: upTo(4581), staff_id: upTo(2) }
    return { ...who, rental_id, rental_date: toTime(rentedAt), return_date }
  })
  // Sakila has five payments that belong to no rental.
  const payment = count(16_049, (payment_id) => {
    const paid = rental[payment_id - 1]
    return {
      customer_id: paid?.customer_id ?? upTo(599),
      payment_id,
      rental_id: paid?.rental_id ?? null,
      staff_id: paid?.staff_id ?? 1,
      amount_cents: upTo(11) * 100 - 1,
      payment_date: paid?.rental_date ?? toTime(firstDay),
    }
  })
  return {
    customer: count(599, (customer_id) => {
      const { first_name, last_name } = person()
      const email = `${first_name}.${last_name}.${customer_id}@shop.example`
      return { customer_id, store_id: upTo(2), first_name, last_name, email }
    }),
    rental,
    payment,
    film: count(1000, (film_id) => ({
      film_id,
      title: `${pick(words)} ${pick(words)} ${film_id}`,
      length: 45 + upTo(140),
      rental_duration: 3 + (film_id % 5),
      rental_rate_cents: [99, 299, 499][upTo(3) - 1] ?? 99,
    })),
    category: categories.map((name, index) => ({ category_id: index + 1, name })),
    film_category: count(1000, (film_id) => ({ film_id, category_id: 1 + (film_id % categories.length) })),
    actor: count(200, (actor_id) => ({ actor_id, ...person() })),
    film_actor: count(5462, (n) => ({
      actor_id: 1 + (n % 200),
      film_id: 1 + ((Math.floor(n / 200) * 37 + n) % 1000),
    })),
    inventory: count(4581, (inventory_id) => ({ inventory_id, film_id: upTo(1000), store_id: upTo(2) })),
    staff: count(2, (staff_id) => ({ staff_id, ...person(), store_id: staff_id })),
    store: count(2, (store_id) => ({ store_id, manager_staff_id: store_id })),
  }
}

function count<T>(length: number, make: (id: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index + 1))
}

function toTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
