import { type Term, type TermMaker, anyTerm, anyColumn } from './scatter-terms.ts'
import { type Part, choice, sql } from './statement-tree.ts'

/** An aggregate; with `isPlain` one whose value is a number and the same whichever of equal strings is taken. */
export function makeAggregate(maker: TermMaker, isPlain = false): Term {
  const { random, dialect } = maker
  const number = (part: Part, kind: Term['kind'] = 'integer'): Term => ({ kind, part })
  const addable = () => anyTerm(maker, ['integer', 'integer', 'decimal', 'double', 'float']).part
  const distinct = () => random.pick(['', '', '', 'DISTINCT '])
  const bits = dialect === 'mysql' ? 2 : 0
  return random.weigh<Term>([
    [3, () => number('COUNT(*)')],
    [2, () => number(sql`COUNT(${anyTerm(maker).part})`)],
    [3, () => number(sql`COUNT(DISTINCT ${anyTerm(maker).part})`)],
    [bits / 2, () => number(sql`COUNT(DISTINCT ${anyTerm(maker).part}, ${anyColumn(maker).part})`)],
    [5, () => number(sql`SUM(${distinct()}${addable()})`, 'decimal')],
    [4, () => number(sql`AVG(${distinct()}${addable()})`, 'decimal')],
    [
      isPlain ? 0 : 5,
      () => {
        const term = comparable(maker)
        return { ...term, isUnique: false, part: sql`${random.pick(['MIN', 'MAX'])}(${term.part})` }
      },
    ],
    [
      isPlain ? 0 : bits,
      () => number(sql`BIT_${random.pick(['AND', 'OR', 'XOR'])}(${anyColumn(maker, ['integer']).part})`),
    ],
    [isPlain ? 0 : bits, () => concatenate(maker)],
    [2, () => number(choice(sql`COALESCE(SUM(${addable()}), 0)`, 'COUNT(*)'), 'decimal')],
    [1, () => number(choice(sql`ROUND(SUM(${addable()}) / COUNT(*), 2)`, 'COUNT(*)'), 'decimal')],
    [1, () => number(sql`SUM(CASE WHEN ${anyColumn(maker).part} IS NULL THEN 1 ELSE 0 END)`, 'decimal')],
  ])
}

/** An aggregate of a column whose values are exact. */
export function makePlainAggregate(maker: TermMaker): Term {
  const { random, dialect } = maker
  const exact = () => anyColumn(maker, ['integer', 'decimal'])
  const kinds: readonly Term['kind'][] = ['integer', 'decimal', 'date', 'datetime']
  return random.weigh<Term>([
    [1, () => ({ kind: 'integer', part: 'COUNT(*)' })],
    [1, () => ({ kind: 'integer', part: sql`COUNT(${anyColumn(maker).part})` })],
    [3, () => ({ kind: 'decimal', part: sql`SUM(${exact().part})` })],
    [4, () => ({ kind: 'decimal', part: sql`AVG(${exact().part})` })],
    [
      3,
      () => {
        const { kind, part } = anyColumn(maker, kinds)
        return { kind, part: sql`${random.pick(['MIN', 'MAX'])}(${part})` }
      },
    ],
    [
      dialect === 'mysql' ? 1 : 0,
      () => ({
        kind: 'integer',
        part: sql`BIT_${random.pick(['AND', 'OR', 'XOR'])}(${anyColumn(maker, ['integer']).part})`,
      }),
    ],
  ])
}

/**
 * What MIN and MAX are taken of. Of a computed integer MariaDB 10.11 calls them INT or BIGINT, and of an ENUM CHAR or
 * VARCHAR, by how it runs the statement, so that one database too answers the same in two ways.
 */
function comparable(maker: TermMaker): Term {
  const term = anyTerm(maker)
  const isColumn = typeof term.part === 'string'
  const isSteady = term.kind === 'integer' ? isColumn : term.kind !== 'enum' && term.kind !== 'set'
  return maker.dialect === 'sqlite' || isSteady
    ? term
    : anyColumn(maker, ['integer', 'decimal', 'string', 'datetime'])
}

/** GROUP_CONCAT in one order only: by a number that no two rows have, or of whole values in their own order. */
function concatenate(maker: TermMaker): Term {
  const { random, sources } = maker
  const separator = random.pick(['', '', " SEPARATOR '; '", " SEPARATOR ''"])
  const [first] = sources
  const id = first === undefined || first.alias === '' ? 'id' : `${first.alias}.id`
  if (sources.length > 1 || random.chance(0.4)) {
    const { part } = anyColumn(maker, ['integer', 'decimal', 'date', 'datetime', 'time'])
    return {
      kind: 'string',
      part: sql`GROUP_CONCAT(DISTINCT ${part} ORDER BY ${part}${random.pick(['', ' DESC'])}${separator})`,
    }
  }
  const { part } = anyTerm(maker, [
    'integer',
    'decimal',
    'double',
    'date',
    'datetime',
    'time',
    'string',
    'year',
  ])
  const before = random.chance(0.5)
    ? sql`${anyColumn(maker, ['integer', 'string', 'datetime', 'decimal']).part} DESC, `
    : ''
  return {
    kind: 'string',
    part: sql`GROUP_CONCAT(${part} ORDER BY ${before}${id}${random.pick(['', ' DESC'])}${separator})`,
  }
}
