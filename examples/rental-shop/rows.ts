/** Sakila's tables, as far as the shop needs them. Money is in cents; times are text, because SQLite has no type for them. */
export interface Shop {
  customer: {
    customer_id: number
    store_id: number
    first_name: string
    last_name: string
    email: string | null
  }
  rental: {
    customer_id: number
    rental_id: number
    inventory_id: number
    staff_id: number
    rental_date: string
    return_date: string | null
  }
  payment: {
    customer_id: number
    payment_id: number
    rental_id: number | null
    staff_id: number
    amount_cents: number
    payment_date: string
  }
  film: {
    film_id: number
    title: string
    length: number | null
    /** Days. */
    rental_duration: number
    rental_rate_cents: number
  }
  category: { category_id: number; name: string }
  film_category: { film_id: number; category_id: number }
  actor: { actor_id: number; first_name: string; last_name: string }
  film_actor: { actor_id: number; film_id: number }
  inventory: { inventory_id: number; film_id: number; store_id: number }
  staff: { staff_id: number; first_name: string; last_name: string; store_id: number }
  store: { store_id: number; manager_staff_id: number }
}
