import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileOf } from './project-files.ts'

const run = promisify(execFile)

/** What a program printed, and how it ended. */
export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A folder in which `sherd` is the package as built from the sources of now. */
export interface Stage {
  readonly directory: string
  readonly write: (name: string, text: string) => Promise<void>
  readonly runTypescript: (
    file: string,
    args?: readonly string[],
    environment?: NodeJS.ProcessEnv,
  ) => Promise<Outcome>
  /** Runs `prisma generate` on a schema; the generator of sherd is the built one. */
  readonly generatePrisma: (schemaFile: string) => Promise<void>
  readonly runJavascript: (file: string, environment?: NodeJS.ProcessEnv) => Promise<Outcome>
  /** Checks modules under the project's own options, and others if given, and writes JavaScript beside them. */
  readonly compile: (files: readonly string[], options?: object) => Promise<Outcome>
  readonly remove: () => Promise<void>
}

/**
 * Builds the package apart from `dist/`, which may be missing or old. The folder lies in the checkout,
 * where Node and the compiler find the other packages; its package.json makes it the package `sherd`.
 */
export async function openStage(): Promise<Stage> {
  await mkdir(fileOf('.cache'), { recursive: true })
  const directory = await mkdtemp(fileOf('.cache/docs-'))
  await cp(fileOf('package.json'), join(directory, 'package.json'))
  const compiler = fileOf('node_modules/typescript/bin/tsc')
  const build = ['-p', fileOf('tsconfig.build.json'), '--outDir', join(directory, 'dist')]
  const built = await runNode([compiler, ...build], directory)
  if (built.exitCode !== 0) {
    await rm(directory, { recursive: true, force: true })
    throw new Error(`The sources do not compile.\n${built.stdout}`)
  }
  return {
    directory,
    write: (name, text) => writeFile(join(directory, name), text),
    runTypescript: (file, args = [], environment) =>
      runNode([fileOf('node_modules/tsx/dist/cli.mjs'), file, ...args], directory, environment),
    generatePrisma: (schemaFile) => generatePrisma(directory, schemaFile),
    runJavascript: (file, environment) => runNode([file], directory, environment),
    compile: async (files, options = {}) => {
      const compilerOptions = {
        noEmit: false,
        allowImportingTsExtensions: false,
        rewriteRelativeImportExtensions: true,
        declaration: false,
        ...options,
      }
      const settings = { extends: fileOf('tsconfig.json'), compilerOptions, include: files }
      // Not tsconfig.json, which tsx would follow.
      const file = join(directory, 'tsconfig.compile.json')
      await writeFile(file, JSON.stringify(settings))
      return runNode([compiler, '-p', file], directory)
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** A stage with a copy of the examples. */
export async function stageExamples(): Promise<Stage> {
  const stage = await openStage()
  await cp(fileOf('examples'), join(stage.directory, 'examples'), { recursive: true })
  // As in the checkout: tsx takes the options only for files that are included, and TypeORM needs one of them.
  await stage.write(
    'tsconfig.json',
    JSON.stringify({ extends: fileOf('tsconfig.json'), include: ['examples'] }),
  )
  return stage
}

async function generatePrisma(directory: string, schemaFile: string): Promise<void> {
  const args = [fileOf('node_modules/prisma/build/index.js'), 'generate', '--schema', schemaFile]
  // Prisma only wants to see an engine, which it does not start.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
  const { exitCode, stderr } = await runNode(args, directory, env)
  if (exitCode !== 0) throw new Error(stderr)
}

async function runNode(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Outcome> {
  try {
    return { exitCode: 0, ...(await run(process.execPath, args, { cwd, env })) }
  } catch (error) {
    // `execFile` adds these to the error it throws; without a code the program was not even started.
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string }
    if (typeof code !== 'number') throw error
    return { exitCode: code, stdout, stderr }
  }
}
