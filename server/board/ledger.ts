import type { LedgerEntry } from '../api/history.ts'
import type { Clock } from '../domain/clock.ts'
import { messageOf, OpsError } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { formatClock } from '../domain/words.ts'
import { type LedgerFile, type Opened, openLedgerFile } from './ledger-file.ts'
import { encodeLine, GENESIS, type LedgerRecord } from './ledger-line.ts'

/** What is entered; the ledger gives it its number, time and hash. */
export type NewRecord = Omit<LedgerRecord, 'seq' | 'atMs' | 'hash' | 'wanted'> & {
  readonly wanted?: LedgerRecord['wanted']
}

/** The newest lines are searched and shown; older ones stay in the file. About 10 MB. */
const SHOWN_MAX = 20_000
/** Lines that the disk refused, kept until it takes them. */
const UNWRITTEN_MAX = 1_000
/** Acting does not wait longer than this for a disk that hangs. */
const WRITE_MS_MAX = 2_000

export interface LedgerQuery {
  readonly filter?: string | undefined
  readonly actor?: string | undefined
  readonly sinceMs?: number | undefined
  readonly offset: number
  readonly limit: number
}

/**
 * Everything that was asked for, done, refused or ended, in order. It is on disk before anything is acted on. When the disk
 * refuses, acting goes on: the lines are kept in memory and on stderr, and `fault` says so.
 */
export class Ledger {
  readonly #clock: Clock
  readonly #log: Log
  readonly #folder: string
  #file: LedgerFile | null
  #head: Opened['head']
  #faults: string[]
  #refused: { message: string; sinceMs: number } | null = null
  #dropped = 0
  readonly #shown: LedgerRecord[] = []
  readonly #unwritten: Unwritten[] = []
  #writing: Promise<void> | null = null

  private constructor({ clock, log, folder }: LedgerOptions, opened: Opened | null, records: readonly LedgerRecord[]) {
    this.#clock = clock
    this.#log = log
    this.#folder = folder
    this.#file = opened?.file ?? null
    this.#head = opened?.head ?? { seq: 0, hash: GENESIS }
    this.#faults = [...(opened?.faults ?? [])]
    this.#shown.push(...records.slice(-SHOWN_MAX))
  }

  /**
   * Opens the ledger of a folder, made when it is missing.
   * @param onRecord each line nobody changed, in order: what is wanted is rebuilt from it
   * @throws OpsError `refused` when another process has it
   */
  static async open(options: LedgerOptions, onRecord: (record: LedgerRecord) => void): Promise<Ledger> {
    const records: LedgerRecord[] = []
    let opened: Opened | null = null
    let failure: unknown = null
    try {
      opened = await openLedgerFile(options.folder, (record, isSound) => {
        if (isSound) onRecord(record)
        records.push(isSound ? record : { ...record, detail: `(this line was changed) ${record.detail}` })
        if (records.length > 2 * SHOWN_MAX) records.splice(0, SHOWN_MAX)
      })
    } catch (error) {
      if (error instanceof OpsError) throw error
      failure = error
    }
    const ledger = new Ledger(options, opened, records)
    if (failure) ledger.#refuse(failure)
    if (opened) options.log.info('ledger opened', { path: opened.file.path, ...opened.head })
    for (const fault of opened?.faults ?? []) options.log.error('ledger fault', { fault })
    return ledger
  }

  /** The chain holds. */
  get isIntact(): boolean {
    return this.#faults.length === 0
  }

  /** What people should know of it, in words; null = nothing. */
  get fault(): string | null {
    const [first, ...more] = this.#faults
    const chain = first === undefined ? [] : [more.length === 0 ? first : `${first}, and ${more.length} more`]
    return [...chain, ...this.#refusedText()].join('; ') || null
  }

  /** Enters a line and waits until it is on disk, or is known to be refused there. Never rejects. */
  async append(entry: NewRecord): Promise<LedgerRecord> {
    const record = this.#chain({ ...entry, atMs: this.#clock.nowMs(), wanted: entry.wanted ?? null })
    if (this.#shown.length > 2 * SHOWN_MAX) this.#shown.splice(0, SHOWN_MAX)
    if (this.#unwritten.length > UNWRITTEN_MAX) this.#dropped += this.#unwritten.splice(0, 1).length
    await this.flush()
    return record
  }

  /** Writes what is not on disk yet, if the disk takes it. */
  async flush(): Promise<void> {
    if (this.#unwritten.length === 0) return
    this.#writing ??= this.#write()
    const writing = this.#writing
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#refuse(new Error('the disk does not answer'))
        resolve()
      }, WRITE_MS_MAX)
    })
    await Promise.race([writing, late])
    clearTimeout(timer)
  }

  /** Writes what waits, and reads the file again if something else wrote to it. */
  async lookAfter(): Promise<void> {
    await this.flush()
    if (this.#writing || !this.#file || this.#refused) return
    try {
      for (const fault of (await this.#file.verify()) ?? []) {
        if (this.#faults.includes(fault)) continue
        this.#faults.push(fault)
        this.#log.error('ledger fault', { fault })
      }
    } catch (error) {
      this.#refuse(error)
    }
  }

  /** Newest first, among the newest 20,000. */
  page({ filter, actor, sinceMs = 0, offset, limit }: LedgerQuery): { total: number; items: LedgerEntry[] } {
    const text = filter?.toLowerCase()
    const found: LedgerRecord[] = []
    for (let at = this.#shown.length - 1; at >= 0 && at >= this.#shown.length - SHOWN_MAX; at--) {
      const record = this.#shown[at]
      if (!record || record.atMs < sinceMs || (actor !== undefined && record.actor !== actor)) continue
      if (text === undefined || holds(record, text)) found.push(record)
    }
    return { total: found.length, items: found.slice(offset, offset + limit).map(({ wanted: _, ...entry }) => entry) }
  }

  async close(): Promise<void> {
    await this.flush()
    await this.#file?.close()
    this.#file = null
  }

  /** Gives it its place behind the last line. */
  #chain(entry: Omit<LedgerRecord, 'seq' | 'hash'>): LedgerRecord {
    const seq = this.#head.seq + 1
    const { line, hash } = encodeLine(this.#head.hash, { seq, ...entry })
    const record: LedgerRecord = { seq, ...entry, hash }
    this.#head = { seq, hash }
    this.#shown.push(record)
    this.#unwritten.push({ line, record, isTold: false })
    return record
  }

  /** Opens what could not be opened at the start: what was entered since comes behind what it holds. */
  async #openLate(): Promise<LedgerFile> {
    const opened = await openLedgerFile(this.#folder, () => {})
    const waiting = this.#unwritten.splice(0)
    this.#shown.splice(0)
    this.#faults.push(...opened.faults)
    this.#head = opened.head
    for (const { record } of waiting) {
      const { seq: _seq, hash: _hash, ...entry } = record
      this.#chain(entry)
    }
    return opened.file
  }

  async #write(): Promise<void> {
    try {
      await this.#writeAll()
    } catch (error) {
      this.#refuse(error)
    } finally {
      this.#writing = null
    }
  }

  async #writeAll(): Promise<void> {
    while (this.#unwritten.length > 0) {
      this.#file ??= await this.#openLate()
      const batch = [...this.#unwritten]
      const last = batch[batch.length - 1]?.record
      if (!last) return
      const head = { seq: last.seq, hash: last.hash }
      const touched = await this.#file.append(batch.map(({ line }) => line).join(''), head)
      if (touched !== null && !this.#faults.includes(touched)) this.#faults.push(touched)
      const written = new Set(batch)
      for (let at = this.#unwritten.length - 1; at >= 0; at--) {
        const one = this.#unwritten[at]
        if (one && written.has(one)) this.#unwritten.splice(at, 1)
      }
      if (this.#refused) this.#log.info('ledger written again', { seq: last.seq })
      this.#refused = null
    }
  }

  #refuse(error: unknown): void {
    this.#refused = { message: messageOf(error), sinceMs: this.#refused?.sinceMs ?? this.#clock.nowMs() }
    for (const one of this.#unwritten) {
      if (!one.isTold)
        this.#log.error('ledger line not stored', { line: one.line.trimEnd(), why: this.#refused.message })
      one.isTold = true
    }
  }

  #refusedText(): string[] {
    if (!this.#refused) return this.#dropped > 0 ? [`${this.#dropped} lines were never stored`] : []
    const since = formatClock(this.#refused.sinceMs)
    const kept = `${this.#unwritten.length} lines are in memory only`
    const lost = this.#dropped > 0 ? `, ${this.#dropped} older ones are on stderr only` : ''
    return [`history is not stored since ${since} (${this.#refused.message}): ${kept}${lost}`]
  }
}

interface Unwritten {
  readonly line: string
  readonly record: LedgerRecord
  /** It stands on stderr. */
  isTold: boolean
}

export interface LedgerOptions {
  /** Made with mode 0700 when it is missing. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
}

function holds({ targets, reason, actor, control }: LedgerRecord, text: string): boolean {
  return [...targets, reason ?? '', actor, control ?? ''].some((part) => part.toLowerCase().includes(text))
}
