import type { SqlText } from '../drivers/driver.ts'
import type { Insertion } from '../plan/keep-names.ts'
import type { Marker, Sequence, Span, TableName } from '../sql/ast.ts'
import type { SqlDialect } from '../sql/modes.ts'
import { quoteName } from '../sql/quote-name.ts'

/** Where a database goes in front of a name. A symbol, so that no text can be mistaken for it. */
export const nameCut = Symbol('name')
/** Where a marker's value goes. */
export const markerCut = Symbol('marker')

/** Pieces of a text: strings, and symbols where a database or a marker's value goes. */
export type Piece = string | typeof nameCut | typeof markerCut

/** A part of a text that is kept, and what is put before it. */
export interface Kept extends Span {
  readonly before?: string
}

/** Where a text is cut: at the start of a name, around the database that a name has already, or around a marker. */
export type Cut = Span & { readonly marker?: Marker; readonly inserted?: string }

/** All cuts of a text in their order. */
export function findCuts(
  names: readonly TableName[],
  markers: Sequence<Marker>,
  insertions: readonly Insertion[] = [],
): readonly Cut[] {
  return [
    ...names.map(({ start, database, table }): Cut => ({ start, end: database ? table.start : start })),
    ...insertions.map(({ at, text }): Cut => ({ start: at, end: at, inserted: text })),
    ...markers.map((marker): Cut => ({ start: marker.start, end: marker.end, marker })),
  ].toSorted((a, b) => a.start - b.start)
}

/** The kept parts of a text, which must be in its order, in pieces; and the markers that are left. */
export function cutText(
  sql: string,
  cuts: readonly Cut[],
  kept: readonly Kept[],
): { readonly pieces: readonly Piece[]; readonly markers: readonly Marker[] } {
  const pieces: Piece[] = []
  const markers: Marker[] = []
  let next = 0
  for (const { start, end, before } of kept) {
    if (before !== undefined) pieces.push(before)
    let at = start
    for (let cut = cuts[next]; cut !== undefined && cut.start < end; cut = cuts[next]) {
      next += 1
      if (cut.start < start) continue
      pieces.push(sql.slice(at, cut.start), cut.inserted ?? (cut.marker === undefined ? nameCut : markerCut))
      if (cut.marker !== undefined) markers.push(cut.marker)
      at = cut.end
    }
    pieces.push(sql.slice(at, end))
  }
  return { pieces, markers }
}

/** Joins pieces with a database in front of each name; cut where the markers stand. */
export function joinPieces(pieces: readonly Piece[], database: string, dialect: SqlDialect): SqlText {
  const prefix = `${quoteName(database, dialect)}.`
  const segments: string[] = []
  let segment = ''
  for (const piece of pieces) {
    if (piece === markerCut) {
      segments.push(segment)
      segment = ''
    } else segment += piece === nameCut ? prefix : piece
  }
  segments.push(segment)
  return Object.freeze({ segments: Object.freeze(segments), sql: segments.join('?') })
}
