import { meter } from './meter.ts'
import type { LuaValue } from './value.ts'

/** About what V8 spends on a table, on a place of its array part and on an entry of its hash part. */
const TABLE_BYTES = 96
const PLACE_BYTES = 8
const ENTRY_BYTES = 48

/**
 * A Lua table: an array part for 1 … n, which may hold nil, and a Map for every other key. Keys never touch a JavaScript object, so
 * `__proto__` is a key like any other. Nothing here knows metatables but the field that holds one.
 *
 * The array part grows by one when its last place is taken; `#` looks for a border in it just as Lua 5.1 does.
 */
export class LuaTable {
  readonly array: LuaValue[]
  hash: Map<LuaValue, LuaValue> | null = null
  meta: LuaTable | null = null
  isReadonly = false
  /** For `next`: where the last traversal stands. */
  #walk: TableWalk | null = null

  /** @param array becomes the array part, not copied */
  constructor(array: LuaValue[] = []) {
    meter.charge(TABLE_BYTES + PLACE_BYTES * array.length)
    this.array = array
  }

  get(key: LuaValue): LuaValue {
    if (typeof key === 'number') return this.at(key)
    return this.hash === null ? undefined : this.hash.get(key)
  }

  at(key: number): LuaValue {
    const array = this.array
    if (key > 0 && key <= array.length && key % 1 === 0) return array[key - 1]
    return this.hash === null ? undefined : this.hash.get(key)
  }

  named(key: string): LuaValue {
    return this.hash === null ? undefined : this.hash.get(key)
  }

  /** The key is neither nil nor NaN. */
  set(key: LuaValue, value: LuaValue): void {
    if (typeof key === 'number') this.put(key, value)
    else this.#enter(key, value)
  }

  put(key: number, value: LuaValue): void {
    const array = this.array
    const length = array.length
    if (key > 0 && key <= length && key % 1 === 0) array[key - 1] = value
    else if (key === length + 1 && value !== undefined && (length === 0 || array[length - 1] !== undefined)) {
      this.#append(value)
    } else this.#enter(key, value)
  }

  #append(value: LuaValue): void {
    const array = this.array
    meter.charge(PLACE_BYTES)
    array.push(value)
    const hash = this.hash
    if (hash === null || hash.size === 0) return
    hash.delete(array.length)
    for (let next = hash.get(array.length + 1); next !== undefined; next = hash.get(array.length + 1)) {
      hash.delete(array.length + 1)
      array.push(next)
    }
  }

  #enter(key: LuaValue, value: LuaValue): void {
    if (value === undefined) {
      if (this.hash !== null) this.hash.delete(key)
      return
    }
    if (this.hash === null) this.hash = new Map()
    const before = this.hash.size
    this.hash.set(key, value)
    if (this.hash.size !== before) meter.charge(ENTRY_BYTES)
  }

  /** `#`: some n with t[n] not nil and t[n + 1] nil. */
  border(): number {
    const array = this.array
    let high = array.length
    if (high > 0 && array[high - 1] === undefined) {
      let low = 0
      while (high - low > 1) {
        const middle = (low + high) >> 1
        if (array[middle - 1] === undefined) high = middle
        else low = middle
      }
      return low
    }
    const hash = this.hash
    if (hash === null || hash.size === 0) return high
    while (hash.get(high + 1) !== undefined) high++
    return high
  }

  /** The entry after a key in the order of traversal; null: the key is not there; undefined: the end. */
  after(key: LuaValue): readonly [LuaValue, LuaValue] | undefined | null {
    let walk = this.#walk
    if (key === undefined) walk = new TableWalk(this)
    else if (walk === null || walk.key !== key) {
      walk = new TableWalk(this)
      do {
        meter.spend(1)
        if (!walk.step()) return null
      } while (walk.key !== key)
    }
    this.#walk = walk
    if (walk.step()) return [walk.key, walk.value]
    this.#walk = null
    return undefined
  }
}

/** One traversal: the array part, then the others in the order they came. Fields may be changed and removed on the way. */
export class TableWalk {
  key: LuaValue = undefined
  value: LuaValue = undefined
  readonly #table: LuaTable
  #index = 0
  #rest: IterableIterator<[LuaValue, LuaValue]> | null = null

  constructor(table: LuaTable) {
    this.#table = table
  }

  /** Whether there was another entry, which is now in `key` and `value`. */
  step(): boolean {
    const array = this.#table.array
    while (this.#index < array.length) {
      const value = array[this.#index++]
      if (value !== undefined) {
        this.key = this.#index
        this.value = value
        return true
      }
    }
    if (this.#rest === null) {
      if (this.#table.hash === null) return false
      this.#rest = this.#table.hash.entries()
    }
    const next = this.#rest.next()
    if (next.done === true) return false
    this.key = next.value[0]
    this.value = next.value[1]
    return true
  }
}
