import { type ErrorCode, errorRegistry } from '../../src/errors/registry.ts'
import { type ErrorKind, SherdError } from '../../src/errors/sherd-error.ts'

/** The headings of docs/errors.md, in its order. */
const kinds: readonly { readonly kind: ErrorKind; readonly title: string; readonly about: string }[] = [
  {
    kind: 'config',
    title: 'Config',
    about: 'Something of the config, of a server or of the installation must be mended first.',
  },
  {
    kind: 'refused',
    title: 'Refused',
    about:
      'The statement cannot be proven to be answered rightly. Nothing of it was kept: most are refused before a connection is touched, the others were taken back.',
  },
  {
    kind: 'routing',
    title: 'Routing',
    about: 'A key, or the name of a shard or group, leads nowhere. Nothing was sent.',
  },
  {
    kind: 'unavailable',
    title: 'Unavailable',
    about: 'A server or connection could not be had. The same call may work later where it says so.',
  },
  {
    kind: 'partial',
    title: 'Partial',
    about: 'Done on some logical shards and not on others; `details.shards` says which.',
  },
  { kind: 'internal', title: 'Internal', about: 'A defect of sherd.' },
]

const head = `# Errors

Made from the registry, \`src/errors/registry.ts\`; a test holds the two together.

Every error of sherd is a \`SherdError\`. What it carries:

| field | |
|-|-|
| \`code\` | one of the codes below |
| \`kind\` | \`config\`, \`refused\`, \`routing\`, \`unavailable\`, \`partial\` or \`internal\`: the headings of this page |
| \`isRetryable\` | whether the same call may work later without a change |
| \`message\` | what was refused or failed and where, then the remedy. Never a value of a parameter |
| \`remedy\` | the remedy alone; often more exact than the general one of this page |
| \`details\` | as far as known \`path\`, \`table\`, \`column\`, \`shardGroup\`, \`shard\`, \`server\`, \`offset\` in the statement, \`problems\` of a config, \`shards\` with the outcome on each |
| \`sql\` | the statement with its placeholders, cut at 300 characters |
| \`cause\` | the error underneath, where there is one |
| \`docs\` | the place on this page |

\`\`\`js
if (error instanceof SherdError && error.isRetryable) …
\`\`\`

Drizzle wraps it: look at \`error.cause\`. An error of the database itself, such as a duplicate key, is not wrapped by
sherd: it arrives as the object of the driver, with the name of the logical shard added as \`error.shard\`.
`

/** The whole of docs/errors.md. */
export function writeErrorsPage(): string {
  const used = kinds.filter(({ kind }) => codesOf(kind).length > 0)
  return [head, ...used.map(writeKind)].join('\n')
}

/** Codes of a kind, in the order of the registry. */
function codesOf(kind: ErrorKind): readonly ErrorCode[] {
  return listCodes().filter((code) => errorRegistry[code].kind === kind)
}

export function listCodes(): readonly ErrorCode[] {
  // The keys of a constant object are the codes.
  return Object.keys(errorRegistry) as ErrorCode[]
}

function writeKind({ kind, title, about }: (typeof kinds)[number]): string {
  return `## ${title}\n\n${about}\n\n${codesOf(kind).map(writeEntry).join('\n')}`
}

function writeEntry(code: ErrorCode): string {
  const { short, long, remedy, isRetryable } = errorRegistry[code]
  const retry = isRetryable ? ' May be tried again.' : ''
  // GitHub's own anchor of the heading keeps the underscores.
  return `<a id="${anchorOf(code)}"></a>\n### ${code}\n\n**${short}.** ${long}${retry}\n\n→ ${remedy}\n`
}

function anchorOf(code: ErrorCode): string {
  return new SherdError(code, { message: '' }).docs.split('#')[1] ?? ''
}
