import type { Random } from './random.ts'

/** Rows the chains are evaluated on: small values, so that groupings differ, and NULLs. */
export const valueRows = `(
  SELECT 0 AS a, 1 AS b, 2 AS c, 3 AS d, 'a' AS s, '1' AS t, 1.5 AS f, '2020-01-31' AS x
  UNION ALL SELECT 1, 0, 0, 1, 'b', '0', 0.5, '2020-02-28'
  UNION ALL SELECT 2, 2, 1, 0, '1', '2', 2.0, '2021-12-31'
  UNION ALL SELECT 3, 1, 3, 2, '0', 'a', -1.5, '1999-01-01'
  UNION ALL SELECT 1, 1, 1, 1, '1', '1', 1.0, '2020-01-01'
  UNION ALL SELECT 0, 0, 0, 0, '0', '0', 0.0, '2020-03-01'
  UNION ALL SELECT NULL, 1, 0, 2, 'A', 'a', 3.5, '2020-02-29'
  UNION ALL SELECT 1, NULL, 2, 0, 'ab', NULL, 0.1, NULL
  UNION ALL SELECT 5, 3, NULL, 7, 'a', 'b', NULL, '2000-06-15'
  UNION ALL SELECT -1, 2, 1, NULL, '3', '3', 0.0, '2020-10-10'
  UNION ALL SELECT 4, -2, 3, 1, '-1', '2', 2.5, '2024-02-29'
  UNION ALL SELECT 0, 7, -3, 6, '', '%', 1.0, '2020-01-01'
) AS vals`

const columns = ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd', 's', 't', 'f', 'x'] as const
const literals = ['0', '1', '2', '3', "'a'", "'1'", "'%'", 'NULL', 'TRUE', '0.5', "_utf8mb4'b'", 'x'] as const
const prefixes = ['NOT ', 'NOT ', 'NOT NOT ', '- ', '-', '+', '! ', '!', 'BINARY ', '~'] as const
const logical = ['AND', 'OR', 'AND', 'OR', 'XOR', '&&', '||'] as const
const comparisons = ['=', '<>', '!=', '<', '<=', '>', '>=', '<=>'] as const
const arithmetic = ['+', '-', '*', '/', '%', 'DIV', 'MOD', '|', '&', '<<', '>>', '^', '||'] as const
const truths = ['NULL', 'TRUE', 'FALSE', 'UNKNOWN', 'NOT NULL', 'NOT TRUE', 'NOT FALSE'] as const

/** A chain of operators, most of them without parentheses. */
export function makeChain(random: Random, depth = 2): string {
  const variable = depth === 2 && random.oneIn(40) ? '@v := ' : ''
  let text = variable + makeOperand(random, depth)
  let isBehindPredicate = false
  for (let left = 1 + random.below(6); left > 0; left--) {
    // Most operators behind a predicate are refused; without this there would be few chains to compare.
    const isLoose: boolean = isBehindPredicate && !random.oneIn(6)
    const choice: number = isLoose ? random.below(5) : random.below(12)
    isBehindPredicate = choice >= 10
    if (choice < 3) text += ` ${random.pick(logical)} ${makeOperand(random, depth)}`
    else if (choice < 5) text += ` ${random.pick(comparisons)} ${makeOperand(random, depth)}`
    else if (choice < 10) text += makeArithmetic(random, depth)
    else text += makePredicate(random, depth)
  }
  return text
}

function makeArithmetic(random: Random, depth: number): string {
  if (random.oneIn(15)) return ` ${random.pick(['+', '-'])} ${makeInterval(random, depth)}`
  return ` ${random.pick(arithmetic)} ${makeOperand(random, depth)}`
}

function makeInterval(random: Random, depth: number): string {
  const amount = random.oneIn(3) ? makeSum(random, depth) : makeOperand(random, depth)
  return `INTERVAL ${amount} ${random.pick(['DAY', 'MONTH', 'YEAR', 'HOUR'])}`
}

function makeOperand(random: Random, depth: number): string {
  const prefix = random.oneIn(4) ? random.pick(prefixes) : ''
  const suffix = random.oneIn(12) ? ` COLLATE ${random.pick(['utf8mb4_bin', 'utf8mb4_general_ci'])}` : ''
  return prefix + makeAtom(random, depth) + suffix
}

function makeAtom(random: Random, depth: number): string {
  if (depth > 0 && random.oneIn(8)) return `(${makeChain(random, depth - 1)})`
  if (random.oneIn(60)) return `${makeInterval(random, depth)} + x`
  if (random.oneIn(60)) return `(a, ${random.pick(columns)}) = (b, ${random.pick(literals)})`
  if (random.oneIn(40)) return `IFNULL(${makeSum(random, depth)}, ${random.pick(columns)})`
  return random.oneIn(3) ? random.pick(literals) : random.pick(columns)
}

function makeSum(random: Random, depth: number): string {
  const first = makeOperand(random, depth)
  return random.oneIn(2) ? first : `${first} ${random.pick(arithmetic)} ${makeOperand(random, depth)}`
}

function makePredicate(random: Random, depth: number): string {
  const not = random.oneIn(3) ? 'NOT ' : ''
  switch (random.below(7)) {
    case 0:
      return ` IS ${random.pick(truths)}`
    case 1:
      return ` ${not}IN (${random.list(1, 3, () => (random.oneIn(5) ? makeChain(random, 0) : makeOperand(random, 0))).join(', ')})`
    case 2:
    case 3:
      return ` ${not}BETWEEN ${makeSum(random, depth)} AND ${makeSum(random, depth)}`
    case 4:
      return ` ${not}LIKE ${makeSum(random, depth)}${random.oneIn(4) ? " ESCAPE '!'" : ''}`
    case 5:
      return ` ${not}${random.pick(['REGEXP', 'RLIKE'])} ${makeSum(random, depth)}`
    default:
      return ` SOUNDS LIKE ${makeSum(random, depth)}`
  }
}
