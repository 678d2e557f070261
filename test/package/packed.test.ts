import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { readImports } from './source-imports.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const npm = (directory: string, ...args: readonly string[]) => run('npm', args, { cwd: directory })

/** A copy of what is packed, built apart from the checkout: an old file in its dist/ must not hide a fault. */
let stage = ''
/** A project that has the tarball unpacked and none of the optional packages. */
let consumer = ''
let packedPaths: readonly string[] = []

interface PackReport {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

beforeAll(async () => {
  stage = await mkdtemp(join(tmpdir(), 'sherd-stage-'))
  consumer = await mkdtemp(join(tmpdir(), 'sherd-consumer-'))
  for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs', 'src', 'scripts']) {
    if (existsSync(join(root, name))) await cp(join(root, name), join(stage, name), { recursive: true })
  }
  const build = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(stage, 'dist')]
  expect(await compile(build)).toBe('')
  const { stdout } = await npm(stage, 'pack', '--json', '--ignore-scripts')
  const [report] = readReport(stdout)
  if (report === undefined) throw new Error('npm pack reported nothing')
  packedPaths = report.files.map((file) => file.path)
  const home = join(consumer, 'node_modules/sherd')
  await mkdir(home, { recursive: true })
  await run('tar', ['-xzf', join(stage, report.filename), '--strip-components=1', '-C', home])
  await writeFile(join(consumer, 'package.json'), '{"type":"module"}')
}, 60_000)

afterAll(async () => {
  await rm(stage, { recursive: true, force: true })
  await rm(consumer, { recursive: true, force: true })
})

/** npm prints a list in one major version and an object by package name in another. */
function readReport(stdout: string): readonly PackReport[] {
  return Object.values(JSON.parse(stdout))
}

async function readExports(): Promise<Readonly<Record<string, string>>> {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  return exports
}

/** What the compiler complains about; empty when all is well. */
async function compile(args: readonly string[]): Promise<string> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  try {
    return (await run(process.execPath, [compiler, ...args])).stdout
  } catch (error) {
    // `execFile` adds the output to the error it throws.
    return (error as { readonly stdout: string }).stdout
  }
}

async function runInConsumer(name: string, text: string): Promise<string> {
  await writeFile(join(consumer, name), text)
  const { stdout } = await run(process.execPath, [name], { cwd: consumer })
  return stdout.trim()
}

test('the tarball holds the built package, its docs, licence and change log, and nothing else', () => {
  const allowed = /^(?:dist\/|docs\/|README\.md$|LICENSE$|CHANGELOG\.md$|package\.json$)/
  expect(packedPaths.filter((path) => !allowed.test(path))).toEqual([])
  expect(packedPaths).toEqual(expect.arrayContaining(['package.json', 'LICENSE', 'dist/index.js']))
})

test('every subpath leads to a file in the tarball, with its types', async () => {
  const targets = Object.values(await readExports()).map((target) => target.slice('./'.length))
  const types = targets
    .filter((target) => target.endsWith('.js'))
    .map((target) => target.replace(/\.js$/, '.d.ts'))
  expect([...targets, ...types].filter((target) => !packedPaths.includes(target))).toEqual([])
})

test('every subpath can be imported without any optional package', async () => {
  const subpaths = Object.keys(await readExports()).filter((path) => path !== './package.json')
  const text = subpaths.map(
    (path) => `console.log(Object.keys(await import('sherd${path.slice(1)}')).length > 0)`,
  )
  const told = await runInConsumer('main.mjs', text.join('\n'))
  expect(told.split('\n')).toEqual(subpaths.map(() => 'true'))
})

const openOn = (url: string) =>
  `const { createSherd, defineConfig } = await import('sherd')\nawait createSherd(defineConfig({ databases: { default: { primary: '${url}' } }, shardGroups: {}, tables: {} }))`

test.each([
  ['mysql2', 'createSherd for MariaDB and MySQL', openOn('mysql://nobody@127.0.0.1:1/main')],
  ['libsql', 'createSherd for SQLite', openOn('sqlite::memory:')],
  [
    'libsql',
    'openTestSherd of sherd/testing',
    "const { sharded } = await import('sherd')\nconst { openTestSherd } = await import('sherd/testing')\nawait openTestSherd({ tables: { orders: sharded('shop', 'user_id') } })",
  ],
  [
    'mysql2',
    'startServers of sherd/testing',
    "const { ping } = await import('./node_modules/sherd/dist/testing/servers/administration.js')\nawait ping('/nowhere')",
  ],
  [
    'bullmq',
    'bullmqJobs of sherd/bullmq',
    "const { bullmqJobs } = await import('sherd/bullmq')\nawait bullmqJobs([], { connection: { port: 1 } })",
  ],
  [
    'ioredis',
    'the command with locks in Redis',
    "const { withLocks } = await import('./node_modules/sherd/dist/cli/reference-locks.js')\nawait withLocks({ env: {} }, {}, { locks: 'redis', redis: 'redis://127.0.0.1:1' }, () => {})",
  ],
])('without %s, %s gives the command that installs it', async (name, _who, text) => {
  const { peerDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const lines = [
    'try {',
    text,
    '} catch ({ code, remedy, cause }) {',
    'console.log(JSON.stringify([code, remedy, cause?.code]))',
    '}',
  ]
  expect(JSON.parse(await runInConsumer('missing.mjs', lines.join('\n')))).toEqual([
    'SHERD_PEER_MISSING',
    `Run: npm install '${name}@${peerDependencies[name]}'`,
    'ERR_MODULE_NOT_FOUND',
  ])
})

test('the entries for MikroORM and Prisma load nothing of them, and the generator for Prisma answers', async () => {
  const text =
    "const all = [await import('sherd/mikro-orm'), await import('sherd/prisma')]\nconsole.log(all.flatMap(Object.keys).join())"
  expect(await runInConsumer('orms.mjs', text)).toBe(
    'isolated,mikroOrmPool,pinned,reference,sharded,prismaAdapter',
  )
  const { bin } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const program = join(consumer, 'node_modules/sherd', bin['sherd-prisma'])
  expect(await readFile(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  const asked = run(process.execPath, [program])
  asked.child.stdin?.end('{"jsonrpc":"2.0","id":1,"method":"getManifest"}\n')
  // Prisma's protocol answers on stderr.
  expect(JSON.parse((await asked).stderr)).toMatchObject({ id: 1, result: { manifest: {} } })
})

test('the root can be required from CommonJS', async () => {
  const text = "console.log(typeof require('sherd'), typeof require('sherd/testing').startServers)"
  expect(await runInConsumer('main.cjs', text)).toBe('object function')
})

test('a file that is not a subpath cannot be imported', async () => {
  const attempt = runInConsumer('deep.mjs', "await import('sherd/dist/errors/registry.js')")
  await expect(attempt).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED')
})

test.each(['dist/index.d.ts', 'dist/testing/index.d.ts', 'dist/observe/opentelemetry.d.ts'])(
  'the types reached from %s name no optional package',
  async (entry) => {
    const { peerDependencies = {} } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    const optional = [...Object.keys(peerDependencies), 'bullmq', 'ioredis', 'redis', '@opentelemetry/api']
    const found: string[] = []
    const seen = new Set([entry])
    for (const path of seen) {
      const text = await readFile(join(stage, path), 'utf8')
      for (const { specifier } of readImports(text)) {
        if (specifier.startsWith('.')) seen.add(resolveDeclaration(path, specifier))
        else if (optional.some((name) => specifier === name || specifier.startsWith(`${name}/`)))
          found.push(`${path}: ${specifier}`)
      }
    }
    expect(found).toEqual([])
  },
)

function resolveDeclaration(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.[jt]s$/, '.d.ts')
}

test('a strict project without the optional packages type-checks against the tarball', async () => {
  // Node's own types are all that a user of the package must have.
  await mkdir(join(consumer, 'node_modules/@types'), { recursive: true })
  await symlink(join(root, 'node_modules/@types/node'), join(consumer, 'node_modules/@types/node'))
  const lines = ["import * as root from 'sherd'", "import * as testing from 'sherd/testing'"]
  await writeFile(join(consumer, 'main.mts'), `${lines.join('\n')}\nexport const all = [root, testing]\n`)
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    noEmit: true,
    types: ['node'],
  }
  const config = { compilerOptions: { ...compilerOptions, skipLibCheck: false }, files: ['main.mts'] }
  await writeFile(join(consumer, 'tsconfig.json'), JSON.stringify(config))
  expect(await compile(['-p', consumer])).toBe('')
})
