import type { Random } from '../oracle/random.ts'
import * as values from './convergence-values.ts'
import type { MakeLiteral } from './convergence-values.ts'

/** Writers have rows of their own, so that the numbers of a row's versions grow in the order of its commits. */
export const ownerCount = 5

const keysPerOwner = 14

type Literals = Readonly<Record<string, string>>

/** One reference table of the world: what it looks like, and how hostile its writers are. */
export interface ConvergenceTable {
  readonly name: string
  readonly definition: string
  /** As given to `reference()`. */
  readonly cursor?: string
  readonly deletes?: { readonly column: string }
  /** Fractional digits of the cursor. */
  readonly cursorDigits: number
  /**
   * Its writers keep what the cursor asks of them: every write moves it to now, and rows are only marked as deleted.
   * Increments alone must then make the copies equal.
   */
  readonly isHonest: boolean
  /** Some of its rows are ahead of every clock, and stay so whenever they change. */
  readonly hasFutureRows?: boolean
  readonly makeKey: (random: Random, owner: number) => Literals
  /** A column with a unique key of its own, and its values. */
  readonly unique: { readonly column: string; readonly make: (random: Random, owner: number) => string }
  readonly columns: Readonly<Record<string, MakeLiteral>>
  readonly parent?: { readonly column: string; readonly table: string; readonly key: string }
}

const ownColumns = 'owner TINYINT NOT NULL, version BIGINT UNSIGNED NOT NULL'

/** Around zero, 2^53 and 2^63. AUTO_INCREMENT makes a number of its own for 0, unless told otherwise. */
function regionId(owner: number, index: number): string {
  const base = [0n, 2n ** 53n - 2n, 2n ** 63n - 2n][index % 3] ?? 0n
  return `${base + BigInt(owner * keysPerOwner + index)}`
}

const regions: ConvergenceTable = {
  name: 'regions',
  definition: `id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, ${ownColumns}, parent_id BIGINT UNSIGNED NULL,
    code VARCHAR(20) NULL, label TEXT, modified DATETIME(6) NOT NULL,
    touched TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    PRIMARY KEY (id), UNIQUE KEY (code), KEY (modified), KEY (parent_id),
    CONSTRAINT FOREIGN KEY (parent_id) REFERENCES regions (id) ON DELETE SET NULL`,
  cursor: 'modified',
  cursorDigits: 6,
  isHonest: false,
  // The first key is used more, so that 0 is nearly always there.
  makeKey: (random, owner) => ({ id: regionId(owner, random.chance(0.2) ? 0 : random.int(keysPerOwner)) }),
  unique: { column: 'code', make: (random, owner) => `'c${owner}-${random.int(keysPerOwner)}'` },
  columns: { label: values.orNull(values.text) },
  parent: { column: 'parent_id', table: 'regions', key: 'id' },
}

const products: ConvergenceTable = {
  name: 'products',
  definition: `id INT NOT NULL, ${ownColumns}, region_id BIGINT UNSIGNED NULL, sku VARCHAR(20) NULL,
    price DECIMAL(30,10), ratio FLOAT, weight DOUBLE, flags BIT(13), big BIGINT UNSIGNED, small BIGINT,
    doc JSON, hash BINARY(8), raw BLOB, note TEXT, plain VARCHAR(30) CHARACTER SET latin1,
    day DATE, moment DATETIME(6) NULL, seen TIMESTAMP(6) NULL, clock TIME(3), vintage YEAR,
    size ENUM('s','M','x l'), tags SET('a','b','c'), ref UUID, ip INET6,
    \`order\` VARCHAR(3000), \`is it? \`\`so\` INT,
    line VARCHAR(60) AS (CONCAT(id, '-', IFNULL(sku, ''))) VIRTUAL,
    twice DECIMAL(32,10) AS (price * 2) PERSISTENT,
    modified TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id), UNIQUE KEY (sku), UNIQUE KEY (line), KEY (modified, id), KEY (region_id),
    CONSTRAINT FOREIGN KEY (region_id) REFERENCES regions (id) ON DELETE CASCADE ON UPDATE CASCADE`,
  cursor: 'modified',
  cursorDigits: 0,
  isHonest: false,
  makeKey: (random, owner) => ({ id: `${(owner - 2) * keysPerOwner + random.int(keysPerOwner)}` }),
  unique: { column: 'sku', make: (random, owner) => `'s${owner}-${random.int(keysPerOwner)}'` },
  columns: {
    price: values.orNull(values.decimal),
    ratio: values.orNull(values.float),
    weight: values.orNull(values.double),
    flags: values.orNull(values.bits),
    big: values.orNull(values.bigUnsigned),
    small: values.orNull(values.bigSigned),
    doc: values.orNull(values.json),
    hash: values.orNull(values.bytes(8)),
    raw: values.orNull(values.bytes(64)),
    note: values.orNull(values.text),
    plain: values.orNull(values.latinText),
    day: values.orNull(values.date),
    moment: values.orNull(values.moment),
    seen: values.orNull(values.instant),
    clock: values.orNull(values.time),
    vintage: values.orNull(values.year),
    size: values.orNull(values.choice),
    tags: values.orNull(values.choices),
    ref: values.orNull(values.uuid),
    ip: values.orNull(values.address),
    '`order`': values.orNull(values.text),
    '`is it? ``so`': (random) => `${random.int(9)}`,
  },
  parent: { column: 'region_id', table: 'regions', key: 'id' },
}

const prices: ConvergenceTable = {
  name: 'prices',
  definition: `product INT NOT NULL, currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, since DATE NOT NULL,
    ${ownColumns}, place INT NULL, amount DECIMAL(20,6), modified DATETIME NOT NULL, deleted_at DATETIME NULL,
    PRIMARY KEY (product, currency, since), UNIQUE KEY (place), KEY (modified)`,
  cursor: 'modified',
  deletes: { column: 'deleted_at' },
  cursorDigits: 0,
  isHonest: true,
  makeKey: (random, owner) => ({
    product: `${owner}`,
    currency: `'${random.pick(['EUR', 'eur', 'USD'])}'`,
    since: `'2026-01-0${1 + random.int(5)}'`,
  }),
  unique: {
    column: 'place',
    make: (random, owner) => `${owner * keysPerOwner + random.int(keysPerOwner)}`,
  },
  columns: { amount: values.orNull((random) => `${random.int(1_000)}.${random.int(1_000)}`) },
}

const slots: ConvergenceTable = {
  name: 'slots',
  definition: `id BINARY(3) NOT NULL, ${ownColumns}, place VARCHAR(10) NULL, label TEXT,
    modified DATETIME(6) NOT NULL, deleted TINYINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id), UNIQUE KEY (place), KEY (modified)`,
  cursor: 'modified',
  deletes: { column: 'deleted' },
  cursorDigits: 6,
  isHonest: true,
  hasFutureRows: true,
  makeKey: (random, owner) => ({ id: `X'${random.pick(['00', '20', 'ff'])}0${owner}0${random.int(6)}'` }),
  unique: { column: 'place', make: (random, owner) => `'p${owner}-${random.int(keysPerOwner)}'` },
  columns: { label: values.orNull(values.text) },
}

/** One key in several spellings. */
const spellings: readonly ((word: string) => string)[] = [
  (word) => word,
  (word) => word.toUpperCase(),
  (word) => `${word} `,
  (word) => word.replace('e', '\u00e9'),
]

const labels: ConvergenceTable = {
  name: 'labels',
  definition: `word VARCHAR(40) COLLATE utf8mb4_unicode_ci NOT NULL, ${ownColumns}, rank_no INT NULL, note TEXT,
    modified TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (word), UNIQUE KEY (rank_no), KEY (modified)`,
  cursor: 'modified',
  cursorDigits: 3,
  isHonest: false,
  makeKey: (random, owner) => ({
    word: values.quoteText(random.pick(spellings)(`wer${owner}e${random.int(keysPerOwner)}`)),
  }),
  unique: {
    column: 'rank_no',
    make: (random, owner) => `${owner * keysPerOwner + random.int(keysPerOwner)}`,
  },
  columns: { note: values.orNull(values.text) },
}

const settings: ConvergenceTable = {
  name: 'settings',
  definition: `id VARBINARY(8) NOT NULL, ${ownColumns}, rank_no INT NULL, doc JSON, ratio FLOAT, weight DOUBLE,
    flags BIT(13), PRIMARY KEY (id), UNIQUE KEY (rank_no)`,
  cursorDigits: 0,
  isHonest: false,
  makeKey: (random, owner) => ({
    id: `X'0${owner}${random.pick(['', '00', '20', '2000', '5c', 'ff', '27', '41', '61'])}'`,
  }),
  unique: {
    column: 'rank_no',
    make: (random, owner) => `${owner * keysPerOwner + random.int(keysPerOwner)}`,
  },
  columns: {
    doc: values.orNull(values.json),
    ratio: values.orNull(values.float),
    weight: values.orNull(values.double),
    flags: values.orNull(values.bits),
  },
}

/** Parents before children. */
export const convergenceTables: readonly ConvergenceTable[] = [
  regions,
  products,
  prices,
  slots,
  labels,
  settings,
]
