import { writeSync } from 'node:fs'
import { once } from 'node:events'

import { createSherd } from '../../src/facade/create-sherd.ts'
import { migrations } from '../../src/migrations/migrations.ts'
import type { SherdConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'

// Run by kill.server.test.ts as a process of its own, which begins when it is told a folder and is killed in between.
const [config = ''] = process.argv.slice(2)
// Written by the test as JSON of a SherdConfig.
const sherd = await createSherd(defineConfig(JSON.parse(config) as SherdConfig))
writeSync(1, 'ready\n')
const [folder] = (await once(process.stdin, 'data')) as [Buffer]
// Written at once, so that a line is out before the next step begins.
const onStep = ({ kind }: { readonly kind: string }): void => void writeSync(1, `${kind}\n`)
await migrations(sherd, { folder: String(folder).trim(), leaseMs: 30_000 }).run({ perServer: 2, onStep })
writeSync(1, 'over\n')
await sherd.close()
