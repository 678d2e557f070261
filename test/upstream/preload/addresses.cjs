'use strict'
const { settings } = require('./settings.cjs')

/** What was given to `createPool` or `createConnection`, as an object of its own that leads to the private server. */
function redirect(given) {
  const config = readConfig(given)
  const port = Number(config.port ?? 3306)
  if (!settings.ports.includes(port) || config.socketPath !== undefined) return config
  return { ...config, host: '127.0.0.1', port: settings.port }
}

function readConfig(given) {
  if (typeof given === 'string') return parseUrl(given)
  // Knex makes `password` not enumerable.
  const { password } = given
  const config = { ...given, ...(password === undefined ? {} : { password }) }
  return config.uri === undefined ? config : { ...parseUrl(config.uri), ...config }
}

/** As mysql2 reads a URL: what stands behind the question mark is JSON where it can be. */
function parseUrl(text) {
  const url = new URL(text)
  const options = Object.fromEntries([...url.searchParams].map(([name, value]) => [name, parseOption(value)]))
  return {
    host: decodeURIComponent(url.hostname),
    port: Number(url.port || 3306),
    database: decodeURIComponent(url.pathname.slice(1)) || undefined,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ...options,
  }
}

function parseOption(value) {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

module.exports = { redirect }
