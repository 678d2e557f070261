/**
 * A statement as the generator made it: text with markers, and the places where something may be left out.
 * That is all a failing statement needs to be made smaller.
 */
export type Part =
  | string
  | { readonly kind: 'marker'; readonly value: unknown }
  | { readonly kind: 'sequence'; readonly parts: readonly Part[] }
  | { readonly kind: 'list'; readonly separator: string; readonly items: readonly Part[] }
  | { readonly kind: 'optional'; readonly part: Part }
  /** May be replaced by one of the simpler parts. */
  | { readonly kind: 'choice'; readonly part: Part; readonly simpler: readonly Part[] }
  /** Prints nothing; says that the rows have one order only. */
  | { readonly kind: 'ordered' }

export interface Printed {
  readonly sql: string
  readonly values: readonly unknown[]
  readonly isOrdered: boolean
}

/** `sql` as a tag of template strings makes a sequence. */
export function sql(texts: TemplateStringsArray, ...parts: readonly Part[]): Part {
  return { kind: 'sequence', parts: texts.flatMap((text, index) => [text, parts[index] ?? '']) }
}

export function marker(value: unknown): Part {
  return { kind: 'marker', value }
}

/** Items of which all but one may be left out. */
export function list(separator: string, items: readonly Part[]): Part {
  return { kind: 'list', separator, items }
}

export function optional(part: Part): Part {
  return { kind: 'optional', part }
}

/** `part`, or for a smaller statement one of the others. */
export function choice(part: Part, ...simpler: readonly Part[]): Part {
  return { kind: 'choice', part, simpler }
}

/** A list of which nothing may be left out. */
export function fixedList(items: readonly Part[]): Part {
  return { kind: 'sequence', parts: items.flatMap((item, index) => (index === 0 ? [item] : [', ', item])) }
}

export const ordered: Part = { kind: 'ordered' }

export function print(part: Part): Printed {
  const texts: string[] = []
  const values: unknown[] = []
  let isOrdered = false
  const visit = (one: Part): void => {
    if (typeof one === 'string') texts.push(one)
    else if (one.kind === 'marker') {
      texts.push('?')
      values.push(one.value)
    } else if (one.kind === 'ordered') isOrdered = true
    else if (one.kind === 'sequence') one.parts.forEach(visit)
    else if (one.kind === 'list')
      one.items.forEach((item, index) => {
        if (index > 0) texts.push(one.separator)
        visit(item)
      })
    else visit(one.part)
  }
  visit(part)
  return { sql: texts.join(''), values, isOrdered }
}

/** The same statement with one thing less, largest first. */
export function* smaller(part: Part): Generator<Part> {
  if (typeof part === 'string' || part.kind === 'marker' || part.kind === 'ordered') return
  switch (part.kind) {
    case 'sequence':
      for (const [index, child] of part.parts.entries())
        for (const less of smaller(child)) yield { ...part, parts: part.parts.with(index, less) }
      return
    case 'list':
      if (part.items.length > 1)
        for (const index of part.items.keys()) yield { ...part, items: part.items.toSpliced(index, 1) }
      for (const [index, child] of part.items.entries())
        for (const less of smaller(child)) yield { ...part, items: part.items.with(index, less) }
      return
    case 'optional':
      yield ''
      for (const less of smaller(part.part)) yield { ...part, part: less }
      return
    case 'choice':
      yield* part.simpler
      for (const less of smaller(part.part)) yield { ...part, part: less }
  }
}

/** Takes away what can be taken away as long as it still fails; at most `limit` trials. */
export async function shrink<T>(
  whole: T,
  smallerThan: (one: T) => Iterable<T>,
  fails: (candidate: T) => Promise<boolean>,
  limit = 600,
): Promise<T> {
  let best = whole
  let trials = 0
  for (let isShrinking = true; isShrinking;) {
    isShrinking = false
    for (const candidate of smallerThan(best)) {
      if (++trials > limit) return best
      if (!(await fails(candidate))) continue
      best = candidate
      isShrinking = true
      break
    }
  }
  return best
}
