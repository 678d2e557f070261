/** The OK packet of a statement that only sherd had to know of, such as a BEGIN that is held. Named as mysql2's, which Sequelize looks for. */
class ResultSetHeader {
  readonly fieldCount = 0
  readonly affectedRows = 0
  readonly insertId = 0
  readonly info = ''
  readonly serverStatus = 2
  readonly warningStatus = 0
  readonly changedRows = 0
}

export function emptyWrite(): object {
  return new ResultSetHeader()
}
