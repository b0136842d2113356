import type { Value } from './value.ts'

/** What others want to hear of a database: WATCH, blocked clients, the snapshot under way. */
export interface DbListener {
  /** Just before the value of a key is changed, replaced or removed: what a snapshot under way has not kept yet, it keeps now. */
  beforeChange(db: Db, key: string): void
  /** After it: WATCH is broken, and whoever waits for the key is looked at once the command has ended. */
  afterChange(db: Db, key: string): void
  /** A key was removed because its time was over: the journal keeps that as a DEL of its own. */
  expired(db: Db, key: string): void
}

/**
 * One numbered database: keys to values, and when they end. Nothing here knows commands or types.
 *
 * A handler that changes a value in place calls `changing` before and `changed` after; `set`, `remove` and the expiry methods do both.
 */
export class Db {
  readonly index: number
  readonly #values = new Map<string, Value>()
  readonly #expiries = new Map<string, number>()
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
    return this.#values.size
  }
  get expiring(): number {
    return this.#expiries.size
  }

  /** The value, or undefined. A key whose time is over is removed here. */
  get(key: string): Value | undefined {
    const value = this.#values.get(key)
    if (value === undefined || this.#expiries.size === 0) return value
    return this.#isOver(key) ? undefined : value
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** Puts a value in place; the expiry stays as it is unless `clearExpiry`. */
  set(key: string, value: Value, clearExpiry = false): void {
    this.#listener.beforeChange(this, key)
    this.#values.set(key, value)
    if (clearExpiry && this.#expiries.size > 0) this.#expiries.delete(key)
    this.#listener.afterChange(this, key)
  }

  /** Whether there was such a key. */
  remove(key: string): boolean {
    if (this.get(key) === undefined) return false
    this.#listener.beforeChange(this, key)
    this.#values.delete(key)
    this.#expiries.delete(key)
    this.#listener.afterChange(this, key)
    return true
  }

  changing(key: string): void {
    this.#listener.beforeChange(this, key)
  }
  changed(key: string): void {
    this.#listener.afterChange(this, key)
  }

  /** Unix time in ms at which the key ends; null: never, or no such key. */
  expiresAtMs(key: string): number | null {
    return this.get(key) === undefined ? null : (this.#expiries.get(key) ?? null)
  }
  /** The key exists. A time that is over removes it at the next look. */
  expireAt(key: string, atMs: number): void {
    this.#listener.beforeChange(this, key)
    this.#expiries.set(key, atMs)
    this.#listener.afterChange(this, key)
  }
  /** Whether the key had an expiry. */
  persist(key: string): boolean {
    if (!this.#expiries.has(key) || this.get(key) === undefined) return false
    this.#listener.beforeChange(this, key)
    this.#expiries.delete(key)
    this.#listener.afterChange(this, key)
    return true
  }

  /** In order of creation, those whose time is over included: callers that need live ones ask `get`. */
  keys(): IterableIterator<string> {
    return this.#values.keys()
  }
  entries(): IterableIterator<[string, Value]> {
    return this.#values.entries()
  }
  expiries(): IterableIterator<[string, number]> {
    return this.#expiries.entries()
  }

  clear(): void {
    for (const key of this.#values.keys()) this.#listener.beforeChange(this, key)
    const keys = [...this.#values.keys()]
    this.#values.clear()
    this.#expiries.clear()
    for (const key of keys) this.#listener.afterChange(this, key)
  }

  #isOver(key: string): boolean {
    const atMs = this.#expiries.get(key)
    if (atMs === undefined || atMs > this.#nowMs()) return false
    this.#listener.beforeChange(this, key)
    this.#values.delete(key)
    this.#expiries.delete(key)
    this.#listener.expired(this, key)
    this.#listener.afterChange(this, key)
    return true
  }
}
