/** How many rows one logical shard has written. */
export interface ShardCount {
  readonly shard: string
  readonly affectedRows: number
}

/** The part of an OK packet that adds up. */
interface WriteCounts {
  readonly affectedRows: number
  readonly changedRows?: number
  readonly warningStatus?: number
  /** `Rows matched: 3  Changed: 2  Warnings: 0`, or nothing. */
  readonly info?: string
}

/**
 * One OK packet for a write that was split over several logical shards: counts are added, those of the info text
 * too where all parts tell the same ones; the insert id is 0, because no single number could tell the ids that several AUTO_INCREMENT counters gave.
 * The class of the first packet is kept: Sequelize looks for the name `ResultSetHeader`. What each shard counted is in
 * `shards`, in the order of the packets; not enumerable, so that the packet looks like any other.
 */
export function sumWrites(packets: readonly WriteCounts[], shards: readonly string[]): object {
  const first = packets[0] ?? { affectedRows: 0 }
  const merged = Object.assign(Object.create(Object.getPrototypeOf(first)) as object, first)
  const counts = packets.map(({ affectedRows }, index) => ({ shard: shards[index] ?? '', affectedRows }))
  Object.defineProperty(merged, 'shards', { value: counts, enumerable: false })
  return Object.assign(merged, {
    affectedRows: sum(packets, (packet) => packet.affectedRows),
    insertId: 0,
    ...(first.changedRows === undefined ? {} : { changedRows: sum(packets, (packet) => packet.changedRows) }),
    ...(first.warningStatus === undefined
      ? {}
      : { warningStatus: sum(packets, (packet) => packet.warningStatus) }),
    info: sumInfo(packets),
  })
}

function sum(packets: readonly WriteCounts[], read: (packet: WriteCounts) => number | undefined): number {
  return packets.reduce((total, packet) => total + (read(packet) ?? 0), 0)
}

/** Empty when a part tells nothing, as an INSERT of one row does. */
function sumInfo(packets: readonly WriteCounts[]): string {
  const [first, ...others] = packets.map(({ info = '' }) => countsIn(info))
  if (first === undefined || first.length === 0) return ''
  const isSame = others.every(
    (counts) => counts.length === first.length && counts.every(({ label }, at) => label === first[at]?.label),
  )
  if (!isSame) return ''
  return first
    .map(({ label, count }, at) => {
      const total = others.reduce((sofar, counts) => sofar + (counts[at]?.count ?? 0), count)
      return `${label}: ${total}`
    })
    .join('  ')
}

function countsIn(info: string): readonly { readonly label: string; readonly count: number }[] {
  return [...info.matchAll(/(?<label>[A-Z][a-z ]*): (?<count>\d+)/gu)].map(({ groups }) => ({
    label: groups?.['label'] ?? '',
    count: Number(groups?.['count']),
  }))
}
