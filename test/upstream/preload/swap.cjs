'use strict'
// Loaded with `node --require` into every process of a suite: mysql2's pools and connections become those of sherd, or in the
// mode `plain` stay mysql2's own and only reach the private server. Nothing in the checkout is changed.
const Module = require('node:module')
const { join } = require('node:path')
const { redirect } = require('./addresses.cjs')
const { isDatabaseThere } = require('./databases.cjs')
const { count, recordOnce } = require('./record.cjs')
const { settings } = require('./settings.cjs')
const { forgetSherd, sherdFor } = require('./sherds.cjs')
const { watchConnection, watchPool } = require('./watch.cjs')

const { aliases, homes, mode, root } = settings
const isPlain = mode === 'plain'
const names = new Set(['mysql2', 'mysql2/promise', 'mysql2/promise.js'])
const swapped = new WeakSet()

const load = Module._load
Module._load = function (request, parent, isMain) {
  const name = Object.hasOwn(aliases, request) ? aliases[request] : request
  const loaded = load.call(this, name, parent, isMain)
  // sherd itself stands on mysql2 as it is.
  if (names.has(name) && parent?.filename?.startsWith(root) !== true) swap(loaded, name !== 'mysql2')
  return loaded
}

// `import { createPool } from 'mysql2'` takes what the module has when it is first imported, which the hook may not see.
for (const home of homes) {
  const requireThere = Module.createRequire(join(home, 'package.json'))
  for (const name of names) {
    try {
      requireThere(name)
    } catch (error) {
      // An old mysql2 has fewer names.
      if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error
    }
  }
}

function swap(library, isPromise) {
  if (swapped.has(library)) return
  swapped.add(library)
  const { createPool, createConnection } = library
  const wrap = (made) => (isPromise ? made.promise() : made)
  library.createPool = (given) => {
    const found = findSherd(given)
    if (found.sherd === undefined) return createPool.call(library, found.config)
    return wrap(watchPool(found, found.sherd.mysql2.createPool(found.config)))
  }
  library.createConnection = (given) => {
    const found = findSherd(given)
    if (found.sherd === undefined) return createConnection.call(library, found.config)
    const connection = watchConnection(found, found.sherd.mysql2.createConnection(found.config))
    return isPromise ? Promise.resolve(connection.promise()) : connection
  }
  if (library.connect !== undefined) library.connect = library.createConnection
  if (!isPlain) library.createPoolCluster = () => sherdFor({ database: 'none' }).mysql2.createPoolCluster()
}

/** The sherd for what was given, or none where mysql2 itself serves: plain, or without a database that is there, which administers. */
function findSherd(given) {
  const config = redirect(given)
  if (isPlain) return { config }
  if (!isDatabaseThere(config)) {
    count('past')
    forgetSherd(config)
    return { config }
  }
  return {
    config: leaveOut(config),
    sherd: sherdFor(config),
    sendsScripts: config.multipleStatements === true,
  }
}

/** sherd refuses these when connections are made, whether statements use them or not. Texts of several statements are cut: `script.cjs`. */
function leaveOut({ multipleStatements, namedPlaceholders, ...config }) {
  if (multipleStatements) recordOnce('option', 'multipleStatements')
  if (namedPlaceholders) recordOnce('option', 'namedPlaceholders')
  return config
}
