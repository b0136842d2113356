import { createHash } from 'node:crypto'
import { type LedgerEntry, ledgerEntry } from '../api/history.ts'
import type { Control } from '../domain/control.ts'

/** One line of the ledger: what everybody may read, and what is wanted from then on. */
export interface LedgerRecord extends LedgerEntry {
  /** The control as asked for, from which what is wanted is rebuilt at start; null where nothing is placed. */
  readonly wanted: Control | null
}

/** What the first line builds on. */
export const GENESIS = '0'.repeat(64)

const SUFFIX_BYTES = ',"hash":""}'.length + 64

/** The line, with its line end, that follows the one whose hash is `before`. */
export function encodeLine(before: string, record: Omit<LedgerRecord, 'hash'>): { line: string; hash: string } {
  const content = JSON.stringify(record).slice(0, -1)
  const hash = hashOf(before, Buffer.from(content))
  return { line: `${content},"hash":"${hash}"}\n`, hash }
}

interface Line {
  readonly content: Buffer
  readonly hash: string
  readonly record: LedgerRecord
}

/** A line without its line end; null when it is not one of ours. */
export function parseLine(bytes: Buffer): Line | null {
  const content = bytes.subarray(0, Math.max(0, bytes.length - SUFFIX_BYTES))
  const suffix = /^,"hash":"([0-9a-f]{64})"\}$/.exec(bytes.subarray(content.length).toString('latin1'))
  if (!suffix?.[1]) return null
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    const wanted = typeof value === 'object' && value !== null && 'wanted' in value ? (value.wanted as Control) : null
    return { content, hash: suffix[1], record: { ...ledgerEntry.parse(value), wanted } }
  } catch {
    return null
  }
}

/** What became of one line: its record (null = unreadable), and whether nobody touched it. */
export interface Verified {
  readonly record: LedgerRecord | null
  readonly isSound: boolean
}

/** Follows the chain of hashes line by line and names the lines that do not fit; the chain goes on behind them. */
export class ChainReader {
  readonly faults: string[] = []
  #seq = 0
  #hash = GENESIS
  /** What the next line may build on; null = the line before is unreadable, so that this cannot be told. */
  #anchors: readonly string[] | null = [GENESIS]
  #isUnreadable = false

  /** Number and hash of the last line. */
  get head(): { seq: number; hash: string } {
    return { seq: this.#seq, hash: this.#hash }
  }

  /** @param next the line behind it, which tells a changed number from a missing line; null = none */
  read(bytes: Buffer, next: Buffer | null): Verified {
    const expected = this.#seq + 1
    const line = parseLine(bytes)
    if (!line) {
      if (!this.#isUnreadable) this.faults.push(`line ${expected} was changed`)
      this.#isUnreadable = true
      this.#anchors = null
      this.#seq = expected
      return { record: null, isSound: false }
    }
    const { record, content, hash } = line
    this.#isUnreadable = false
    const computed = this.#anchors?.map((anchor) => hashOf(anchor, content))
    const isLinked = computed?.includes(hash) ?? true
    const isHole = record.seq > expected && (isLinked || this.#isFollowedBy(next, record.seq + 1))
    if (isHole) this.faults.push(missing(expected, record.seq - 1))
    else if (!isLinked) this.faults.push(`line ${expected} was changed`)
    this.#seq = isLinked || isHole ? record.seq : expected
    this.#hash = hash
    // Whether the content or the hash was changed, the next line fits one of these.
    this.#anchors = [hash, ...(isLinked ? [] : (computed ?? []))]
    return { record, isSound: isLinked || isHole }
  }

  /** Compares with the head that was kept apart: what is missing from the end shows only there. */
  finish(kept: { seq: number; hash: string } | null): void {
    if (!kept || kept.seq < this.#seq) return
    if (kept.seq > this.#seq) {
      this.faults.push(`${missing(this.#seq + 1, kept.seq)} from the end`)
      this.#seq = kept.seq
      this.#hash = kept.hash
    } else if (kept.hash !== this.#hash && this.faults.length === 0) {
      this.faults.push(`line ${this.#seq} was changed`)
    }
  }

  #isFollowedBy(next: Buffer | null, seq: number): boolean {
    return next === null || parseLine(next)?.record.seq === seq
  }
}

function missing(from: number, to: number): string {
  return from === to ? `line ${from} is missing` : `lines ${from} to ${to} are missing`
}

function hashOf(before: string, content: Buffer): string {
  return createHash('sha256').update(before).update(content).digest('hex')
}
