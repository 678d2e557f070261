'use strict'
const { appendFileSync } = require('node:fs')
const { join } = require('node:path')
const { threadId } = require('node:worker_threads')
const { settings } = require('./settings.cjs')

const file = join(settings.records, `${process.pid}-${threadId}.jsonl`)
const seen = new Set()
const counts = { statements: 0, past: 0, elsewhere: 0 }
const refusals = {}
let timer

/** A table, a database, or an option left out, once for each. */
function recordOnce(kind, value) {
  const key = `${kind} ${value}`
  if (seen.has(key)) return
  seen.add(key)
  append({ [kind]: value })
}

/** `statements` through sherd, those to tables `elsewhere`, or connections `past` it. */
function count(what) {
  counts[what]++
  writeSoon()
}

function countRefusal(code, sql) {
  refusals[code] ??= { count: 0, examples: [] }
  const known = refusals[code]
  known.count++
  if (known.examples.length < 20 && !known.examples.includes(sql)) known.examples.push(sql)
  writeSoon()
}

/** The last line with counts is the one that holds; a process that is killed loses less than a second. */
function writeSoon() {
  timer ??= setTimeout(writeCounts, 500).unref()
}

function writeCounts() {
  clearTimeout(timer)
  timer = undefined
  append({ counts, refusals })
}

function append(line) {
  appendFileSync(file, `${JSON.stringify(line)}\n`)
}

process.on('exit', () => {
  if (timer !== undefined) writeCounts()
})

const name = '(?:`((?:[^`]|``)+)`|([\\w$]+))'
const path = `${name}(?:\\s*\\.\\s*${name})?`
const makers = [
  new RegExp(`\\bcreate\\s+(?:or\\s+replace\\s+)?table\\s+(?:if\\s+not\\s+exists\\s+)?${path}`, 'giu'),
  new RegExp(`\\brename\\s+(?:to\\s+|as\\s+)?${path}\\s*(?:;|$)`, 'giu'),
  new RegExp(`\\bto\\s+${path}\\s*(?:,|;|$)`, 'giu'),
]

/** Notes and gives the tables that a text makes or names anew; temporary ones are none. */
function recordTables(sql) {
  if (!/\b(?:create|rename)\b[^]*\b(?:table|rename)\b|\balter\s+table\b[^]*\brename\b/iu.test(sql)) return []
  const tables = []
  for (const [index, maker] of makers.entries()) {
    if (index > 0 && !/^\s*(?:rename\s+table|alter\s+table)\b/iu.test(sql)) continue
    for (const [, quoted, plain, lastQuoted, lastPlain] of sql.matchAll(maker)) {
      const table = (lastQuoted ?? lastPlain ?? quoted ?? plain).replaceAll('``', '`')
      recordOnce('table', table)
      tables.push(table)
    }
  }
  return tables
}

module.exports = { count, countRefusal, recordOnce, recordTables }
