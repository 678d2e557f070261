import { expect, inject } from 'vitest'
import { createDatabases, dropDatabases } from '../servers/databases.ts'
import type { Stage } from './stage.ts'

const remedy =
  "Add customer_id = ? for TABLE to WHERE, wrap the call in sherd.withShardKey('product', key, fn) or in sherd.onShard(name, fn), or put the hint /* sherd: key=… */ into the statement; a SELECT may ask all shards in sherd.scatter(fn)."
const objectionRemedy =
  'In Objection, make idColumn of the shard key and the id, and list both columns in from and to of relations, so that $query, $relatedQuery and graphs send both. '

/** Each folder of an ORM in examples/, and what its refusal says before the remedy for all. */
export const ownRemedies: Readonly<Record<string, string>> = {
  drizzle: '',
  knex: objectionRemedy,
  kysely: '',
  'mikro-orm':
    'In MikroORM, make the properties of the shard key and the id both .primary(), and list both columns in joinColumns of relations, so that flush and populate send both. ',
  objection: objectionRemedy,
  prisma:
    'In Prisma, make the @@id of the fields of the shard key and the id, and list both in fields and references of @relation, so that Prisma sends both. ',
  sequelize:
    'In Sequelize, set primaryKey: true on the attribute of the shard key beside that of the id, so that save, reload and destroy send both, and give the key as `where` of an include or of a getter. ',
  typeorm:
    'In TypeORM, make the property of the shard key a @PrimaryColumn beside that of the id, and list both columns in @JoinColumn, so that save, remove and relations send both. ',
}

/** Runs an example on the shared servers, without what an earlier run left there, and looks at all it prints. */
export async function expectExample(stage: Stage, orm: string): Promise<void> {
  const [first, second] = inject('sharedSites')
  if (first === undefined || second === undefined) throw new Error('There are two shared servers.')
  const databaseName = `${orm.replace('-', '_')}_example`
  const logical = [0, 1, 2, 3].map((index) => `${databaseName}_${index}`)
  await createDatabases(first, [`${databaseName}_main`])
  await Promise.all([first, second].map((site) => dropDatabases(site, logical)))
  const outcome = await stage.runTypescript(`examples/${orm}/main.ts`, [], {
    ...process.env,
    META_URL: `${first.primary.url}${databaseName}_main`,
    DB1: first.primary.url,
    DB2: second.primary.url,
  })
  const order = orm === 'knex' ? 'invoice' : 'order'
  expect(outcome).toEqual({
    exitCode: 0,
    stdout: [
      `Customer 1 on ${databaseName}_0: ${order} 1, 450 cents, 2 items; ${order} 2, 300 cents, 0 items\n`,
      `Customer 2 on ${databaseName}_1: ${order} 1, 1000 cents, 2 items\n`,
      `SHERD_NO_SHARD_KEY: ${ownRemedies[orm]}${remedy.replace('TABLE', `${order}s`)}\n`,
    ].join(''),
    stderr: '',
  })
}
