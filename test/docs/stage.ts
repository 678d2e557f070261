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
  readonly runTypescript: (file: string, ...args: readonly string[]) => Promise<Outcome>
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
    runTypescript: (file, ...args) =>
      runNode([fileOf('node_modules/tsx/dist/cli.mjs'), file, ...args], directory),
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
      await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(settings))
      return runNode([compiler, '-p', directory], directory)
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
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
