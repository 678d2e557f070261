import { type TableKinds, isolated, reference, sharded } from '../../src/topology/table-kinds.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { makeTopology } from './topology.ts'

/**
 * The captured statements are of one small blog, written once for each ORM, and are read under the sharding
 * a team would write for it:
 * - users by their `id`, posts by their author, so that a user and their posts share a shard;
 * - comments by the user who wrote them, not by the post: the only key column they have. A post and
 *   the comments of other users are therefore on different shards, and their join is not direct;
 * - tags are few and read everywhere: a reference table, written in `default`;
 * - the table between posts and tags has no column of a user, so no key can be proven for it: isolated,
 *   beside the posts of its shard, and reached in a scope;
 * - all others (`wide`, `category`, `m1`, bookkeeping of migrations) stay unsharded, as tables sherd was not told of.
 */
function shardBlog(
  columns: { readonly author: string; readonly commenter: string },
  postTags?: string,
): TableKinds {
  return {
    users: sharded('product', 'id'),
    posts: sharded('product', columns.author),
    comments: sharded('product', columns.commenter),
    tags: reference('product'),
    ...(postTags === undefined ? {} : { [postTags]: isolated('product') }),
  }
}

const snakeCase = { author: 'user_id', commenter: 'user_id' }
const kysely = shardBlog(snakeCase)

/** A topology for each file of test/cases, by the ORM and dialect in the file's name. */
export const ormTopologies: Readonly<Record<string, Topology>> = {
  'drizzle-mysql': makeTopology(shardBlog(snakeCase, 'post_tags')),
  'knex-mysql': makeTopology(shardBlog(snakeCase)),
  'kysely-mysql': makeTopology(kysely),
  'kysely-sqlite': makeTopology(kysely, 'sqlite'),
  'mikro-mariadb': makeTopology(shardBlog({ author: 'author_id', commenter: 'user_id' }, 'posts_tags')),
  'prisma-mysql': makeTopology(shardBlog({ author: 'authorId', commenter: 'userId' }, '_PostToTag')),
  'sequelize-mysql': makeTopology(shardBlog({ author: 'userId', commenter: 'userId' }, 'post_tags')),
  'typeorm-mysql': makeTopology({
    ...shardBlog({ author: 'authorId', commenter: 'userId' }, 'posts_tags_tags'),
    // One to one with users.
    profiles: sharded('product', 'userId'),
  }),
}
