#!/usr/bin/env node
import { answerPrisma } from './prisma-protocol.ts'
import { writeTableMap } from './prisma-table-map.ts'

// Prisma starts this program for `generator sherd { provider = "sherd-prisma" }` and speaks to it over stdin and stderr.
answerPrisma(process.stdin, process.stderr, {
  manifest: { prettyName: 'table kinds of sherd', defaultOutput: './sherd-tables.ts' },
  generate: writeTableMap,
})
