import { randomInt, randomUUID } from 'node:crypto'

import type { AskDatabase } from '../locks/ask-database.ts'
import { readInsertId } from './read-insert-id.ts'
import { quoteName } from '../sql/quote-name.ts'

/** The `uuid4` strategy of Django-Shard-Library: 32 hexadecimal digits without hyphens. */
export function djangoUuid4(): string {
  return randomUUID().replaceAll('-', '')
}

/**
 * The `table` strategy of Django-Shard-Library: a row in a table that has nothing but an AUTO_INCREMENT column, in an unsharded database. The table grows
 * with every id; for new tables take a `Sequence`.
 */
export async function djangoTableId(ask: AskDatabase, table: string): Promise<bigint> {
  return readInsertId(await ask(`INSERT INTO ${quoteName(table, 'mysql')} () VALUES ()`, []))
}

/** What `djangoNanosecondId` takes from outside. */
export interface NanosecondIdOptions {
  /** Microseconds since 1970. Default: the clock of the process. */
  readonly nowMicroseconds?: () => bigint
  /** A whole number from 0 to 7. Default: random. */
  readonly chance?: () => number
}

/**
 * The `nanosecond` strategy of Django-Shard-Library: microseconds since 1970, the shard key modulo 1,024 in 10 bits, 3 random bits. For BIGINT UNSIGNED
 * columns only: since 2005-09-05 the numbers are above 2^63 - 1, which a signed column refuses or, without strict mode, cuts to one
 * and the same number. From 2041-05-10 on they are above 64 bits. Two rows of one key in the same microsecond get the same id in one of eight
 * cases, and nothing holds the number of a process: for new tables take `timeId`. Vectors: test/vectors/nanosecond-ids.json.
 */
export function djangoNanosecondId(
  shardKey: bigint | number,
  { nowMicroseconds = presentMicroseconds, chance = () => randomInt(8) }: NanosecondIdOptions = {},
): bigint {
  const key = BigInt(shardKey)
  // Python's modulo is never negative; BigInt's takes the sign of the key.
  const bits = ((key % 1_024n) + 1_024n) % 1_024n
  return (nowMicroseconds() << 13n) | (bits << 3n) | BigInt(chance())
}

function presentMicroseconds(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000))
}
