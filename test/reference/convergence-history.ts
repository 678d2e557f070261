/** What became of a transaction, as far as its writer knows. From `sent` on a copy may have its rows. */
export type Outcome = 'open' | 'sent' | 'committed' | 'rolledBack'

/** A transaction of a writer on the source. */
export interface WrittenTransaction {
  outcome: Outcome
}

/** A version's number, and why a copy must not hold it. */
interface Version {
  readonly transaction: WrittenTransaction
  hasFailed: boolean
}

/** Every version of every row that any writer made: one number for each statement, the later the higher. */
export class History {
  readonly #versions = new Map<number, Version>()
  #last = 0

  /** The highest number so far. */
  get last(): number {
    return this.#last
  }

  /** The number for the rows that the next statement of the transaction writes. */
  issue(transaction: WrittenTransaction): number {
    this.#last += 1
    this.#versions.set(this.#last, { transaction, hasFailed: false })
    return this.#last
  }

  /** The statement was refused by the server. */
  fail(version: number): void {
    const found = this.#versions.get(version)
    if (found !== undefined) found.hasFailed = true
  }

  /** Why a copy that was read before this call must not hold the version; undefined when it may. */
  findFault(version: number): string | undefined {
    const found = this.#versions.get(version)
    if (found === undefined) return 'was never written'
    if (found.hasFailed) return 'was refused by the source'
    switch (found.transaction.outcome) {
      case 'open':
        return 'is not committed'
      case 'rolledBack':
        return 'was rolled back'
      case 'sent':
      case 'committed':
        return undefined
    }
  }
}
