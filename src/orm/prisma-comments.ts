/** `@shard(group: "product", key: "userId")` of a model's comment. */
export interface KindComment {
  readonly kind: 'shard' | 'reference' | 'isolated' | 'pinned'
  readonly options: Readonly<Record<string, string | readonly string[]>>
}

/** What is wrong with a comment, as the end of a sentence, and what to write. */
export interface CommentFault {
  readonly fault: string
  readonly remedy: string
}

const usages: Readonly<Record<KindComment['kind'], string>> = {
  shard: '/// @shard(group: "product", key: "userId")',
  reference: '/// @reference(groups: ["product"])',
  isolated: '/// @isolated(group: "product")',
  pinned: '/// @pinned(database: "default")',
}

const allowedOptions: Readonly<Record<KindComment['kind'], readonly string[]>> = {
  shard: ['group', 'key', 'keyType', 'foreignKeys', 'timeIds', 'safeIds', 'scatter'],
  reference: ['groups', 'source', 'cursor', 'deletes', 'copies'],
  isolated: ['group'],
  pinned: ['database'],
}

const neededOptions: Readonly<Record<KindComment['kind'], readonly string[]>> = {
  shard: ['group', 'key'],
  reference: ['groups'],
  isolated: ['group'],
  pinned: ['database'],
}

const listOptions = new Set(['foreignKeys', 'groups', 'safeIds', 'timeIds'])

/** Words people write for the four kinds; Prisma knows no attribute in a comment, so that nothing else would notice them. */
const misspelt = /@(?:shards|sharded|sharding|references|referenced|isolate|pin)\b/i

/** The table kind that a model's comment declares; `undefined` when it declares none. */
export function readKindComment(documentation = ''): KindComment | CommentFault | undefined {
  const found = [...documentation.matchAll(/@(shard|reference|isolated|pinned)\b\s*(?:\(([^)]*)\))?/g)]
  const [first] = found
  if (first === undefined) {
    const [word] = misspelt.exec(documentation) ?? []
    return word === undefined ? undefined : faultOf('shard', `says ${word}, which declares nothing`)
  }
  // The pattern lets only these words through.
  const kind = first[1] as KindComment['kind']
  if (found.length > 1) return faultOf(kind, 'declares more than one table kind')
  if (first[2] === undefined) return faultOf(kind, `says @${kind} without options`)
  const options = readOptions(first[2])
  if (options === undefined) return faultOf(kind, `has options of @${kind} that cannot be read`)
  const unknown = Object.keys(options).find((name) => !allowedOptions[kind].includes(name))
  if (unknown !== undefined)
    return faultOf(kind, `gives @${kind} an option ${unknown}, which it does not have`)
  const missing = neededOptions[kind].find((name) => !(name in options))
  return missing === undefined ? { kind, options } : faultOf(kind, `gives @${kind} no ${missing}`)
}

function faultOf(kind: KindComment['kind'], fault: string): CommentFault {
  return { fault, remedy: `Write ${usages[kind]} over the model.` }
}

/** `name: "text"` and `name: ["text", …]`, parted by commas; a plain text stands for a list of one. */
function readOptions(text: string): Record<string, string | readonly string[]> | undefined {
  const options: Record<string, string | readonly string[]> = {}
  const item = /\s*([a-zA-Z]+)\s*:\s*("[^"]*"|\[[^\]]*\])\s*(,|$)/y
  while (item.lastIndex < text.trimEnd().length) {
    const [, name, value] = item.exec(text) ?? []
    if (name === undefined || value === undefined || name in options) return undefined
    const read = readValue(value, listOptions.has(name))
    if (read === undefined) return undefined
    options[name] = read
  }
  return options
}

function readValue(value: string, isList: boolean): string | readonly string[] | undefined {
  if (value.startsWith('"')) return isList ? [value.slice(1, -1)] : value.slice(1, -1)
  if (!isList || !/^\[\s*(?:"[^"]*"\s*(?:,\s*"[^"]*"\s*)*)?\]$/.test(value)) return undefined
  return [...value.matchAll(/"([^"]*)"/g)].map(([, text = '']) => text)
}
