import { SherdError } from '../errors/sherd-error.ts'

/** A whole number of at least 1 from an option. SHERD_CLI_ARGUMENT. */
export function readCount(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text)
  throw new SherdError('SHERD_CLI_ARGUMENT', {
    message: `What ${option} gives is no whole number from 1 to 999999999.`,
    remedy: `Write it so: ${option} 8.`,
  })
}
