import type { Topology } from 'sherd'
import { firstPort } from '../lib/local-servers.ts'
import { defineShop } from './sherd.config.ts'

/** Two servers with a replica each, on four ports. The command `sherd` reads this file. */
export function config(): Topology {
  const urlOf = (number: number, database = '') =>
    `mysql://shop:shop@127.0.0.1:${firstPort() + number}/${database}`
  return defineShop({
    main: { primary: urlOf(0, 'shop_main') },
    servers: [
      { primary: urlOf(0), replicas: [urlOf(1)] },
      { primary: urlOf(2), replicas: [urlOf(3)] },
    ],
  })
}
