/** Plain mysql2; sherd without a declared table; sherd with all tables on the one logical shard of a group. */
export type Mode = 'plain' | 'passthrough' | 'sharded'

export const modes: readonly Mode[] = ['plain', 'passthrough', 'sharded']

/** One test of the suite. Names are full, with those of the groups around the test. */
export interface TestOutcome {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** First lines of the error, for a person. */
  readonly error?: string
}

/** What a suite is told of one run. */
export interface SuiteRun {
  readonly mode: Mode
  /** Absolute. Files that git knows are never changed. */
  readonly checkout: string
  /** The program `node` of the run. */
  readonly node: string
  /** The private server, on 127.0.0.1. */
  readonly port: number
  /** An empty directory of this run, for config files the suite may need. */
  readonly scratch: string
  /** Where the report goes; `reporters.ts` knows what reads it. */
  readonly reportFile: string
  /** Only tests whose full name matches. */
  readonly grep: string | undefined
}

export interface SuiteCommand {
  readonly program: string
  readonly args: readonly string[]
  /** Default: the checkout. */
  readonly directory?: string
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
}

/** An ORM's own test suite: how it is run from a checkout, unmodified. */
export interface UpstreamSuite {
  /** As on the command line. */
  readonly orm: string
  /** The figures in docs/upstream-suites.md are of this commit. */
  readonly source: { readonly repository: string; readonly commit: string }
  /** True: it runs on Node 22.17 or newer, which npm fetches where this one is older. */
  readonly needsNewerNode: boolean
  /** What must be there before a run, by its path in the checkout, with the command that makes it. */
  readonly prepared: readonly { readonly path: string; readonly command: string }[]
  /** Created empty before each run. */
  readonly databases: readonly string[]
  /** Accounts that the suite's own config names; they get all privileges. */
  readonly accounts: readonly { readonly user: string; readonly password: string }[]
  /** Ports that the suite's own config names: connections to them go to the private server. 3306 stands for none named. */
  readonly ports: readonly number[]
  /** Tables that are not declared in the mode `sharded`, in small letters: the ORM's own, which belong into the main database. Default: none. */
  readonly undeclared?: readonly string[]
  /** More flags for the private server. Default: none. */
  readonly serverFlags?: readonly string[]
  /** Modules that are loaded in the place of others, in every mode: `{ mysql: 'mysql2' }`. Default: none. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Directories of the checkout with a mysql2 of their own, that is put in order before the suite loads it. Default: the checkout. */
  readonly mysql2Homes?: readonly string[]
  /** Makes what the run needs in `scratch`, and gives the command of the suite's own runner. */
  readonly command: (run: SuiteRun) => Promise<SuiteCommand>
  /** Reads what the runner left in `reportFile`. */
  readonly readReport: (run: SuiteRun) => Promise<readonly TestOutcome[]>
}
