import type * as Root from '../../src/index.ts'
import type { Build } from '../compiled.ts'

/** Where an ORM works: on sherd, or on plain mysql2 with one database that has all rows. */
export type Side =
  | { readonly kind: 'sherd'; readonly sherd: Root.Sherd; readonly build: Build }
  | { readonly kind: 'plain'; readonly url: string; readonly build: Build }

/** Connections each side may have; as many as workers at most, so that no side waits for one. */
export const connectionLimit = 16

export interface Cart {
  readonly userId: number
  readonly id: number
  readonly cents: number
}

export interface CartEvent {
  readonly userId: number
  readonly id: number
  readonly note: string
}

/** Carts whose newest come on a page. */
export const pageSize = 3

/** The work that is measured, each in the ORM's own calls. */
export interface CartOrm {
  readonly find: (userId: number, id: number) => Promise<unknown>
  readonly insert: (event: CartEvent) => Promise<unknown>
  /** One transaction of three statements: an event, the cents of a cart set, and the cart read. */
  readonly change: (event: CartEvent, cart: Cart) => Promise<unknown>
  /** The newest carts of a user with their items. */
  readonly page: (userId: number) => Promise<readonly unknown[]>
  readonly close: () => Promise<unknown>
}

/** Opens an ORM on a side. */
export type OpenCarts = (side: Side) => Promise<CartOrm>
