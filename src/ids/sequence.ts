import { SherdError } from '../errors/sherd-error.ts'
import { type AskDatabase, askTable } from '../locks/ask-database.ts'
import { readInsertId } from './read-insert-id.ts'
import { quoteName } from '../sql/quote-name.ts'

export interface SequenceOptions {
  /** Numbers taken from the table at once, 1 to 1,000,000. Default 100. Too low: a question for every few ids. Too high: larger gaps when a process ends. */
  readonly blockSize?: number
  /** The first number of a sequence that is new. Default 1. */
  readonly start?: bigint | number
  /** The table of all sequences, a plain name. Created when it is missing. Default: `sherd_sequences`. */
  readonly table?: string
}

/**
 * Numbers from a table, in blocks: each once over all processes, not quite in order between them, with gaps where a process ended or a write was
 * rolled back. They carry no logical shard.
 */
export class Sequence {
  readonly #ask: AskDatabase
  readonly #name: string
  readonly #blockSize: bigint
  readonly #start: bigint
  readonly #texts: ReturnType<typeof writeTexts>
  #next = 0n
  #end = 0n
  #filling: Promise<void> | undefined

  /** `ask` runs a statement on the primary that has the table. SHERD_ID_RANGE for a block size that is none. */
  constructor(ask: AskDatabase, name: string, options: SequenceOptions = {}) {
    const { blockSize = 100, start = 1, table = 'sherd_sequences' } = options
    if (!Number.isInteger(blockSize) || blockSize < 1 || blockSize > 1_000_000)
      throw new SherdError('SHERD_ID_RANGE', {
        message: 'The block size of a sequence is no whole number from 1 to 1,000,000.',
        remedy: 'Give blockSize as such a number.',
      })
    this.#ask = ask
    this.#name = name
    this.#blockSize = BigInt(blockSize)
    this.#start = BigInt(start)
    this.#texts = writeTexts(table)
  }

  /** The next number; asks the table when the block is used up. */
  async next(): Promise<bigint> {
    while (this.#next >= this.#end) {
      // One question for all who wait: whoever comes too late for this block asks for the next.
      this.#filling ??= this.#fill().finally(() => (this.#filling = undefined))
      await this.#filling
    }
    const number = this.#next
    this.#next += 1n
    return number
  }

  async #fill(): Promise<void> {
    const { texts, name, size } = { texts: this.#texts, name: this.#name, size: this.#blockSize }
    await askTable(this.#ask, texts, texts.create, [name, this.#start])
    const end = readInsertId(await this.#ask(texts.take, [size, name]))
    this.#next = end - size
    this.#end = end
  }
}

function writeTexts(table: string) {
  const name = quoteName(table, 'mysql')
  return {
    createTable: `CREATE TABLE IF NOT EXISTS ${name} (
      name VARBINARY(255) NOT NULL PRIMARY KEY,
      next_value BIGINT NOT NULL COMMENT 'the first number that no block has'
    ) ENGINE=InnoDB`,
    create: `INSERT IGNORE INTO ${name} (name, next_value) VALUES (?, ?)`,
    // The answer of the statement itself carries the value of LAST_INSERT_ID(x), so that no second statement has to find the same connection.
    take: `UPDATE ${name} SET next_value = LAST_INSERT_ID(next_value + ?) WHERE name = ?`,
  }
}
