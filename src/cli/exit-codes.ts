/** What a script can tell from the end of a command. docs/cli.md lists them. */
export const exitCodes = {
  done: 0,
  /** The command ran and found or left something wrong: a failed shard, a finding, a drift. */
  failed: 1,
  /** Nothing was touched: wrong arguments, or a config that cannot be used. */
  usage: 2,
  /** Ended by Ctrl-C; what was under way is finished or reported. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
