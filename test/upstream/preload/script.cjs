'use strict'
const { join } = require('node:path')
const { settings } = require('./settings.cjs')

const cut = new WeakSet()

/**
 * A connection of a suite that asks for `multipleStatements`, which sherd refuses: a text of several statements is sent one by
 * one, and answered with the list of results that mysql2 gives.
 */
function cutScripts(connection) {
  if (cut.has(connection)) return connection
  cut.add(connection)
  const send = connection.query.bind(connection)
  connection.query = (...given) => {
    const callback = given.at(-1)
    const sql = typeof given[0] === 'string' ? given[0] : given[0]?.sql
    const hasValues = Array.isArray(given[1]) && given[1].length > 0
    if (typeof callback !== 'function' || hasValues || !sql?.includes(';')) return send(...given)
    const texts = listStatements(sql)
    return texts.length < 2 ? send(...given) : sendEach(send, texts, callback)
  }
  return connection
}

function listStatements(sql) {
  const dist = (path) => require(join(settings.root, 'dist/sql', path))
  const { statements } = dist('split-statements.js').splitStatements(sql, dist('modes.js').mysqlDefaultModes)
  return statements.map(({ text }) => text)
}

/** Ends with the first error, as the server does. */
function sendEach(send, [text, ...texts], callback, results = [], fields = []) {
  return send(text, (error, result, field) => {
    if (error) return callback(error)
    const [allResults, allFields] = [
      [...results, result],
      [...fields, field],
    ]
    if (texts.length === 0) return callback(null, allResults, allFields)
    return sendEach(send, texts, callback, allResults, allFields)
  })
}

module.exports = { cutScripts }
