import type { Clock } from '../../domain/clock.ts'
import type { Log } from '../../domain/log.ts'
import { type Disk, diskErrorCode } from '../storage/disk.ts'
import { JournalFile } from '../storage/journal.ts'
import { type Lock, lockFolder, type Processes } from '../storage/lock.ts'
import {
  type Manifest,
  numberedName,
  type Replayed,
  readManifest,
  refuseForeign,
  removeOld,
  writeManifest,
} from '../storage/recover.ts'
import { SnapshotWriter } from '../storage/snapshot.ts'
import { StorageError } from '../storage/storage-error.ts'
import type { Timers } from '../system-clock.ts'
import type { Db } from './db.ts'
import { DbSnapshot } from './db-snapshot.ts'
import { frameBytes, writeFrame } from './frame.ts'
import type { Effect, Journal, Journaled, JournalFigures } from './journal-port.ts'
import { loadSnapshot, replayChanges } from './recovery.ts'

export interface RedisJournalOptions {
  /** The data directory; made when there is none. */
  readonly folder: string
  readonly durability: 'interval' | 'always'
  readonly disk: Disk
  readonly processes: Processes
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  /** A journal shorter than this is never worth a snapshot. */
  readonly compactAboveBytes: number
  /** Go on without what is damaged instead of refusing to start. */
  readonly acceptsDamage: boolean
}

export const COMPACT_ABOVE_BYTES = 16 * 1024 * 1024
/** A journal so many times as long as the data is worth a snapshot. */
const COMPACT_FACTOR = 2
/** After a snapshot that failed. */
const RETRY_AFTER_MS = 10_000
const RENEW_AFTER_MS = 1_000

/** Takes the data directory, puts what it holds into the databases, and journals from there on. Throws StorageError. */
export async function openJournal(options: RedisJournalOptions, journaled: Journaled): Promise<Journal> {
  const { disk, folder, log, clock } = options
  disk.makeFolder(folder)
  refuseForeign(disk, folder)
  const lock = lockFolder(disk, folder, options.processes)
  try {
    const startedMs = clock.monotonicMs()
    let isDamaged = false
    const passDamage = options.acceptsDamage
      ? (what: string) => {
          isDamaged = true
          log.warn('damage passed over', { what })
        }
      : null
    const manifest = readManifest(disk, folder)
    const recovery = { disk, folder, manifest, passDamage }
    const data = loadSnapshot(recovery, journaled)
    const replayed = replayChanges(recovery, journaled)
    // A manifest is written before the first record.
    if (manifest === null && replayed.records === 0 && replayed.cut !== null) {
      throw new StorageError('foreign', `${replayed.cut.path} was not written by Sluice: choose another directory`)
    }
    if (replayed.cut !== null) log.warn('torn tail of the journal cut off', { ...replayed.cut })
    const { records, bytes } = replayed
    log.info('recovered', { keys: data.keys, records, bytes, tookMs: Math.round(clock.monotonicMs() - startedMs) })
    const journal = new RedisJournal(options, journaled.dbs, { lock, manifest, replayed, dataBytes: data.bytes })
    if (manifest === null) await writeManifest(disk, folder, { snapshot: null, segment: journal.firstSegment })
    if (isDamaged) await journal.compact()
    return journal
  } catch (error) {
    lock.release()
    throw error
  }
}

class RedisJournal implements Journal {
  readonly firstSegment: number
  readonly #options: RedisJournalOptions
  readonly #dbs: readonly Db[]
  readonly #lock: Lock
  readonly #file: JournalFile
  #saving: Saving | null = null
  #compaction: Promise<void> | null = null
  #dataBytes: number
  #refusal: string | null = null
  #lastSaveAtMs = 0
  #lastSaveOk = true
  #changes = 0
  #isClosing = false
  #notBeforeMs = 0
  #cancelRenewal: (() => void) | null = null

  constructor(
    options: RedisJournalOptions,
    dbs: readonly Db[],
    from: {
      readonly lock: Lock
      readonly manifest: Manifest | null
      readonly replayed: Replayed
      readonly dataBytes: number
    },
  ) {
    this.#options = options
    this.#dbs = dbs
    this.#lock = from.lock
    this.#dataBytes = from.dataBytes
    this.#changes = from.replayed.records
    const { disk, timers, folder, durability } = options
    const { tail } = from.replayed
    const segment = tail?.segment ?? from.manifest?.segment ?? 1
    this.firstSegment = segment
    const mode = durability === 'always' ? 'synced' : 'written'
    const onTrouble = (error: unknown) => this.#trouble(error)
    this.#file = new JournalFile({ disk, timers, mode, folder, onTrouble }, segment, tail?.bytes ?? null)
  }

  append(frame: readonly Effect[]): void {
    try {
      const bytes = frameBytes(frame)
      const { buffer, offset } = this.#file.reserve(bytes)
      writeFrame(frame, buffer, offset)
      this.#file.commit(bytes)
    } catch (error) {
      this.#file.lose(error)
    }
    this.#changes += frame.length
    if (this.#compaction === null && this.#file.bytes > this.#options.compactAboveBytes) this.#compactIfLong()
  }

  flushed(): Promise<void> | null {
    return this.#file.flush()
  }

  get refusal(): string | null {
    return this.#refusal
  }

  beforeChange(db: Db, key: string): void {
    if (this.#saving !== null) this.#saving.snapshot.beforeChange(db, key)
  }

  compact(): Promise<void> | null {
    if (this.#compaction !== null) return null
    this.#compaction = this.#compact().finally(() => {
      this.#compaction = null
    })
    return this.#compaction
  }

  get figures(): JournalFigures {
    return {
      lastSaveAtMs: this.#lastSaveAtMs,
      lastSaveOk: this.#lastSaveOk,
      isSaving: this.#compaction !== null,
      changesSinceSave: this.#changes,
      journalBytes: this.#file.bytes,
      lastWriteOk: this.#refusal === null,
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#cancelRenewal?.()
    await this.#compaction?.catch(() => {})
    try {
      await this.#file.close()
    } finally {
      this.#lock.release()
    }
  }

  #compactIfLong(): void {
    const { clock, log } = this.#options
    if (this.#isClosing || this.#file.trouble !== null || clock.monotonicMs() < this.#notBeforeMs) return
    if (this.#file.bytes <= COMPACT_FACTOR * this.#dataBytes) return
    this.compact()?.catch((error) => {
      this.#notBeforeMs = clock.monotonicMs() + RETRY_AFTER_MS
      log.warn('compaction failed', { error: String(error) })
    })
  }

  /** Begins a new segment, keeps everything as it stands at that moment, then names both in the manifest and removes what was before. */
  async #compact(): Promise<void> {
    const { disk, folder, clock, log } = this.#options
    const startedMs = clock.monotonicMs()
    const hadHole = this.#file.trouble === 'hole'
    try {
      if (!hadHole) await this.#file.roll(() => this.#begin())
      else {
        this.#file.abandon()
        this.#begin()
      }
      const { bytes, keys } = await this.#walk()
      const { segment } = this.#file
      const manifest = { snapshot: numberedName('snapshot', segment), segment }
      await writeManifest(disk, folder, manifest)
      removeOld(disk, folder, manifest)
      if (hadHole) this.#file.renewed()
      this.#dataBytes = bytes
      this.#lastSaveAtMs = clock.nowMs()
      this.#lastSaveOk = true
      log.info('compacted', { keys, bytes, tookMs: Math.round(clock.monotonicMs() - startedMs) })
    } catch (error) {
      this.#lastSaveOk = false
      this.#saving?.writer.discard()
      throw error
    } finally {
      this.#saving = null
    }
  }

  #begin(): void {
    const { disk, folder } = this.#options
    const writer = new SnapshotWriter(disk, folder, numberedName('snapshot', this.#file.segment))
    this.#saving = { writer, snapshot: new DbSnapshot(writer, this.#dbs) }
    this.#changes = 0
  }

  async #walk(): Promise<{ readonly bytes: number; readonly keys: number }> {
    const { writer, snapshot } = this.#saving as Saving
    while (snapshot.step()) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (this.#isClosing) throw new Error('the engine is closing')
    }
    const { bytes } = writer
    await writer.finish()
    return { bytes, keys: snapshot.keys }
  }

  #trouble(error: unknown): void {
    const { log, timers } = this.#options
    if (error === null) {
      this.#refusal = null
      log.info('journal is written again')
      return
    }
    if (this.#refusal === null) log.error('journal cannot be written', { error: String(error) })
    this.#refusal = `MISCONF Errors writing to the AOF file: ${wordsOf(error)}`
    if (this.#file.trouble === 'hole') this.#cancelRenewal ??= timers.after(RENEW_AFTER_MS, () => this.#renew())
  }

  /** Something is missing in the journal: a snapshot of everything heals it. */
  #renew(): void {
    this.#cancelRenewal = null
    if (this.#isClosing) return
    // One under way began before the hole, and does not heal it.
    const next = this.compact() ?? Promise.reject(new Error('another snapshot is under way'))
    next.catch(() => {
      this.#cancelRenewal ??= this.#options.timers.after(RENEW_AFTER_MS, () => this.#renew())
    })
  }
}

interface Saving {
  readonly writer: SnapshotWriter
  readonly snapshot: DbSnapshot
}

/** As the C library puts it, for those we expect. */
const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'No space left on device',
  EDQUOT: 'Disk quota exceeded',
  EROFS: 'Read-only file system',
  EIO: 'Input/output error',
}

function wordsOf(error: unknown): string {
  return (
    WORDS[diskErrorCode(error) ?? ''] ?? (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ')
  )
}
