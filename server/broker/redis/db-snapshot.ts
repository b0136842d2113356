import type { SnapshotWriter } from '../storage/snapshot.ts'
import { type ByteReader, ByteWriter } from './bytes.ts'
import type { Db } from './db.ts'
import type { Value } from './value.ts'
import { readValue, writeValue } from './value-codec.ts'

/** How much is written before requests get their turn again: well below a millisecond of work. */
const SLICE_BYTES = 128 * 1024
/** The first byte of a record that holds a key. */
const KEY = 1

/**
 * All databases as they stood at one moment, written in slices between requests. What changes meanwhile is written just before it does:
 * a key may so be in the snapshot twice, but both times as it was at that moment.
 */
export class DbSnapshot {
  readonly #writer: SnapshotWriter
  readonly #dbs: readonly Db[]
  readonly #bytes = new ByteWriter(64 * 1024)
  /** Per database: keys that were written, or made, since that moment. */
  readonly #changed: readonly Set<string>[]
  readonly #walk: Iterator<void>
  /** What went wrong while a change waited: the snapshot fails, the change does not. */
  #failure: unknown = null
  keys = 0

  constructor(writer: SnapshotWriter, dbs: readonly Db[]) {
    this.#writer = writer
    this.#dbs = dbs
    this.#changed = dbs.map(() => new Set())
    this.#walk = this.#walkAll()
  }

  /** Call it before anything changes. */
  beforeChange(db: Db, key: string): void {
    const changed = this.#changed[db.index] as Set<string>
    if (this.#failure !== null || changed.has(key)) return
    changed.add(key)
    const held = db.peek(key)
    if (held === undefined) return
    try {
      this.#write(db.index, key, held)
    } catch (error) {
      this.#failure = error
    }
  }

  /** Writes the next slice; whether there is more. */
  step(): boolean {
    if (this.#failure !== null) throw this.#failure
    return this.#walk.next().done !== true
  }

  *#walkAll(): IterableIterator<void> {
    for (const db of this.#dbs) {
      const changed = this.#changed[db.index] as Set<string>
      let sliceEnd = this.#writer.bytes + SLICE_BYTES
      for (const key of db.keys()) {
        if (changed.has(key)) continue
        const held = db.peek(key)
        if (held !== undefined) this.#write(db.index, key, held)
        if (this.#writer.bytes < sliceEnd) continue
        yield
        sliceEnd = this.#writer.bytes + SLICE_BYTES
      }
    }
  }

  #write(db: number, key: string, { value, expiresAtMs }: { value: Value; expiresAtMs: number | null }): void {
    const bytes = this.#bytes
    bytes.length = 0
    bytes.byte(KEY)
    bytes.byte(db)
    bytes.double(expiresAtMs ?? Number.POSITIVE_INFINITY)
    bytes.text(key)
    writeValue(bytes, value)
    this.#writer.add(bytes.written)
    this.keys++
  }
}

/** Puts one record of a snapshot in place. Throws RangeError when it is none. */
export function loadKey(reader: ByteReader, dbs: readonly Db[]): void {
  if (reader.byte() !== KEY) throw new RangeError('an unknown record of a snapshot')
  const db = dbs[reader.byte()]
  const expiresAtMs = reader.double()
  const key = reader.text()
  const value = readValue(reader)
  if (db === undefined || !reader.isAtEnd) throw new RangeError('a record of a snapshot with something else behind it')
  db.set(key, value, true)
  if (expiresAtMs !== Number.POSITIVE_INFINITY) db.expireAt(key, expiresAtMs)
}
