/** A savepoint that stands. */
export interface Savepoint {
  /** Lower case: servers compare names without regard to case. */
  readonly name: string
  readonly text: string
}

export type SavepointAction = 'savepoint' | 'release' | 'rollbackTo'

/** Where the savepoint stands, -1 when it does not. */
export function findSavepoint(savepoints: readonly Savepoint[], name: string): number {
  return savepoints.findIndex((savepoint) => savepoint.name === name.toLowerCase())
}

/**
 * The savepoints that stand afterwards, so that a server that joins later can be told them. One of the same name
 * is replaced; releasing one, or going back to it, takes all later ones with it (MariaDB's manual, "SAVEPOINT").
 */
export function changeSavepoints(
  savepoints: readonly Savepoint[],
  action: SavepointAction,
  { name, text }: Savepoint,
): readonly Savepoint[] {
  const at = findSavepoint(savepoints, name)
  switch (action) {
    case 'savepoint':
      return [...savepoints.filter((_, index) => index !== at), { name: name.toLowerCase(), text }]
    case 'release':
      return at < 0 ? savepoints : savepoints.slice(0, at)
    case 'rollbackTo':
      return at < 0 ? savepoints : savepoints.slice(0, at + 1)
  }
}
