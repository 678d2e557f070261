import { access, readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import { createJiti } from 'jiti'

import { SherdError } from '../errors/sherd-error.ts'
import type { SherdConfig } from '../topology/config.ts'
import { defineConfig } from '../topology/define-config.ts'
import type { Topology } from '../topology/topology.ts'
import type { Terminal } from './terminal.ts'

const names = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'].map((ending) => `sherd.config.${ending}`)

/**
 * The topology of `--config`, or of the first `sherd.config.*` in the directory. A module gives it as `default` or `config`: what
 * `defineConfig` gave, what it takes, or a function that gives one of them. In JSON, `${NAME}` stands for a variable of the environment.
 */
export async function loadConfig(terminal: Terminal, given: string | undefined): Promise<Topology> {
  const path = await findConfig(terminal.directory, given)
  const value = extname(path) === '.json' ? await readJson(path, terminal.env) : await importModule(path)
  const config: unknown = typeof value === 'function' ? await value() : value
  if (isTopology(config)) return config
  // defineConfig looks at every part of what it is given, whatever its type says.
  return defineConfig(config as SherdConfig)
}

async function findConfig(directory: string, given: string | undefined): Promise<string> {
  for (const name of given === undefined ? names : [given]) {
    const path = resolve(directory, name)
    const isThere = await access(path).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  throw new SherdError('SHERD_CLI_CONFIG', {
    message:
      given === undefined
        ? `There is no config in ${directory}: none of ${names.join(', ')}.`
        : `There is no file ${resolve(directory, given)}.`,
  })
}

async function importModule(path: string): Promise<unknown> {
  const isTypeScript = path.endsWith('ts')
  try {
    const module: Readonly<Record<string, unknown>> = isTypeScript
      ? // Without its mixing of default and named exports, by which a module without default has one.
        await createJiti(import.meta.url, { interopDefault: false }).import(path)
      : ((await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>)
    const value = module['default'] ?? module['config']
    if (value !== undefined) return value
  } catch (error) {
    if (error instanceof SherdError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw unreadable(path, `it cannot be loaded: ${reason}`, error)
  }
  throw unreadable(path, 'it exports neither `default` nor `config`')
}

async function readJson(path: string, env: Terminal['env']): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text, (_, value: unknown) =>
      typeof value === 'string' ? fillIn(value, env, path) : value,
    ) as unknown
  } catch (error) {
    if (error instanceof SherdError) throw error
    // The parser's own message quotes the text, which may hold a password.
    throw unreadable(path, 'it is no JSON')
  }
}

function fillIn(text: string, env: Terminal['env'], path: string): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = env[name]
    if (value === undefined) throw unreadable(path, `the environment has no variable ${name}`)
    return value
  })
}

function isTopology(value: unknown): value is Topology {
  return (
    typeof value === 'object' && value !== null && 'shardGroups' in value && value.shardGroups instanceof Map
  )
}

function unreadable(path: string, why: string, cause?: unknown): SherdError {
  return new SherdError('SHERD_CLI_CONFIG', { message: `The config ${path} cannot be used: ${why}.`, cause })
}
