/** Shows how far a long step is: one line drawn again and again on a terminal, otherwise a line for each quarter. */
export function createProgress(title: string, total: number): (done: number) => void {
  const { stdout } = process
  let shownQuarters = 0
  return (done) => {
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total)
    const text = `${title}: ${done} of ${total} rows (${percent} %)`
    if (stdout.isTTY) {
      stdout.write(`\r${text}${done === total ? '\n' : ''}`)
      return
    }
    const quarters = Math.floor(percent / 25)
    if (quarters === shownQuarters) return
    shownQuarters = quarters
    stdout.write(`${text}\n`)
  }
}
