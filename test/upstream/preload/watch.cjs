'use strict'
const { count, countRefusal, recordTables } = require('./record.cjs')
const { namesElsewhere } = require('./elsewhere.cjs')
const { cutScripts } = require('./script.cjs')
const { declareTable, shardOf, twinOf } = require('./sherds.cjs')

const watched = new WeakSet()

/** A pool of sherd whose statements are counted, and sent to the one logical shard where there is one. */
function watchPool(found, pool) {
  watch(found, pool)
  const getConnection = pool.getConnection.bind(pool)
  pool.getConnection = (callback) =>
    getConnection((error, connection) => callback(error, connection && watchConnection(found, connection)))
  return pool
}

/** The same for a connection. A suite may make another one of its config, as Kysely does where it cancels. */
function watchConnection(found, connection) {
  connection.config = found.config
  const watched = watch(found, connection)
  return found.sendsScripts ? cutScripts(watched) : watched
}

function watch({ sherd, config }, connection) {
  if (watched.has(connection)) return connection
  watched.add(connection)
  const shard = shardOf(sherd)
  let twin
  for (const name of ['query', 'execute']) {
    const send = connection[name].bind(connection)
    connection[name] = (...given) => {
      const sql = typeof given[0] === 'string' ? given[0] : String(given[0]?.sql)
      if (shard !== undefined && namesElsewhere(sql, config.database)) {
        count('elsewhere')
        twin ??= twinOf(config).mysql2.createConnection(config)
        return twin[name](...given)
      }
      count('statements')
      for (const table of recordTables(sql)) declareTable(sherd, table)
      const { heard, hear } = hearRefusals(given, sql)
      return hear(shard === undefined ? send(...heard) : onShard(sherd, shard, () => send(...heard)))
    }
  }
  return connection
}

/** The arguments with a callback that counts refusals, and what counts them where the command tells them itself. */
function hearRefusals(given, sql) {
  const note = (error) => {
    if (String(error?.code).startsWith('SHERD_')) countRefusal(error.code, sql)
  }
  const callback = given.at(-1)
  if (typeof callback === 'function') {
    const counting = function (error, ...rest) {
      note(error)
      return callback.call(this, error, ...rest)
    }
    return { heard: [...given.slice(0, -1), counting], hear: (command) => command }
  }
  const hear = (command) => {
    const emit = command.emit.bind(command)
    command.emit = (event, ...rest) => {
      if (event === 'error') note(rest[0])
      return emit(event, ...rest)
    }
    return command
  }
  return { heard: given, hear }
}

/** `sherd.onShard` for what gives its answer at once: the command, or an error about its arguments. */
function onShard(sherd, shard, send) {
  let answer
  void sherd.onShard(shard, () => {
    try {
      answer = { command: send() }
    } catch (error) {
      answer = { error }
    }
  })
  if ('error' in answer) throw answer.error
  return answer.command
}

module.exports = { watchConnection, watchPool }
