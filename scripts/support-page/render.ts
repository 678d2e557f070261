import { countOutcomes, showRefused, showScoped } from './orms.ts'
import { readGolden, readOrms } from './outcomes.ts'
import { showScatters } from './scatters.ts'
import { showRefusals, showStatements, showUnproven } from './statements.ts'

const introduction = `# SQL support

Written by \`npx tsx scripts/write-support-page.ts\` from the golden plans in \`test/plans\`: each line is a test.

| Outcome | Meaning |
| - | - |
| direct | one logical shard; where a list or several conditions give keys, they must lead to the same shard, else the statement is refused when it runs |
| subset | split over the logical shards of its keys; each gets its own rows or keys only |
| passthrough | sent untouched to the unsharded database that is named |
| session | kept by the session and replayed on the connections it uses |
| direct in a scope | nothing in the statement proves the shard: runs inside \`withShardKey\` or \`onShard\`, or with a hint, and is refused elsewhere |
| scatter | where it is allowed: asked of several shards and merged, see [Over several shards](#over-several-shards) |
| refuse | nothing is sent; the error says why and what to do |

In the examples \`orders\`, \`order_items\` (key \`user_id\`), \`users\` (key \`id\`), \`documents\` (key \`owner\`, a string),
\`shipments\`, \`payments\` and \`parcels\` (with the foreign keys of \`test/plans/topology.ts\`) are sharded, \`currencies\` and \`countries\` are reference tables, \`counters\` is isolated, \`audit\` is pinned, \`events\` and
\`regions\` belong to another shard group, and \`films\` is unknown to sherd.`

const aboutOrms = `Captured from the ORMs themselves, on a blog: users keyed by \`id\`, posts by their author, comments by their user, tags a
reference table, the table between posts and tags isolated (\`test/plans/orm-topology.ts\` says why).
Most statements that need a scope read or write without any key, as the captured programs had none: add the key to them,
or make it part of the primary key, so that the ORM sends it by itself.`

/** The text of docs/sql-support.md. */
export function renderSupportPage(): string {
  const golden = readGolden()
  const orms = readOrms()
  const refused = [...golden].flatMap(([, cases]) => cases.filter(({ outcome }) => outcome === 'refuse'))
  const lines = [
    introduction,
    '',
    '## Statements',
    '',
    ...showStatements(golden),
    '## What proves no key',
    '',
    'Each is direct in a scope and refused elsewhere.',
    '',
    ...showUnproven(golden.get('no-proof') ?? []),
    '',
    '## Refused everywhere',
    '',
    ...showRefusals(refused),
    '',
    '## Over several shards',
    '',
    ...showScatters(),
    '',
    '## What ORMs send',
    '',
    aboutOrms,
    '',
    ...countOutcomes(orms),
    '',
    '### In a scope',
    '',
    ...showScoped(orms),
    '',
    '### Refused',
    '',
    ...showRefused(orms),
  ]
  return `${lines.join('\n')}\n`
}
