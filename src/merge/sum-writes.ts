/** The part of an OK packet that adds up. */
interface WriteCounts {
  readonly affectedRows: number
  readonly changedRows?: number
  readonly warningStatus?: number
}

/**
 * One OK packet for a write that was split over several logical shards: counts are added, the insert id
 * is 0, because no single number could tell the ids that several AUTO_INCREMENT counters gave.
 * The class of the first packet is kept: Sequelize looks for the name `ResultSetHeader`.
 */
export function sumWrites(packets: readonly WriteCounts[]): object {
  const first = packets[0] ?? { affectedRows: 0 }
  const merged = Object.assign(Object.create(Object.getPrototypeOf(first)) as object, first)
  return Object.assign(merged, {
    affectedRows: sum(packets, (packet) => packet.affectedRows),
    insertId: 0,
    ...(first.changedRows === undefined ? {} : { changedRows: sum(packets, (packet) => packet.changedRows) }),
    ...(first.warningStatus === undefined
      ? {}
      : { warningStatus: sum(packets, (packet) => packet.warningStatus) }),
    info: '',
  })
}

function sum(packets: readonly WriteCounts[], read: (packet: WriteCounts) => number | undefined): number {
  return packets.reduce((total, packet) => total + (read(packet) ?? 0), 0)
}
