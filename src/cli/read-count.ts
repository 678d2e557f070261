import { SherdError } from '../errors/sherd-error.ts'

/** Reads a whole number from 1 of an option. SHERD_CLI_ARGUMENT. */
export function readCount(option: string): (text: string) => number {
  return (text) => {
    if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text)
    throw new SherdError('SHERD_CLI_ARGUMENT', {
      message: `What ${option} gives is no whole number from 1.`,
      remedy: `Write it so: ${option} 4.`,
    })
  }
}
