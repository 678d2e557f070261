import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Runs the commands below on a terminal and writes what they print into docs/cli.md, between its two marks. Needs MariaDB, the
 * program `script` of util-linux, `npm run build` before, and the ports of the config free.
 */
const config = {
  databases: { default: { primary: 'mysql://app:secret@127.0.0.1:13406/main' } },
  shardGroups: {
    product: {
      databaseName: 'product',
      logicalShards: 4,
      servers: [
        { primary: 'mysql://app:secret@127.0.0.1:13406', replicas: ['mysql://app:secret@127.0.0.1:13407'] },
        { primary: 'mysql://app:secret@127.0.0.1:13408' },
      ],
    },
  },
  tables: {
    orders: { kind: 'sharded', group: 'product', key: 'user_id', keyType: 'integer' },
    countries: { kind: 'reference', groups: ['product'] },
  },
}

const files = {
  'sherd.config.json': JSON.stringify(config),
  'migrations/0001_shop.sql': `CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(40));
CREATE TABLE orders (id BIGINT, user_id BIGINT NOT NULL, country CHAR(2), PRIMARY KEY (user_id, id));
`,
}

const commands = [
  ['dev', 'up'],
  ['migrate'],
  ['exec', '--database', 'default', '--yes', '-e', "INSERT INTO countries VALUES ('KR', 'Korea')"],
  ['reference', 'sync'],
  ['route', 'product', '42', '43'],
  ['exec', '--shard', 'product_2', '--yes', '-e', "INSERT INTO orders VALUES (1, 42, 'KR')"],
  ['exec', '--all', '--read-only', '-e', 'SELECT COUNT(*) AS orders FROM orders'],
  [
    ...['exec', '--all', '--yes', '--transaction', '--concurrency', '1', '-e'],
    "DELETE FROM orders; INSERT INTO countries VALUES ('KR', 'Korea')",
  ],
  ['status'],
  ['dev', 'down', '--remove'],
]

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const page = fileURLToPath(new URL('../docs/cli.md', import.meta.url))
const quote = (text: string): string =>
  /^[\w/.-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
const show = (text: string): string => (text.includes("'") ? JSON.stringify(text) : quote(text))

/** What is left on the terminal at the end: without colours, and without lines that were written over. */
function readScreen(text: string): string {
  // eslint-disable-next-line no-control-regex -- A bar is drawn again from the first column.
  const lines = text.replaceAll(/\u001B\[[01]?G/gu, '\r')
  // eslint-disable-next-line no-control-regex -- ESC begins what is taken out.
  const plain = lines.replaceAll(/\u001B(?:\[[0-9;?]*[A-Za-z]|[78])/gu, '').replaceAll('\r\n', '\n')
  return plain
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1).trimEnd())
    .join('\n')
    .trim()
}

async function run(directory: string, args: readonly string[]): Promise<string> {
  const command = [process.execPath, program, ...args].map(quote).join(' ')
  const child = spawn('script', ['-qec', `stty cols 150; ${command}`, '/dev/null'], {
    cwd: directory,
    env: { ...process.env, NO_COLOR: '1', TERM: 'xterm' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  const [code] = (await once(child, 'close')) as [number | null]
  return `$ sherd ${args.map(show).join(' ')}\n${readScreen(text)}${code === 0 ? '' : `\n$ echo $?\n${code}`}\n`
}

const directory = await mkdtemp(join(tmpdir(), 'sherd-session-'))
await mkdir(join(directory, 'migrations'))
for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
const parts: string[] = []
for (const command of commands) parts.push(await run(directory, command))
await rm(directory, { recursive: true })

const [begin, end] = ['<!-- session -->', '<!-- end of session -->']
const text = await readFile(page, 'utf8')
const [before = '', rest = ''] = text.split(begin)
const after = rest.slice(rest.indexOf(end))
await writeFile(page, `${before}${begin}\n\n\`\`\`text\n${parts.join('\n')}\`\`\`\n\n${after}`)
