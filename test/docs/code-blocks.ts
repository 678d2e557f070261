/** A block of code of a page. */
export interface CodeBlock {
  /** What stands behind the first fence, such as `ts` or `ts alone`. */
  readonly info: string
  readonly text: string
}

export function readCodeBlocks(page: string): readonly CodeBlock[] {
  return [...page.matchAll(/^```([^\n`]*)\n(.*?)^```$/gms)].map(([, info = '', text = '']) => ({
    info,
    text,
  }))
}

/** The blocks marked `ts`, which make one program from the top of the page to its end. */
export function joinProgram(page: string): string {
  const blocks = readCodeBlocks(page).filter(({ info }) => info === 'ts')
  return blocks.map(({ text }) => text).join('\n')
}

/** The blocks marked `ts alone`: each a module of its own, which needs servers to run and is only compiled. */
export function listModules(page: string): readonly string[] {
  return readCodeBlocks(page)
    .filter(({ info }) => info === 'ts alone')
    .map(({ text }) => text)
}
