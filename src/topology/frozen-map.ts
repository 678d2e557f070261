/**
 * A Map that cannot be changed. It is a real Map, so that printers and comparisons see its entries.
 * `toJSON` gives an object.
 */
export class FrozenMap<Key, Value> extends Map<Key, Value> {
  constructor(entries: Iterable<readonly [Key, Value]> = []) {
    super()
    for (const [key, value] of entries) super.set(key, value)
    Object.freeze(this)
  }

  override set(): this {
    return refuseChange()
  }

  override delete(): boolean {
    return refuseChange()
  }

  override clear(): void {
    refuseChange()
  }

  /** ECMAScript 2026 adds this and the next; they would change the entries past `set`. */
  getOrInsert(): never {
    return refuseChange()
  }

  getOrInsertComputed(): never {
    return refuseChange()
  }

  toJSON(): Record<string, Value> {
    return Object.fromEntries([...this].map(([key, value]) => [String(key), value]))
  }
}

/** Freezes a value and all it holds. Functions are left alone: they are the caller's. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (Object.isFrozen(value) && !(value instanceof FrozenMap)) return value
  Object.freeze(value)
  const parts: Iterable<unknown> = value instanceof Map ? value.values() : Object.values(value)
  for (const part of parts) deepFreeze(part)
  return value
}

/** The error a frozen object gives. */
function refuseChange(): never {
  throw new TypeError('A topology cannot be changed; make a new one with defineConfig.')
}
