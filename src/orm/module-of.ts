import { SherdError } from '../errors/sherd-error.ts'
import type { MysqlModule } from '../facade/mysql-module.ts'
import type { Sherd } from '../facade/sherd.ts'

/** What stands in the place of mysql2, with the ORM's own remedy. SHERD_ENGINE on SQLite, SHERD_CONFIG for what is no sherd, which only JavaScript can give. */
export function moduleOf(sherd: Pick<Sherd, 'mysql2'>, remedy: string): MysqlModule {
  const module = (sherd as Partial<Pick<Sherd, 'mysql2'>> | undefined)?.mysql2
  if (module !== undefined) return module.withRemedy(remedy)
  throw new SherdError('SHERD_CONFIG', {
    message: 'An ORM was to be opened on something that is no sherd.',
    remedy:
      'Give what `await createSherd(config)` returned; a promise of it, or the pool or adapter of a library such as mariadb, is none.',
  })
}
