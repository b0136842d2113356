import type { Db } from './db.ts'

/** One change as a command that does exactly the same again: expiries absolute, nothing random, nothing read from a clock. */
export interface Effect {
  /** Number of the database. */
  readonly db: number
  /** The command's name first. */
  readonly args: readonly string[]
}

/** memory: nothing is kept · interval: written, synced within a second · always: answers wait for the sync. */
export type Durability = 'memory' | 'interval' | 'always'

/** What the journal works on. The engine gives it when it opens the journal, before it listens. */
export interface Journaled {
  /** All databases, by number: for a snapshot (and for loading one, by `Db.set` and `Db.expireAt`). */
  readonly dbs: readonly Db[]
  /** Does one frame again, with expiry frozen and nothing written back. Throws when an effect is refused: the journal is damaged. */
  replay(frame: readonly Effect[]): void
}

/** Where the engine puts what it changed. Opened by `openJournal(…, journaled)` of `journal.ts`, which recovers before it resolves. */
export interface Journal {
  /** One command, transaction or script, atomic: all of it is found again after a crash, or nothing. Never empty, never throws. */
  append(frame: readonly Effect[]): void
  /**
   * Mode `always`: settles when all that was appended so far is synced; answers wait for it. Rejected: it could not be written, and
   * the connections that wait are closed without an answer. null: nothing to wait for.
   */
  flushed(): Promise<void> | null
  /** Why writes are refused now, as Redis says it (`MISCONF …`); null: they are taken. */
  readonly refusal: string | null
  /** A snapshot under way keeps the old value before it changes. The engine forwards every `DbListener.beforeChange`. */
  beforeChange(db: Db, key: string): void
  /** Starts a snapshot after which the journal begins anew: SAVE, BGSAVE, BGREWRITEAOF. null: one is under way. Rejects when it fails. */
  compact(): Promise<void> | null
  readonly figures: JournalFigures
  /** Writes and syncs what is left and gives the data directory free. */
  close(): Promise<void>
}

/** For INFO persistence and LASTSAVE. */
export interface JournalFigures {
  /** Unix ms; 0: never. */
  readonly lastSaveAtMs: number
  readonly lastSaveOk: boolean
  readonly isSaving: boolean
  readonly changesSinceSave: number
  readonly journalBytes: number
  readonly lastWriteOk: boolean
}
