import type { Value } from './value.ts'

/** What others want to hear of a database: WATCH, blocked clients, the snapshot under way. */
export interface DbListener {
  /** Just before the value of a key is changed, replaced or removed: what a snapshot under way has not kept yet, it keeps now. */
  beforeChange(db: Db, key: string): void
  /** After it: WATCH is broken, and whoever waits for the key is looked at once the command has ended. */
  afterChange(db: Db, key: string): void
  /** After a change that WATCH does not count: who has which entries of a stream. */
  afterBookkeeping(db: Db, key: string): void
  /** A key was removed because its time was over, after `beforeChange`: the journal keeps that as a DEL of its own. */
  expired(db: Db, key: string): void
}

const NEVER = Number.POSITIVE_INFINITY
/** SCAN walks over so many empty places for each key asked for, as Redis does, and then answers with what it has. */
const HOLES_PER_KEY = 10
const RANDOM_PROBES = 100

/**
 * One numbered database: keys to values, and when they end. Nothing here knows commands or types.
 *
 * A handler that changes a value in place calls `changing` before and `changed` after; `set`, `remove` and the expiry methods do both.
 *
 * Each key has a place (a number) from its creation to its end, and a free place is given to the next new key. So a SCAN cursor is a
 * place: whatever comes and goes meanwhile, a key that stays is met exactly once, and no page costs more than its COUNT.
 */
export class Db {
  readonly index: number
  #places = new Map<string, number>()
  #keys: (string | undefined)[] = []
  #values: (Value | undefined)[] = []
  #ends: number[] = []
  #free: number[] = []
  #expiring = 0
  #sweepAt = 0
  /** Strings of which OBJECT ENCODING tells something else than their text would. */
  #encodings = new Map<string, 'raw' | 'embstr'>()
  readonly #listener: DbListener
  readonly #nowMs: () => number

  /** @param nowMs Unix time in ms, frozen while a command, a transaction or a script runs; −Infinity while a journal is replayed. */
  constructor(index: number, listener: DbListener, nowMs: () => number) {
    this.index = index
    this.#listener = listener
    this.#nowMs = nowMs
  }

  /** Number of keys; those whose time is over and that nobody has looked at since count too, as in Redis. */
  get size(): number {
    return this.#places.size
  }
  get expiring(): number {
    return this.#expiring
  }

  /** The value, or undefined. A key whose time is over is removed here. */
  get(key: string): Value | undefined {
    const place = this.#places.get(key)
    if (place === undefined) return undefined
    if (this.#expiring > 0 && this.#ends[place] !== NEVER && this.#isOver(key, place)) return undefined
    return this.#values[place]
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** The value and its end as they stand, even if that is over: for the snapshot, which must not change anything. */
  peek(key: string): { readonly value: Value; readonly expiresAtMs: number | null } | undefined {
    const place = this.#places.get(key)
    if (place === undefined) return undefined
    const atMs = this.#ends[place] as number
    return { value: this.#values[place] as Value, expiresAtMs: atMs === NEVER ? null : atMs }
  }

  /** Puts a value in place; the expiry stays as it is unless `clearExpiry`, or over. */
  set(key: string, value: Value, clearExpiry = false): void {
    let place = this.#places.get(key)
    if (place !== undefined && !clearExpiry && this.#expiring > 0 && this.#isOver(key, place)) place = undefined
    this.#listener.beforeChange(this, key)
    if (place === undefined) this.#add(key, value)
    else {
      this.#values[place] = value
      if (clearExpiry && this.#expiring > 0) this.#setEnd(place, NEVER)
      if (this.#encodings.size > 0) this.#encodings.delete(key)
    }
    this.#listener.afterChange(this, key)
  }

  /** Whether there was such a key. */
  remove(key: string): boolean {
    if (this.get(key) === undefined) return false
    this.#listener.beforeChange(this, key)
    this.#drop(key, this.#places.get(key) as number)
    this.#listener.afterChange(this, key)
    return true
  }

  /** How a string that was just put in place was made (APPEND, SETBIT, INCRBYFLOAT), if not as any; holds until it is set anew. */
  markEncoding(key: string, encoding: 'raw' | 'embstr' | undefined): void {
    if (encoding !== undefined) this.#encodings.set(key, encoding)
  }
  markedEncoding(key: string): 'raw' | 'embstr' | undefined {
    return this.#encodings.get(key)
  }

  changing(key: string): void {
    this.#listener.beforeChange(this, key)
  }
  changed(key: string): void {
    this.#listener.afterChange(this, key)
  }
  /** In place of `changed` where Redis leaves WATCH alone. */
  changedBookkeeping(key: string): void {
    this.#listener.afterBookkeeping(this, key)
  }

  /** Unix time in ms at which the key ends; null: never, or no such key. */
  expiresAtMs(key: string): number | null {
    if (this.#expiring === 0 || this.get(key) === undefined) return null
    const atMs = this.#ends[this.#places.get(key) as number] as number
    return atMs === NEVER ? null : atMs
  }
  /** The key exists. A time that is over removes it at the next look. */
  expireAt(key: string, atMs: number): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    this.#listener.beforeChange(this, key)
    this.#setEnd(place, atMs)
    this.#listener.afterChange(this, key)
  }
  /** Whether the key had an expiry. */
  persist(key: string): boolean {
    if (this.expiresAtMs(key) === null) return false
    this.#listener.beforeChange(this, key)
    this.#setEnd(this.#places.get(key) as number, NEVER)
    this.#listener.afterChange(this, key)
    return true
  }

  /** By place, those whose time is over included: callers that need live ones ask `get`. Keys may come and go meanwhile. */
  *keys(): IterableIterator<string> {
    for (let place = 0; place < this.#keys.length; place++) {
      const key = this.#keys[place]
      if (key !== undefined) yield key
    }
  }

  /**
   * One page of SCAN: hands out about `count` keys, those whose time is over included.
   * @param cursor 0 at the start, then what the page before gave
   * @returns 0 at the end
   */
  scan(cursor: number, count: number, take: (key: string) => void): number {
    let left = count
    let holes = count * HOLES_PER_KEY
    let place = cursor
    for (; place < this.#keys.length && left > 0 && holes > 0; place++) {
      const key = this.#keys[place]
      if (key === undefined) holes--
      else {
        left--
        take(key)
      }
    }
    return place < this.#keys.length ? place : 0
  }

  /** Any live key, or undefined. @param random [0, 1) */
  randomKey(random: () => number): string | undefined {
    for (let probe = 0; probe < RANDOM_PROBES && this.#places.size > 0; probe++) {
      const key = this.#keys[Math.floor(random() * this.#keys.length)]
      if (key !== undefined && this.get(key) !== undefined) return key
    }
    for (const key of this.keys()) if (this.get(key) !== undefined) return key
    return undefined
  }

  /** Removes keys whose time is over, looking at `placesMax` places from where the last sweep ended. Gives how many were removed. */
  sweep(placesMax: number, removedMax: number): number {
    if (this.#expiring === 0) return 0
    const nowMs = this.#nowMs()
    let removed = 0
    for (let looked = Math.min(placesMax, this.#keys.length); looked > 0 && removed < removedMax; looked--) {
      if (this.#sweepAt >= this.#keys.length) this.#sweepAt = 0
      const place = this.#sweepAt++
      if ((this.#ends[place] as number) > nowMs) continue
      const key = this.#keys[place]
      if (key !== undefined && this.#isOver(key, place)) removed++
    }
    return removed
  }

  clear(): void {
    const keys = [...this.#places.keys()]
    for (const key of keys) this.#listener.beforeChange(this, key)
    this.#places.clear()
    this.#keys = []
    this.#values = []
    this.#ends = []
    this.#free = []
    this.#expiring = 0
    this.#encodings.clear()
    for (const key of keys) this.#listener.afterChange(this, key)
  }

  /** SWAPDB: the two change their contents; who has selected a number sees the other's keys at once. */
  swap(other: Db): void {
    for (const db of [this, other]) for (const key of db.keys()) this.#listener.beforeChange(db, key)
    for (const key of other.keys()) if (!this.#places.has(key)) this.#listener.beforeChange(this, key)
    for (const key of this.keys()) if (!other.#places.has(key)) this.#listener.beforeChange(other, key)
    ;[this.#places, other.#places] = [other.#places, this.#places]
    ;[this.#keys, other.#keys] = [other.#keys, this.#keys]
    ;[this.#values, other.#values] = [other.#values, this.#values]
    ;[this.#ends, other.#ends] = [other.#ends, this.#ends]
    ;[this.#free, other.#free] = [other.#free, this.#free]
    ;[this.#expiring, other.#expiring] = [other.#expiring, this.#expiring]
    ;[this.#encodings, other.#encodings] = [other.#encodings, this.#encodings]
    for (const key of [...this.keys(), ...other.keys()]) {
      this.#listener.afterChange(this, key)
      this.#listener.afterChange(other, key)
    }
  }

  #add(key: string, value: Value): void {
    let place = this.#free.pop()
    // The list may name places that the end of the arrays no longer reaches, or that were given away again.
    while (place !== undefined && (place >= this.#keys.length || this.#keys[place] !== undefined))
      place = this.#free.pop()
    if (place === undefined) {
      place = this.#keys.length
      this.#keys.push(key)
      this.#values.push(value)
      this.#ends.push(NEVER)
    } else {
      this.#keys[place] = key
      this.#values[place] = value
    }
    this.#places.set(key, place)
  }

  #drop(key: string, place: number): void {
    this.#setEnd(place, NEVER)
    this.#places.delete(key)
    if (this.#encodings.size > 0) this.#encodings.delete(key)
    this.#keys[place] = undefined
    this.#values[place] = undefined
    this.#free.push(place)
    while (this.#keys.length > 0 && this.#keys[this.#keys.length - 1] === undefined) {
      this.#keys.pop()
      this.#values.pop()
      this.#ends.pop()
    }
    if (this.#keys.length === 0) this.#free = []
  }

  #setEnd(place: number, atMs: number): void {
    if (this.#ends[place] !== NEVER) this.#expiring--
    if (atMs !== NEVER) this.#expiring++
    this.#ends[place] = atMs
  }

  #isOver(key: string, place: number): boolean {
    if ((this.#ends[place] as number) > this.#nowMs()) return false
    this.#listener.beforeChange(this, key)
    this.#drop(key, place)
    this.#listener.expired(this, key)
    return true
  }
}
