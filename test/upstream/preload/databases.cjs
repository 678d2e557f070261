'use strict'
const { spawnSync } = require('node:child_process')
const { settings } = require('./settings.cjs')

/**
 * Whether the database of a pool is there, asked at once because `createPool` cannot wait: sherd wants its main database to be
 * there, while MikroORM makes pools of databases that it creates later, and drops them again. The logical shard follows.
 */
function isDatabaseThere({ database, ...address }) {
  // Where databases are created from.
  if (database === undefined || database === 'information_schema') return false
  if (settings.databases.includes(database)) return true
  const [name, shard] = [quoteText(database), quoteName(`${shardsOf(database)}_0`)]
  const columns = 'DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME'
  const row = ask(address, `SELECT ${columns} FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${name}`)
  // An account that is refused, or no client: sherd says what is wrong.
  if (row === undefined) return true
  const [charset, collation] = row.trim().split('\t')
  if (settings.mode === 'sharded') {
    const made = `CREATE DATABASE IF NOT EXISTS ${shard} CHARACTER SET ${charset} COLLATE ${collation}`
    ask(address, collation === undefined ? `DROP DATABASE IF EXISTS ${shard}` : made)
  }
  return collation !== undefined
}

/** The name of the logical shards of a database; MikroORM has some that are no names for sherd, such as `gh-4219`. */
function shardsOf(database) {
  if (/^[a-z]\w{0,59}$/iu.test(database)) return `${database}_s`
  return `s_${Buffer.from(database).toString('hex').slice(0, 50)}_s`
}

/** What the client prints; nothing when it fails. */
function ask({ host = '127.0.0.1', port = 3306, user = '', password = '' }, sql) {
  const account = [`--user=${user}`, `--password=${password}`]
  const place = ['--protocol=tcp', `--host=${host}`, `--port=${port}`]
  const flags = ['--no-defaults', '--batch', '--skip-column-names']
  const { status, stdout } = spawnSync('mariadb', [...flags, ...place, ...account, '--execute', sql], {
    encoding: 'utf8',
  })
  return status === 0 ? stdout : undefined
}

function quoteText(text) {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

function quoteName(name) {
  return `\`${name.replaceAll('`', '``')}\``
}

module.exports = { isDatabaseThere, shardsOf }
