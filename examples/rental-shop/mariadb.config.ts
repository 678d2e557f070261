import type { Topology } from 'sherd'
import { defineShop } from './sherd.config.ts'

/** Two servers with a replica each, on four ports from SHOP_PORT on. The command `sherd` reads this file. */
export function config(): Topology {
  const first = Number(process.env['SHOP_PORT'] ?? 13_306)
  const urlOf = (number: number, database = '') => `mysql://shop:shop@127.0.0.1:${first + number}/${database}`
  return defineShop({
    main: { primary: urlOf(0, 'shop_main') },
    servers: [
      { primary: urlOf(0), replicas: [urlOf(1)] },
      { primary: urlOf(2), replicas: [urlOf(3)] },
    ],
  })
}
