import type { ReadGroup } from './read-group.ts'
import type { ReadTable } from './read-tables.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'
import type { DirectoryDeclaration, RoutingDeclaration } from './routing-declaration.ts'
import type { KeyType } from './table-kinds.ts'

/**
 * Notes tables whose keys the routing of their group cannot take. Only tables declared in the config
 * are seen here; a key of another type is refused by the strategy itself.
 */
export function checkKeyTypes(
  groups: readonly ReadGroup[],
  tables: ReadonlyMap<string, ReadTable>,
  report: ReportProblem,
): void {
  const routings = new Map(groups.map((group) => [group.name, group.routing]))
  for (const { path, declaration } of tables.values()) {
    if (declaration.kind !== 'sharded' || declaration.keyType === 'integer') continue
    const taken = takenTypes(routings.get(declaration.group))
    if (taken === undefined || taken.types.includes(declaration.keyType)) continue
    const problem = `The routing of shard group "${declaration.group}", ${taken.by}, takes ${taken.types.join(' or ')} keys only.`
    const remedy = `Use an ${taken.types.join(' or ')} key, or a group with routing hash, ring or custom.`
    report('SHERD_CONFIG_ROUTING', joinPath(path, 'keyType'), problem, remedy)
  }
}

/** Undefined: all of them. The table of a directory is asked for the canonical form, which a column of UUIDs or bytes does not hold. */
function takenTypes(
  routing: RoutingDeclaration | undefined,
): { readonly by: string; readonly types: readonly KeyType[] } | undefined {
  if (routing?.strategy === 'range' || routing?.strategy === 'modulo')
    return { by: routing.strategy, types: ['integer'] }
  if (routing?.strategy === 'directory' && routing.table !== undefined)
    return { by: 'a directory kept in a table', types: ['integer', 'string'] }
  return undefined
}

/**
 * The routing with its pins in the canonical form of the keys (see keys/shard-key.ts): a pin in another
 * form would never be found. Where tables do not tell one type, pins stay as they are written.
 */
export function canonicalPins(
  group: ReadGroup,
  tables: ReadonlyMap<string, ReadTable>,
  report: ReportProblem,
): RoutingDeclaration | undefined {
  const { routing } = group
  if (routing?.strategy !== 'directory') return routing
  const types = new Set<KeyType>()
  for (const { declaration } of tables.values()) {
    if (declaration.kind === 'sharded' && declaration.group === group.name) types.add(declaration.keyType)
  }
  const [type] = types
  return types.size === 1 && type !== undefined ? convertPins(routing, type, group, report) : routing
}

function convertPins(
  routing: DirectoryDeclaration,
  type: KeyType,
  group: ReadGroup,
  report: ReportProblem,
): RoutingDeclaration {
  const pins = new Map<string, number>()
  for (const [text, shard] of routing.pins) {
    const path = joinPath(`${group.path}.routing.pins`, text)
    const key = canonicalText(text, type)
    if (key === undefined) {
      const problem = `The key of the pin is not written as keys of type ${type} are.`
      report('SHERD_CONFIG_ROUTING', path, problem, pinForms[type])
    } else if (pins.has(key)) {
      report('SHERD_CONFIG_ROUTING', path, 'The key is pinned twice.', 'Keep one of the two.')
    } else {
      pins.set(key, shard)
    }
  }
  return { ...routing, pins }
}

const pinForms: Readonly<Record<KeyType, string>> = {
  integer: "Write digits without leading zeros, spaces or a plus, such as '42' or '-1'.",
  string: 'Write any text; trailing spaces do not count.',
  uuid: 'Write the 36 characters or 32 hexadecimal digits of a UUID.',
  binary: 'Write pairs of hexadecimal digits.',
}

function canonicalText(text: string, type: KeyType): string | undefined {
  switch (type) {
    case 'integer':
      return /^(0|-?[1-9]\d{0,19})$/.test(text) ? text : undefined
    case 'string':
      return text.replace(/ +$/, '')
    case 'uuid': {
      const digits = text.length === 36 ? text.replaceAll('-', '') : text
      return /^[0-9a-f]{32}$/i.test(digits) ? digits.toLowerCase() : undefined
    }
    case 'binary':
      // BINARY(n) pads with zero bytes, so those at the end do not count.
      return /^([0-9a-f]{2})*$/i.test(text) ? withoutZeroBytes(text.toLowerCase()) : undefined
  }
}

/** By whole bytes: `a000` ends in one zero byte, `1a00` too, `10` in none. */
function withoutZeroBytes(digits: string): string {
  let end = digits.length
  while (end > 0 && digits.slice(end - 2, end) === '00') end -= 2
  return digits.slice(0, end)
}
