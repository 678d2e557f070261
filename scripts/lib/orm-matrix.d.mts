/** The part of a report of vitest's JSON reporter that is read. */
export interface BehaviourReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
    }[]
  }[]
}
export function writeOrmMatrix(reports: readonly (BehaviourReport | undefined)[]): string
