import type { Refusal } from './plan.ts'
import { refusal } from './refusals.ts'

/** The words of a text in lower case by their position; empty where no name stands. */
export type Words = (at: number) => string

const blocks: ReadonlySet<string> = new Set(['case', 'for', 'if', 'loop', 'repeat', 'while'])

/**
 * Refuses verbs that carry statements sherd cannot read, and those that hold a whole server for a connection. Found by the
 * first words, so that texts which cannot be parsed are refused too; `:` stands for a label.
 */
export function refuseVerb(verb: string, word: Words, count: number): Refusal | undefined {
  switch (verb) {
    case 'prepare':
    case 'execute':
    case 'deallocate':
      return unread(verb)
    case 'drop':
      return word(1) === 'prepare' ? unread('drop prepare') : undefined
    case 'lock':
    case 'unlock':
    case 'backup':
      return lock(verb.toUpperCase())
    case 'flush':
      return holdsTables(word, count) ? lock('FLUSH') : undefined
    case 'get':
      return refusal(
        'SHERD_SESSION_FUNCTION',
        'GET DIAGNOSTICS tells of the statement before on its connection, which may be that of another caller.',
      )
  }
  if (verb !== ':' && !blocks.has(verb)) return undefined
  return refusal(
    'SHERD_UNSUPPORTED_STATEMENT',
    `A block of statements${verb === ':' ? '' : `, ${verb.toUpperCase()},`} cannot be read.`,
    {},
    'Send its statements one by one, or put them into a procedure and CALL it.',
  )
}

function unread(verb: string): Refusal {
  return refusal(
    'SHERD_UNSUPPORTED_STATEMENT',
    `${verb.toUpperCase()} runs a text that sherd cannot read, which might even change how later texts are read.`,
    {},
    'Send the statement itself; execute() of a connection prepares it.',
  )
}

function lock(verb: string): Refusal {
  return refusal(
    'SHERD_UNSUPPORTED_STATEMENT',
    `${verb} would stay on a connection that sherd lends to others.`,
    {},
    'Use SELECT … FOR UPDATE in a transaction, or GET_LOCK() on a connection of pool.getConnection(); for backups connect to the server directly.',
  )
}

/** `FLUSH TABLES … WITH READ LOCK` and `… FOR EXPORT`. */
function holdsTables(word: Words, count: number): boolean {
  for (let at = 1; at < count; at++)
    if ((word(at) === 'read' && word(at + 1) === 'lock') || word(at) === 'export') return true
  return false
}

/** The refusal of a text with such a verb that cannot even be cut into words. */
export function unreadable(verb: string): Refusal {
  return refusal(
    'SHERD_UNSUPPORTED_STATEMENT',
    `${verb.toUpperCase()} is followed by what sherd cannot read, and may mean the connection.`,
    {},
    'Write it without executable comments.',
  )
}
