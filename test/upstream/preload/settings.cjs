'use strict'

/**
 * What the harness tells the processes of a suite, made by `preloadEnvironment` in run-mode.ts:
 * `mode`; `root` of this project; `homes`, directories with a mysql2 of their own; `aliases` of modules; `ports` that lead to
 * `port` of the private server; `databases` that are there before; `records`, the directory of the records; `tables` to declare in the mode `sharded`, and those `undeclared`, in small letters.
 */
module.exports.settings = JSON.parse(process.env.SHERD_UPSTREAM)
