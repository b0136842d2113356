import type { Timers } from '../system-clock.ts'
import type { Disk, DiskFile } from './disk.ts'
import { HEADER_BYTES, PAYLOAD_BYTES_MAX, seal } from './record.ts'
import { segmentPath } from './recover.ts'

/** `written`: in the file when the answer leaves, synced within a second. `synced`: the answer waits for the sync. */
export type SyncMode = 'written' | 'synced'

export interface JournalOptions {
  readonly disk: Disk
  readonly timers: Timers
  readonly mode: SyncMode
  readonly folder: string
  /** Told when writing fails, and when it succeeds again (null). */
  onTrouble(error: unknown): void
}

const BUFFER_BYTES = 64 * 1024
/** A buffer that had to grow beyond this is given back once it is written. */
const BUFFER_BYTES_KEPT = 4 * 1024 * 1024
/** What may wait for a disk that takes nothing. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024
const SYNC_AFTER_MS = 1_000
const PROBE_AFTER_MS = 1_000

/**
 * An append-only file of records, in segments. What is appended waits in memory until `flush`, which writes it in one piece; whoever
 * answers for it calls `flush` before, and waits for what that returns.
 *
 * When a write fails, what was appended stays in memory and is tried again each second, so that the file never misses a piece. When a
 * sync fails, nobody can know what the system still holds: only a new snapshot helps, see `abandon`.
 */
export class JournalFile {
  readonly #options: JournalOptions
  #file: DiskFile
  #segment: number
  /** Bytes in the segment. */
  #written: number
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #filled = 0
  #trouble: 'write' | 'hole' | null = null
  /** Until this turn of the event loop ends, everyone is told that writing failed: who was changed by the same request is not yet known. */
  #isRejecting = false
  /** Counts what was written, over all segments; what is synced lies at or below. */
  #position = 0
  #synced = 0
  #syncing: Promise<void> | null = null
  #due: Promise<void> | null = null
  #cancelSync: (() => void) | null = null
  #cancelProbe: (() => void) | null = null
  #isClosed = false

  /** Goes on behind the last good record of a segment, or begins one. @param size bytes to keep; null: the segment is new */
  constructor(options: JournalOptions, segment: number, size: number | null) {
    this.#options = options
    this.#segment = segment
    const path = segmentPath(options.folder, segment)
    this.#file = size === null ? options.disk.create(path) : options.disk.open(path)
    this.#written = size ?? 0
    if (size !== null && this.#file.size() > size) {
      this.#file.truncate(size)
      this.#file.syncNow()
    }
    options.disk.syncFolder(options.folder)
  }

  get segment(): number {
    return this.#segment
  }
  /** Of this segment, with what is not written yet. */
  get bytes(): number {
    return this.#written + this.#filled
  }
  /** `write`: what waits is tried again. `hole`: something is missing, or may be; only `abandon` and a snapshot help. */
  get trouble(): 'write' | 'hole' | null {
    return this.#trouble
  }

  /** Room for one payload: fill it in at `offset`, then call `commit`. Throws RangeError when it is longer than a record can be. */
  reserve(payloadBytes: number): { readonly buffer: Buffer; readonly offset: number } {
    const needed = this.#filled + HEADER_BYTES + payloadBytes
    if (needed > PAYLOAD_BYTES_MAX || (this.#trouble !== null && needed > WAITING_BYTES_MAX)) {
      throw new RangeError(`a journal record of ${payloadBytes} bytes`)
    }
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, Math.min(this.#buffer.length * 2, PAYLOAD_BYTES_MAX)))
      this.#buffer.copy(larger, 0, 0, this.#filled)
      this.#buffer = larger
    }
    return { buffer: this.#buffer, offset: this.#filled + HEADER_BYTES }
  }

  commit(payloadBytes: number): void {
    seal(this.#buffer, this.#filled, payloadBytes)
    this.#filled += HEADER_BYTES + payloadBytes
  }

  /**
   * Writes what was appended. null: nothing to wait for; otherwise settles with the sync that began after the write, and is rejected
   * when writing or syncing failed. While there is trouble nothing that is appended counts as kept, and nobody waits.
   */
  flush(): Promise<void> | null {
    if (this.#trouble === null) this.#write()
    if (this.#trouble !== null)
      return this.#isRejecting ? Promise.reject(new Error('the journal cannot be written')) : null
    if (this.#position === this.#synced) return null
    if (this.#options.mode === 'synced') return this.#syncSoon()
    this.#cancelSync ??= this.#options.timers.after(SYNC_AFTER_MS, () => {
      this.#cancelSync = null
      this.#syncSoon().catch(() => {})
    })
    return null
  }

  /**
   * Begins the next segment; everything before is synced.
   * @param atSwitch called at the moment between the two: what was appended is in the old one, what will be is in the new one
   */
  async roll(atSwitch: () => void): Promise<void> {
    const file = this.#createNext()
    try {
      // The greater part is synced while requests go on; the rest, below, is short.
      await this.#file.sync()
      while (this.#syncing !== null) await this.#syncing
      const error = this.#write()
      if (error !== null) throw error
      this.#file.syncNow()
    } catch (error) {
      this.#discard(file)
      throw error
    }
    this.#switchTo(file)
    atSwitch()
  }

  /**
   * When there is a hole: begins the next segment without trusting the one before. The caller makes a snapshot of everything, and tells by
   * `renewed` that it is kept.
   */
  abandon(): void {
    const file = this.#createNext()
    this.#filled = 0
    this.#switchTo(file)
  }

  /** The snapshot that `abandon` asked for is kept. */
  renewed(): void {
    this.#recover()
  }

  /** Something could not even be appended. */
  lose(error: unknown): void {
    this.#fail('hole', error)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cancelSync?.()
    this.#cancelProbe?.()
    try {
      while (this.#syncing !== null) await this.#syncing.catch(() => {})
      const error = this.#write()
      if (error !== null) throw error
      await this.#file.sync()
    } finally {
      this.#file.close()
    }
  }

  get #nextPath(): string {
    return segmentPath(this.#options.folder, this.#segment + 1)
  }

  #createNext(): DiskFile {
    const { disk, folder } = this.#options
    disk.remove(this.#nextPath)
    const file = disk.create(this.#nextPath)
    try {
      disk.syncFolder(folder)
    } catch (error) {
      this.#discard(file)
      throw error
    }
    return file
  }

  #discard(next: DiskFile): void {
    next.close()
    this.#options.disk.remove(this.#nextPath)
  }

  #switchTo(file: DiskFile): void {
    this.#file.close()
    this.#file = file
    this.#segment++
    this.#written = 0
    this.#synced = this.#position
  }

  /** null: it was written, or there was nothing to write. */
  #write(): unknown {
    if (this.#filled === 0) return null
    try {
      this.#file.write(this.#buffer.subarray(0, this.#filled), this.#written)
    } catch (error) {
      this.#fail('write', error)
      return error
    }
    this.#written += this.#filled
    this.#position += this.#filled
    this.#filled = 0
    if (this.#buffer.length > BUFFER_BYTES_KEPT) this.#buffer = Buffer.allocUnsafe(BUFFER_BYTES)
    return null
  }

  /** One sync at a time; those who come while one is under way share the next. */
  #syncSoon(): Promise<void> {
    this.#due ??= this.#nextSync()
    return this.#due
  }

  async #nextSync(): Promise<void> {
    if (this.#syncing !== null) await this.#syncing.catch(() => {})
    // What else arrives in this turn of the event loop goes with it.
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.#due = null
    const position = this.#position
    if (position <= this.#synced) return
    if (this.#trouble === 'hole') throw new Error('the journal cannot be synced')
    this.#syncing = this.#file.sync()
    try {
      await this.#syncing
      if (position > this.#synced) this.#synced = position
    } catch (error) {
      this.#fail('hole', error)
      throw error
    } finally {
      this.#syncing = null
    }
  }

  #fail(what: 'write' | 'hole', error: unknown): void {
    if (this.#trouble !== 'hole') this.#trouble = what
    this.#isRejecting = true
    setImmediate(() => {
      this.#isRejecting = false
    })
    this.#options.onTrouble(error)
    this.#probeLater()
  }

  #probeLater(): void {
    if (this.#isClosed || this.#trouble !== 'write') return
    this.#cancelProbe ??= this.#options.timers.after(PROBE_AFTER_MS, () => {
      this.#cancelProbe = null
      if (this.#trouble === 'write' && this.#write() === null) this.#recover()
    })
  }

  #recover(): void {
    this.#trouble = null
    this.#options.onTrouble(null)
    if (this.#position > this.#synced) this.#syncSoon().catch(() => {})
  }
}
