import type { Sherd } from 'sherd'

/** A question over all customers, as one SELECT that any database with all rows would answer the same. */
export interface Report {
  readonly title: string
  readonly sql: string
}

type Dialect = Sherd['topology']['dialect']

/** Rentals and what was rented. */
export const rentedFilms = 'rental r JOIN inventory i ON i.inventory_id = r.inventory_id'
/** A payment and its rental have one customer, and so one logical shard. */
const paidRentals =
  'payment p JOIN rental r ON r.customer_id = p.customer_id AND r.rental_id = p.rental_id JOIN inventory i ON i.inventory_id = r.inventory_id'

/** Whole days between a rental and its return. */
function daysOut(dialect: Dialect): string {
  return dialect === 'sqlite'
    ? 'CAST(julianday(date(r.return_date)) - julianday(date(r.rental_date)) AS INTEGER)'
    : 'DATEDIFF(r.return_date, r.rental_date)'
}

export const revenuePerMonth: Report = {
  title: 'Revenue per month',
  sql: `SELECT SUBSTR(p.payment_date, 1, 7) AS month, COUNT(*) AS payments, SUM(p.amount_cents) AS cents
    FROM payment p GROUP BY SUBSTR(p.payment_date, 1, 7) ORDER BY 1`,
}

export const topCustomers: Report = {
  title: 'Customers who paid most',
  sql: `SELECT c.customer_id, c.first_name, c.last_name, SUM(p.amount_cents) AS cents
    FROM customer c JOIN payment p ON p.customer_id = c.customer_id
    GROUP BY c.customer_id, c.first_name, c.last_name ORDER BY cents DESC, c.customer_id LIMIT 5`,
}

/** Reports that ask all logical shards at once. */
export function listReports(dialect: Dialect): readonly Report[] {
  const days = daysOut(dialect)
  return [
    revenuePerMonth,
    topCustomers,
    {
      title: 'Late returns per store',
      sql: `SELECT i.store_id, COUNT(*) AS late, MAX(${days} - f.rental_duration) AS worst_days
        FROM ${rentedFilms} JOIN film f ON f.film_id = i.film_id
        WHERE ${days} > f.rental_duration GROUP BY i.store_id ORDER BY i.store_id`,
    },
    {
      title: 'Average rental time per category, in days',
      sql: `SELECT g.name, COUNT(*) AS rentals, AVG(${days}) AS days
        FROM ${rentedFilms} JOIN film_category fg ON fg.film_id = i.film_id
        JOIN category g ON g.category_id = fg.category_id
        GROUP BY g.name ORDER BY AVG(${days}) DESC, g.name`,
    },
    {
      title: 'Longest out and not returned',
      sql: `SELECT c.last_name, c.email, f.title, r.rental_date
        FROM ${rentedFilms} JOIN film f ON f.film_id = i.film_id
        JOIN customer c ON c.customer_id = r.customer_id
        WHERE r.return_date IS NULL ORDER BY r.rental_date, r.rental_id LIMIT 20`,
    },
    {
      title: 'Films rented most',
      sql: `SELECT f.film_id, f.title, COUNT(*) AS rentals, COUNT(DISTINCT r.customer_id) AS customers
        FROM ${rentedFilms} JOIN film f ON f.film_id = i.film_id
        GROUP BY f.film_id, f.title HAVING COUNT(*) > 20 ORDER BY rentals DESC, f.film_id LIMIT 10`,
    },
    {
      title: 'Revenue per store and month',
      sql: `SELECT s.store_id, SUBSTR(p.payment_date, 1, 7) AS month, SUM(p.amount_cents) AS cents, AVG(p.amount_cents) AS average
        FROM payment p JOIN staff s ON s.staff_id = p.staff_id
        GROUP BY s.store_id, SUBSTR(p.payment_date, 1, 7) ORDER BY 1, 2`,
    },
    {
      title: 'Loyal customers: more than 30 rentals',
      sql: `SELECT COUNT(*) AS customers, MAX(loyal.rentals) AS most, SUM(loyal.rentals) AS together
        FROM (SELECT customer_id, COUNT(*) AS rentals FROM rental GROUP BY customer_id HAVING COUNT(*) > 30) loyal`,
    },
    {
      title: 'Actors whose films earned most',
      sql: `SELECT a.actor_id, a.first_name, a.last_name, SUM(p.amount_cents) AS cents
        FROM ${paidRentals} JOIN film_actor fa ON fa.film_id = i.film_id JOIN actor a ON a.actor_id = fa.actor_id
        GROUP BY a.actor_id, a.first_name, a.last_name ORDER BY SUM(p.amount_cents) DESC, a.actor_id LIMIT 10`,
    },
  ]
}

/** What `listUnrented` answers, for a database that has all rows. */
export const unrentedSql = `SELECT film_id, title FROM film f
  WHERE NOT EXISTS (SELECT 1 FROM ${rentedFilms} WHERE i.film_id = f.film_id) ORDER BY film_id`
