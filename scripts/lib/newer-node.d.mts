export const newerNode: { readonly major: number; readonly minor: number }
export function isNewerNode(version: string): boolean
export function findNewerNode(): Promise<
  | { readonly path: string; readonly sentence?: undefined }
  | { readonly path?: undefined; readonly sentence: string }
>
