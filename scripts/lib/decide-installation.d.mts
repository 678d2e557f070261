export interface Machine {
  readonly missing: readonly string[]
  readonly hasApt: boolean
  readonly isRoot: boolean
  readonly hasSudo: boolean
}

export type Installation =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'install'; readonly packages: readonly string[]; readonly prefix: readonly string[] }
  | { readonly kind: 'ask'; readonly sentence: string }

export declare const neededPrograms: readonly { readonly program: string; readonly aptPackage: string }[]
export declare function findProgram(name: string, searchPath: string): string | undefined
export declare function decideInstallation(machine: Machine): Installation
