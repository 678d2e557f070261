export interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests?: number
  readonly numTodoTests?: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

export interface Total {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export declare function sumReports(
  runs: readonly { readonly exitCode: number; readonly report: Report | undefined }[],
): Total
export declare function readArguments(
  args: readonly string[],
  allProjects: readonly string[],
): { readonly projects: readonly string[]; readonly rest: readonly string[] }
