import { type FindingName, findingKinds, type Severity } from './finding-kinds.ts'

/** What one look at one place saw. */
export interface Observation {
  readonly name: FindingName
  /** Table, column, constraint or setting: `orders.user_id`. Absent: the place itself. */
  readonly subject?: string
  /** Logical shard, unsharded database or endpoint. */
  readonly place: string
  /** A whole sentence. */
  readonly problem: string
  /** Absent: that of the name. */
  readonly remedy?: string
}

/** One thing to mend, and everywhere it was seen. */
export interface Finding {
  readonly severity: Severity
  readonly name: FindingName
  readonly subject?: string
  readonly places: readonly string[]
  /** Subject and places for people, shortened. */
  readonly where: string
  readonly problem: string
  readonly remedy: string
}

const ranks: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 }
const shownPlaces = 4

/** Puts together what was seen alike in several places, errors first. */
export function gatherFindings(observations: readonly Observation[]): readonly Finding[] {
  const groups = new Map<string, { first: Observation; places: Set<string> }>()
  for (const one of observations) {
    const key = JSON.stringify([one.name, one.subject, one.problem, one.remedy])
    const group = groups.get(key) ?? { first: one, places: new Set() }
    group.places.add(one.place)
    groups.set(key, group)
  }
  const findings = [...groups.values()].map(({ first, places }) => makeFinding(first, [...places]))
  return findings.toSorted((one, other) => ranks[one.severity] - ranks[other.severity])
}

function makeFinding({ name, subject, problem, remedy }: Observation, places: readonly string[]): Finding {
  const kind = findingKinds[name]
  const more = places.length - shownPlaces
  const shown = `${places.slice(0, shownPlaces).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return {
    severity: kind.severity,
    name,
    ...(subject === undefined ? {} : { subject }),
    places,
    where: subject === undefined ? shown : `${subject} on ${shown}`,
    problem,
    remedy: remedy ?? kind.remedy,
  }
}
