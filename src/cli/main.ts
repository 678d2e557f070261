#!/usr/bin/env node
import process from 'node:process'

import { runProgram } from './program.ts'

const stop = new AbortController()
// The second one ends the process at once, as everywhere.
process.once('SIGINT', () => stop.abort())

process.exitCode = await runProgram(
  {
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
    env: process.env,
    directory: process.cwd(),
  },
  process.argv.slice(2),
  stop.signal,
)
