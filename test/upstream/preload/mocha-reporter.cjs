'use strict'
const { appendFileSync } = require('node:fs')

const file = process.env.SHERD_UPSTREAM_REPORT

/** A reporter for any version of mocha: one line of JSON for each test, written at once, so that a run that is cut off loses nothing. */
module.exports = class LineReporter {
  constructor(runner) {
    const write = (test, outcome, error) => {
      const line = { name: test.fullTitle(), outcome, ...(error && { error: describe(error) }) }
      appendFileSync(file, `${JSON.stringify(line)}\n`)
    }
    runner.on('pass', (test) => write(test, 'passed'))
    runner.on('pending', (test) => write(test, 'skipped'))
    // A hook that fails is told as a test of its name.
    runner.on('fail', (test, error) => write(test, 'failed', error))
  }
}

function describe(error) {
  return String(error.message || error)
    .split('\n')
    .slice(0, 4)
    .join('\n')
    .slice(0, 600)
}
