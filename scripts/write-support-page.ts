// Writes docs/sql-support.md from the golden plans: npx tsx scripts/write-support-page.ts
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderSupportPage } from './support-page/render.ts'

writeFileSync(join(import.meta.dirname, '..', 'docs', 'sql-support.md'), renderSupportPage())
