'use strict'
const { createRequire } = require('node:module')
const { join } = require('node:path')
const { shardsOf } = require('./databases.cjs')
const { recordOnce } = require('./record.cjs')
const { settings } = require('./settings.cjs')

const { mode, root, tables } = settings
const group = 'upstream'
const byAddress = new Map()
/** How each sherd is configured, without its tables. */
const configs = new WeakMap()
/** The spelling of each name that is declared: of two, such as Person and person, a config takes one. */
const declared = new Map()
for (const table of tables) learn(table)
let parts

// Taken before anything is swapped: the suite may load the very module that sherd stands on.
const mysql2 = createRequire(join(root, 'package.json'))('mysql2')
const { createConnection } = mysql2
const library = Object.create(mysql2, { createConnection: { value: createConnection } })

function loadParts() {
  const dist = (path) => require(join(root, 'dist', path))
  const driver = dist('drivers/mysql2.js').createMysqlDriver(library)
  const { defineConfig, isolated } = dist('index.js')
  return { driver, defineConfig, isolated, openOnMysql: dist('facade/create-sherd.js').openOnMysql }
}

/** The sherd of an address and database, made when the suite first asks for them. */
function sherdFor(address) {
  const { database } = address
  const key = keyOf(address)
  const known = byAddress.get(key)
  if (known !== undefined) return known
  recordOnce('database', database)
  const made = openSherd(urlOf(address), database)
  byAddress.set(key, made)
  return made
}

/** For a database that was dropped: connections to it are of no use when it is created again. */
function forgetSherd(address) {
  byAddress.delete(keyOf(address))
}

function urlOf({ host = 'localhost', port = 3306, user = '', password = '' }) {
  return `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/`
}

function keyOf({ host, port, user, password, database }) {
  return JSON.stringify([host, port, user, password, database])
}

function openSherd(url, database) {
  parts ??= loadParts()
  const { driver, defineConfig, openOnMysql } = parts
  // More than any suite has open at once: sherd bounds what the pools of a suite would.
  const options = { connectionLimit: 50 }
  const databases = { default: { primary: { url: `${url}${encodeURIComponent(database)}`, options } } }
  if (mode === 'passthrough') return openOnMysql(defineConfig({ databases }), driver)
  const shardGroups = {
    [group]: { databaseName: shardsOf(database), logicalShards: 1, options, servers: [{ primary: url }] },
  }
  const config = { databases, shardGroups }
  const made = openOnMysql(withTables(config), driver)
  configs.set(made, config)
  return made
}

/** A sherd without declared tables for the same address: for what the logical shard does not hold. */
function twinOf(address) {
  const key = `twin of ${keyOf(address)}`
  const known = byAddress.get(key)
  if (known !== undefined) return known
  const { driver, defineConfig, openOnMysql } = parts
  const primary = {
    url: urlOf(address) + encodeURIComponent(address.database),
    options: { connectionLimit: 5 },
  }
  const made = openOnMysql(defineConfig({ databases: { default: { primary } } }), driver)
  byAddress.set(key, made)
  return made
}

function withTables(config) {
  const { defineConfig, isolated } = parts
  const kinds = Object.fromEntries([...declared.values()].map((table) => [table, isolated(group)]))
  return defineConfig({ ...config, tables: kinds })
}

/** True for a name that was not known, and that can be declared. */
function learn(table) {
  const key = table.toLowerCase()
  // A dot is for sherd that of a database.
  if (declared.has(key) || table.includes('.') || settings.undeclared.includes(key)) return false
  declared.set(key, table)
  return true
}

/** Declares a table that is about to be created, such as one with a number by chance in its name. */
function declareTable(sherd, table) {
  const config = configs.get(sherd)
  if (config === undefined || sherd.topology.tables.has(table.toLowerCase())) return
  if (!learn(table) && !declared.has(table.toLowerCase())) return
  void sherd.reload(withTables(config))
}

/** The logical shard that all statements of a sherd are sent to; none in the mode `passthrough`. */
function shardOf(sherd) {
  return sherd.topology.shardGroups.get(group)?.shards[0]?.name
}

module.exports = { declareTable, forgetSherd, sherdFor, shardOf, twinOf }
