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

function textsOf(page: string, wanted: string): readonly string[] {
  return readCodeBlocks(page)
    .filter(({ info }) => info === wanted)
    .map(({ text }) => text)
}

/** The blocks marked `ts`, which make one program from the top of the page to its end. */
export function joinProgram(page: string): string {
  return textsOf(page, 'ts').join('\n')
}

/** The blocks marked `text printed`: all that the program of the page prints. Undefined: the page does not show it. */
export function joinPrinted(page: string): string | undefined {
  const texts = textsOf(page, 'text printed')
  return texts.length === 0 ? undefined : texts.join('')
}

/** The blocks marked `ts alone`: each a module of its own, which needs servers to run and is only compiled. */
export function listModules(page: string): readonly string[] {
  return textsOf(page, 'ts alone')
}

/** The blocks marked `sh`. */
export function listShellBlocks(page: string): readonly string[] {
  return textsOf(page, 'sh')
}
