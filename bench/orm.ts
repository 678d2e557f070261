import { isDeepStrictEqual } from 'node:util'
import { isNewerNode } from '../scripts/lib/newer-node.mjs'
import type { Build } from './compiled.ts'
import { type Client, clientOf } from './contestants.ts'
import { median, type Round, type RoundOptions, runInterleaved } from './interleave.ts'
import { cartOf, type CartServers, cartsPerUser, openCartServers, userCount } from './orm-servers.ts'
import type { CartOrm, OpenCarts } from './orm/carts.ts'

/** One ORM at one operation, through sherd and on plain mysql2; medians of all rounds. */
export interface OrmResult {
  readonly orm: OrmName
  readonly operation: string
  /** Time of the round divided by the operations of all workers. */
  readonly plainMicroseconds: number
  readonly sherdMicroseconds: number
  /** Throughput through sherd divided by that on plain mysql2 in the same round. */
  readonly ratio: number
  readonly plainCpu: number
  readonly sherdCpu: number
  /** CPU through sherd above that on plain mysql2 in the same round; negative when below. */
  readonly cpuAbove: number
}

export interface OrmRoundOptions extends RoundOptions {
  /** Operations of each kind on each side before the first round, until V8 has compiled what is called: a round of a slow operation is too short for that. */
  readonly warmUps: number
}

export interface OrmResults {
  readonly serverVersion: string
  readonly results: readonly OrmResult[]
}

/** Loaded one by one, because MikroORM cannot be on an older Node. */
const orms = {
  drizzle: async () => (await import('./orm/drizzle.ts')).openDrizzle,
  kysely: async () => (await import('./orm/kysely.ts')).openKysely,
  typeorm: async () => (await import('./orm/typeorm.ts')).openTypeorm,
  sequelize: async () => (await import('./orm/sequelize.ts')).openSequelize,
  knex: async () => (await import('./orm/knex.ts')).openKnex,
  objection: async () => (await import('./orm/objection.ts')).openObjection,
  'mikro-orm': async () => (await import('./orm/mikro-orm.ts')).openMikroOrm,
  prisma: async () => (await import('./orm/prisma.ts')).openPrisma,
} satisfies Record<string, () => Promise<OpenCarts>>

export type OrmName = keyof typeof orms

export function isOrmName(name: string): name is OrmName {
  return Object.hasOwn(orms, name)
}

/** Each ORM through sherd against itself on plain mysql2, on one server, in rounds that take turns. No names: all that this Node can run. */
export async function benchOrms(
  build: Build,
  names: readonly OrmName[],
  options: OrmRoundOptions,
  onResults: (results: readonly OrmResult[]) => void,
): Promise<OrmResults> {
  const all = Object.keys(orms).filter(isOrmName)
  const runnable = all.filter((name) => name !== 'mikro-orm' || isNewerNode(process.version))
  const servers = await openCartServers(build)
  console.log(`MariaDB ${servers.serverVersion}`)
  try {
    const results: OrmResult[] = []
    for (const orm of names.length > 0 ? names : runnable) {
      const found = await benchOrm(orm, await orms[orm](), servers, options)
      onResults(found)
      results.push(...found)
    }
    return { serverVersion: servers.serverVersion, results }
  } finally {
    await servers.close()
  }
}

async function benchOrm(
  orm: OrmName,
  open: OpenCarts,
  servers: CartServers,
  options: OrmRoundOptions,
): Promise<readonly OrmResult[]> {
  const [plain, sherd] = await Promise.all([open(servers.sides.plain), open(servers.sides.sherd)])
  try {
    await checkAnswers(orm, plain, sherd)
    const results: OrmResult[] = []
    for (const { operation, writes, run } of operations) {
      const clients = [
        clientOf('plain', (position) => run(plain, position)),
        clientOf('sherd', (position) => run(sherd, position)),
      ]
      for (const client of clients) await warmUp(client, options)
      const before = await countEvents(servers)
      const rounds = await runInterleaved(clients, options)
      if (writes) checkEvents(orm, before, await countEvents(servers), rounds)
      const measured = (side: string): readonly Round[] => (rounds.get(side) ?? []).slice(1)
      results.push({ orm, operation, ...summarize(measured('plain'), measured('sherd')) })
    }
    return results
  } finally {
    await plain.close()
    await sherd.close()
  }
}

async function warmUp(client: Client, { warmUps, concurrency }: OrmRoundOptions): Promise<void> {
  let left = warmUps
  const takeNext = (): number => (left -= 1)
  await Promise.all(Array.from({ length: concurrency }, () => client.work(takeNext)))
}

interface Operation {
  readonly operation: string
  /** Whether it inserts one event. */
  readonly writes: boolean
  readonly run: (orm: CartOrm, position: number) => Promise<unknown>
}

/** Users in an order without a pattern, the same in each run: 617 shares no factor with 1,000. */
const userAt = (position: number): number => ((position * 617) % userCount) + 1
const cartAt = (position: number) => cartOf(userAt(position), (position % cartsPerUser) + 1)
/** Ids of events, which the application gives: no two of them are alike, on either side. */
let lastEvent = 0
const eventOf = (userId: number) => ({ userId, id: (lastEvent += 1), note: 'Something that a user has done' })

const operations: readonly Operation[] = [
  {
    operation: 'select of a row by its key',
    writes: false,
    run: (orm, position) => orm.find(cartAt(position).userId, cartAt(position).id),
  },
  {
    operation: 'insert of a row',
    writes: true,
    run: (orm, position) => orm.insert(eventOf(userAt(position))),
  },
  {
    operation: 'transaction of 3 statements',
    writes: true,
    run: (orm, position) => orm.change(eventOf(userAt(position)), cartAt(position)),
  },
  { operation: 'page with a join', writes: false, run: (orm, position) => orm.page(userAt(position)) },
]

/** Both sides must give the same before anybody asks how fast, and what was loaded. */
async function checkAnswers(orm: OrmName, plain: CartOrm, sherd: CartOrm): Promise<void> {
  for (let position = 0; position < 20; position++) {
    const cart = cartAt(position)
    const found = await plain.find(cart.userId, cart.id)
    const page = await plain.page(cart.userId)
    const isLoaded =
      textOf(found).includes(`"cents":${cart.cents}`) && textOf(page).includes('"product":"pen"')
    const isSame =
      isDeepStrictEqual(textOf(found), textOf(await sherd.find(cart.userId, cart.id))) &&
      isDeepStrictEqual(textOf(page), textOf(await sherd.page(cart.userId)))
    if (!isLoaded || !isSame) throw new Error(`${orm} gives a wrong answer.`)
  }
}

/** What an application would send on; objects of ORMs hold their connections. */
const textOf = (answer: unknown): string => JSON.stringify(answer)

interface Counts {
  readonly plain: number
  readonly sherd: number
}

async function countEvents({ countEvents: count }: CartServers): Promise<Counts> {
  return { plain: await count('plain'), sherd: await count('sherd') }
}

function checkEvents(
  orm: OrmName,
  before: Counts,
  after: Counts,
  rounds: ReadonlyMap<string, readonly Round[]>,
): void {
  for (const side of ['plain', 'sherd'] as const) {
    const inserted = (rounds.get(side) ?? []).reduce((sum, { count }) => sum + count, 0)
    const found = after[side] - before[side]
    if (found !== inserted)
      throw new Error(`${orm}, ${side}: ${inserted} rows were inserted, ${found} are there.`)
  }
}

function summarize(plain: readonly Round[], sherd: readonly Round[]): Omit<OrmResult, 'orm' | 'operation'> {
  const microseconds = (rounds: readonly Round[]): number =>
    median(rounds.map(({ perSecond }) => 1_000_000 / perSecond))
  const cpu = (rounds: readonly Round[]): number =>
    median(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds))
  const pairs = sherd.flatMap((round, index) => {
    const other = plain[index]
    return other === undefined ? [] : [{ round, other }]
  })
  return {
    plainMicroseconds: microseconds(plain),
    sherdMicroseconds: microseconds(sherd),
    ratio: median(pairs.map(({ round, other }) => round.perSecond / other.perSecond)),
    plainCpu: cpu(plain),
    sherdCpu: cpu(sherd),
    cpuAbove: median(pairs.map(({ round, other }) => round.cpuMicroseconds - other.cpuMicroseconds)),
  }
}
