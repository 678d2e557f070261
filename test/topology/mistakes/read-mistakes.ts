import { databaseWith, meta, type Mistake, productWith, server0, serverWith, url } from './mistake.ts'

const replica = 'mysql://app@replica/'

export const readMistakes: readonly Mistake[] = [
  [
    'a policy that does not exist',
    productWith({ reads: 'eventual' }),
    'SHERD_CONFIG_VALUE',
    'shardGroups.product.reads',
    /causal, replica or primary/,
  ],
  [
    'a policy in an object that does not exist',
    databaseWith({ primary: meta, reads: { policy: 'fresh' } }),
    'SHERD_CONFIG_VALUE',
    'databases.default.reads.policy',
    /causal, replica or primary/,
  ],
  [
    'a choice that does not exist',
    serverWith({ primary: url, reads: { choice: 'nearest' } }),
    'SHERD_CONFIG_VALUE',
    `${server0}.reads.choice`,
    /roundRobin, random or leastBusy/,
  ],
  [
    'a read option that does not exist',
    productWith({ reads: { maxLagSeconds: 1 } }),
    'SHERD_CONFIG_UNKNOWN_OPTION',
    'shardGroups.product.reads.maxLagSeconds',
    /maxLagMs/,
  ],
  [
    'a limit of lag that no poll could hold',
    productWith({ reads: { maxLagMs: 10 } }),
    'SHERD_CONFIG_VALUE',
    'shardGroups.product.reads.maxLagMs',
    /number/,
  ],
  [
    'an answer to failing replicas that does not exist',
    productWith({ reads: { whenReplicasFail: 'ignore' } }),
    'SHERD_CONFIG_VALUE',
    'shardGroups.product.reads.whenReplicasFail',
    /primary or refuse/,
  ],
  [
    'a weight of nothing',
    serverWith({ primary: url, replicas: [{ url: replica, weight: 0 }] }),
    'SHERD_CONFIG_VALUE',
    `${server0}.replicas[0].weight`,
    /number/,
  ],
  [
    'a weight of a primary',
    serverWith({ primary: { url, weight: 2 } }),
    'SHERD_CONFIG_UNKNOWN_OPTION',
    `${server0}.primary.weight`,
    /Known here/,
  ],
]
