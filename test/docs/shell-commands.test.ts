import process from 'node:process'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { CommandContext } from '../../src/cli/command.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { listShellBlocks } from './code-blocks.ts'
import { listUserPages, readPage } from './covered-pages.ts'
import { readCalls } from './shell-commands.ts'

/** Commands that pages may show before they are there. Once src/cli/program.ts has one, its arguments are held against it. */
const announced = ['check', 'dev', 'exec', 'init', 'migrate', 'reference', 'status']
const accepted = new Error('The arguments were accepted.')

async function listCalls(): Promise<readonly { readonly page: string; readonly args: readonly string[] }[]> {
  const calls = (await listUserPages()).map(async (page) => {
    const blocks = listShellBlocks(await readPage(page))
    return blocks.flatMap((block) => readCalls(block, 'sherd')).map((args) => ({ page, args }))
  })
  return (await Promise.all(calls)).flat()
}

/** Undefined: accepted. Nothing of the command itself runs. */
async function findMistake(args: readonly string[]): Promise<string | undefined> {
  const stream = new PassThrough()
  const output = stream as unknown as NodeJS.WriteStream // only written to
  const terminal = { input: process.stdin, output, errors: output, env: {}, directory: '.' }
  const context: CommandContext = { terminal, signal: new AbortController().signal, exitCode: 0 }
  const program = buildProgram(context)
  const known = program.commands.flatMap((command) => [command.name(), ...command.aliases()])
  const name = args.find((arg) => !arg.startsWith('-'))
  if (name !== undefined && !known.includes(name) && announced.includes(name)) return undefined
  program.hook('preAction', () => {
    throw accepted
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return 'It names nothing to do.'
  } catch (error) {
    if (error === accepted) return undefined
    const isHelp = (error as { exitCode?: number }).exitCode === 0 // a CommanderError
    return isHelp ? undefined : String(error)
  }
}

describe('commands `sherd` on pages', () => {
  it('are accepted by the program', async () => {
    const calls = await listCalls()
    const mistakes = await Promise.all(
      calls.map(async ({ page, args }) => ({ page, args, mistake: await findMistake(args) })),
    )
    expect(mistakes.filter(({ mistake }) => mistake !== undefined)).toEqual([])
    expect(calls.length).toBeGreaterThan(0)
  })

  it('are read from shell blocks with pipes, quotes, comments and variables', () => {
    const block = [
      `A=1 npx sherd explain 'SELECT 1 | 2' --values '[42]' # not this`,
      'cut -f1 users.tsv | sherd route product - > out.txt && sherd route product 7 \\',
      '  8',
      'npm install sherd mysql2',
    ].join('\n')
    expect(readCalls(block, 'sherd')).toEqual([
      ['explain', 'SELECT 1 | 2', '--values', '[42]'],
      ['route', 'product', '-'],
      ['route', 'product', '7', '8'],
    ])
  })

  it('are refused with an unknown command, an unknown option or too many arguments', async () => {
    expect(await findMistake(['rout', 'product', '42'])).toContain('unknown command')
    expect(await findMistake(['route', 'product', '--jsn'])).toContain('unknown option')
    expect(await findMistake(['explain', 'SELECT 1', 'SELECT 2'])).toContain('too many arguments')
    expect(await findMistake(['explain'])).toContain('missing required argument')
  })
})
