/** The calls of one program in a shell block, each as its arguments. Knows what the pages use: quotes, comments, pipes, `\` at the end of a line. */
export function readCalls(block: string, program: string): readonly (readonly string[])[] {
  const lines = block.replaceAll('\\\n', ' ').split('\n')
  return lines
    .flatMap((line) => splitCommands(readWords(line)))
    .flatMap((words) => {
      const start = words.findIndex((word) => !/^\w+=/.test(word) && word !== 'npx' && word !== '$')
      return words[start] === program ? [words.slice(start + 1)] : []
    })
}

interface Word {
  readonly text: string
  readonly isQuoted: boolean
}

function readWords(line: string): readonly Word[] {
  const words: Word[] = []
  for (const [whole, comment, operator] of line.matchAll(
    /(?:^|(?<=\s))(#.*)|(\|\||&&|[|;])|(?:'[^']*'|"[^"]*"|[^\s'"|;])+/g,
  )) {
    if (comment !== undefined) break
    const text = whole.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, one?: string, two?: string) => one ?? two ?? '')
    words.push({ text, isQuoted: operator === undefined && text !== whole })
  }
  return words
}

/** Words between `|`, `&&`, `||` and `;`; what a command writes into a file is left out. */
function splitCommands(words: readonly Word[]): readonly (readonly string[])[] {
  const commands: string[][] = [[]]
  let isFile = false
  for (const { text, isQuoted } of words) {
    if (!isQuoted && /^(?:\|\|?|&&|;)$/.test(text)) commands.push([])
    else if (!isQuoted && /^\d?[<>]/.test(text)) isFile = /[<>]$/.test(text)
    else if (isFile) isFile = false
    else commands.at(-1)?.push(text)
  }
  return commands
}
