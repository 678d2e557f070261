/** The test that each run of the behaviour suite has (test/orm/describe-orm.ts). */
const mark = 'every operation of the suite is there, or listed as lacking with its reason'
const signs = { passed: '✓', failed: '✗' }

/** Which ORM shows which behaviour, as a table of text; empty when the suite of test/orm did not run. `–`: the ORM has no such call. */
export function writeOrmMatrix(reports) {
  const tests = reports
    .flatMap((report) => report?.testResults ?? [])
    .flatMap(({ assertionResults = [] }) => assertionResults)
    .map(({ ancestorTitles, title, status }) => ({ orm: ancestorTitles.at(-1) ?? '', title, status }))
  const orms = tests.filter(({ title }) => title === mark).map(({ orm }) => orm)
  if (orms.length === 0) return ''
  const suite = tests.filter(({ orm, title }) => orms.includes(orm) && title !== mark)
  const titles = [...new Set(suite.map(({ title }) => title))]
  const statusOf = (orm, title) => suite.find((test) => test.orm === orm && test.title === title)?.status
  const lines = titles.map((title) => {
    const cells = orms.map((orm, index) => (signs[statusOf(orm, title)] ?? '–').padEnd(`${index + 1}`.length))
    return `${cells.join(' ')}  ${title}`
  })
  const heads = orms.map((orm, index) => `${index + 1} ${orm}`)
  const numbers = orms.map((_, index) => `${index + 1}`).join(' ')
  return [`ORMs: ${heads.join(', ')}`, numbers, ...lines].join('\n')
}
