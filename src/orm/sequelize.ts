import type { InferAttributes, Model } from 'sequelize'
import { SherdError } from '../errors/sherd-error.ts'
import type { MysqlModule } from '../facade/mysql-module.ts'
import type { Sherd } from '../facade/sherd.ts'
import type { IsolatedTable, PinnedTable, TableKind, TableKinds } from '../topology/table-kinds.ts'
import { moduleOf } from './module-of.ts'
import {
  type PlainShardDeclaration,
  type ReferenceOf,
  type ShardDeclaration,
  toReferenceTable,
  toShardedTable,
} from './shard-declaration.ts'

/** A foreign key by the names of attributes. `references` is the name of a model. */
export interface SequelizeForeignKey<M extends Model> {
  readonly columns: readonly (keyof InferAttributes<M> & string)[]
  readonly references: string
  readonly referencedColumns: readonly string[]
}

/** What the option `shard` of a model says: where its rows go, by names of attributes, or `reference()`, `isolated()`, `pinned()` of sherd. */
export type SequelizeShards<M extends Model> =
  | ShardDeclaration<InferAttributes<M>, SequelizeForeignKey<M>>
  | ReferenceOf<InferAttributes<M>>
  | IsolatedTable
  | PinnedTable

declare module 'sequelize' {
  interface ModelOptions<M extends Model> {
    /** Where the rows of the model go; read by `tablesOf` of `sherd/sequelize`. Default: the table is unknown to sherd. */
    shard?: SequelizeShards<M>
  }
}

/** The part of a model class that is read. */
export interface SequelizeModel {
  readonly name: string
  readonly options: object
  readonly rawAttributes: Readonly<
    Record<string, { readonly field?: string; readonly allowNull?: boolean; readonly primaryKey?: boolean }>
  >
  getTableName(): string | { readonly tableName: string }
}

const remedy =
  'In Sequelize, set primaryKey: true on the attribute of the shard key beside that of the id, so that save, reload and destroy send both, and give the key as `where` of an include or of a getter.'

/**
 * For `dialectModule` of Sequelize 6. Models belong to a Sequelize and the config of sherd is made of models, so it takes a function: it is
 * asked for sherd with the first connection. SHERD_CONFIG when there is none by then.
 */
export function dialectModule(open: () => Sherd | undefined): Pick<MysqlModule, 'createConnection'> {
  return {
    createConnection: (config: object) => {
      const sherd = open()
      if (sherd !== undefined) return moduleOf(sherd, remedy).createConnection(config)
      throw new SherdError('SHERD_CONFIG', {
        message: 'Sequelize wants a connection, and there is no sherd yet.',
        remedy: 'Await createSherd before the first query, sync or authenticate.',
      })
    },
  }
}

/** The table kinds of Sequelize models (a list, or `sequelize.models`), by their option `shard`; models without it are unknown to sherd. */
export function tablesOf(
  models: readonly SequelizeModel[] | Readonly<Record<string, SequelizeModel>>,
): TableKinds {
  const list: readonly SequelizeModel[] = Object.values(models)
  return Object.fromEntries(
    list.flatMap((model) => {
      const kind = kindOf(model, list)
      return kind === undefined ? [] : [[tableOf(model), kind]]
    }),
  )
}

function kindOf(model: SequelizeModel, models: readonly SequelizeModel[]): TableKind | undefined {
  // The option is typed where the model is made.
  const { shard } = model.options as { readonly shard?: PlainShardDeclaration | TableKind }
  if (shard === undefined) return undefined
  if ('kind' in shard)
    return shard.kind === 'reference' ? toReferenceTable(shard, (name) => columnOf(model, name)) : shard
  if (model.rawAttributes[shard.key]?.allowNull === true && !model.rawAttributes[shard.key]?.primaryKey)
    throw wrongModel(model, `The shard key ${shard.key} may be NULL, which belongs to no shard.`)
  const named = (name: string): SequelizeModel => {
    const found = models.find((each) => each.name === name)
    if (found === undefined)
      throw wrongModel(model, `A foreign key points to ${name}, which is no model here.`)
    return found
  }
  return toShardedTable(
    shard,
    (name, references) => columnOf(references === undefined ? model : named(references), name),
    (name) => tableOf(named(name)),
  )
}

function tableOf(model: SequelizeModel): string {
  const name = model.getTableName()
  return typeof name === 'string' ? name : name.tableName
}

function columnOf(model: SequelizeModel, attribute: string): string {
  const found = model.rawAttributes[attribute]
  if (found === undefined) throw wrongModel(model, `There is no attribute ${attribute}.`)
  return found.field ?? attribute
}

function wrongModel(model: SequelizeModel, problem: string): SherdError {
  return new SherdError('SHERD_CONFIG', {
    message: `The Sequelize model ${model.name} has a wrong option shard. ${problem}`,
    remedy: 'Name attributes that the model has, and a key with allowNull: false.',
    details: { table: tableOf(model) },
  })
}
