import type { PlacedControl } from '../domain/control.ts'
import { messageOf, OpsError } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { formatReference } from '../domain/reference.ts'
import type { Board } from './board.ts'
import type { ControlBook, Kept } from './control-book.ts'
import { isTold, phaseNow } from './control-rows.ts'
import type { Ledger, NewRecord } from './ledger.ts'
import type { SourceHand } from './source-hand.ts'

const TICK_MS = 500
/** Between two tries to bring one control about: 2 s, doubling up to this. */
const TRY_MS = { first: 2_000, max: 15_000 }
/** Writes of upkeep begun in one tick: people who act come first. */
const TRIES_PER_TICK = 5
/** While a control is this young and not in effect, its source is read more often. */
const YOUNG_MS = 15_000
const FLUSH_MS = 10_000

export interface UpkeepOptions {
  readonly board: Board
  readonly book: ControlBook
  readonly ledger: Ledger
  readonly hands: ReadonlyMap<string, SourceHand>
  readonly log: Log
}

/**
 * Compares what is wanted with what is read back: notes phases, ends what expired, puts back what vanished, and lifts what
 * somebody ended while its source did not answer. What is wanted is never given up before its end.
 */
export class ControlUpkeep {
  readonly #options: UpkeepOptions
  readonly #timer: NodeJS.Timeout
  readonly #running = new Set<Promise<void>>()
  #flushedAtMs = 0

  constructor(options: UpkeepOptions) {
    this.#options = options
    options.board.onAccepted((source) => this.#read(source))
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    this.look()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#running)
  }

  /** Before somebody looks: nothing shown is older than the look. */
  look(): void {
    const { board, book } = this.#options
    const nowMs = board.clock.nowMs()
    for (const kept of book.living) if (nowMs >= kept.control.expiresAtMs) this.#expire(kept)
    this.#note()
  }

  #tick(): void {
    const { board, book, ledger } = this.#options
    const nowMs = board.clock.nowMs()
    this.look()
    let tries = 0
    for (const kept of book.all) {
      if (tries >= TRIES_PER_TICK) break
      if (this.#bringAbout(kept, nowMs)) tries++
    }
    this.#hurry(nowMs)
    if (Math.abs(nowMs - this.#flushedAtMs) < FLUSH_MS) return
    this.#flushedAtMs = nowMs
    book.prune(nowMs)
    this.#run(ledger.lookAfter())
  }

  /** Writes down new phases. */
  #note(): void {
    const { board, book } = this.#options
    let isNew = false
    for (const kept of book.all) {
      // Before its source was read once in this process nothing can be told, and nothing has changed.
      const standing = board.source(kept.control.target.source)?.standing
      if (!kept.ended && standing && standing.observedAtMs === null && standing.error === null) continue
      if (kept.ended && kept.steps[kept.steps.length - 1]?.phase === kept.ended.phase) continue
      isNew = book.step(kept, phaseNow(board, kept).phase, board.clock.nowMs()) || isNew
    }
    if (isNew) board.touch()
  }

  /** A source was read: what is in place, what vanished, what somebody else placed. */
  #read(source: string): void {
    const { board, book } = this.#options
    const snapshot = board.source(source)?.snapshot
    if (!snapshot) return
    const placed = new Map((snapshot.controls ?? []).map((one) => [one.control.id, one]))
    for (const kept of book.all)
      if (kept.control.target.source === source) this.#compare(kept, placed.get(kept.control.id) ?? null)
    for (const one of placed.values()) {
      if (!book.get(one.control.id)) this.#find(one)
    }
    this.#note()
  }

  /** What this ledger does not know is another dashboard's. Nobody may be there any more to lift it when it is overdue. */
  #find(placed: PlacedControl): void {
    const { board, book } = this.#options
    const { control, startsSince } = placed
    const nowMs = board.clock.nowMs()
    if (control.expiresAtMs <= nowMs && !placed.isOverdue) return
    const more = { isOurs: false, askedAtMs: control.issuedAtMs, placed, seenAtMs: nowMs, startsSeen: startsSince }
    const kept = book.add(control, more)
    if (!placed.isOverdue) return
    kept.ended = { phase: 'expired', by: 'expiry', atMs: control.expiresAtMs }
    kept.overdueSinceMs = nowMs
  }

  #compare(kept: Kept, placed: PlacedControl | null): void {
    const { board } = this.#options
    const nowMs = board.clock.nowMs()
    if (isTold(board, kept)) kept.overdueSinceMs = placed?.isOverdue ? (kept.overdueSinceMs ?? nowMs) : null
    if (placed === null) {
      if (!isTold(board, kept)) return
      kept.placed = null
      if (kept.ended) return
      if (kept.lifting) kept.ended = { phase: 'lifted', by: kept.lifting.by, atMs: nowMs }
      else if (!kept.isOurs) kept.ended = { phase: 'lifted', by: 'elsewhere', atMs: nowMs }
      return
    }
    if (kept.ended && !this.#isBack(kept, placed)) return
    const { control, startsSince } = placed
    // The same revision has its times by its source's clock; a higher one was asked for by another dashboard.
    if (control.revision > kept.control.revision) kept.askedAtMs = nowMs
    if (control.revision >= kept.control.revision) kept.control = control
    // After a restart nobody knows when the starts were that are counted already.
    const before = kept.startsSeen ?? (nowMs - control.issuedAtMs < YOUNG_MS ? 0 : startsSince)
    if (startsSince !== null && before !== null && startsSince > before) kept.startedAtMs = nowMs
    kept.missingSinceMs = placed.missing.length > 0 ? (kept.missingSinceMs ?? nowMs) : null
    kept.placed = placed
    kept.startsSeen = startsSince
    kept.seenAtMs = nowMs
    kept.tries = placed.missing.length > 0 ? kept.tries : 0
  }

  /** It ended by our book and still lies in its source: extended by another dashboard, or a lift that did not reach it. */
  #isBack(kept: Kept, { control }: PlacedControl): boolean {
    const { board } = this.#options
    if (!kept.ended || !isTold(board, kept) || control.expiresAtMs <= board.clock.nowMs()) return false
    if (kept.ended.phase === 'expired' && control.expiresAtMs <= kept.control.expiresAtMs) return false
    if (kept.ended.phase === 'lifted') kept.lifting = { by: kept.ended.by, atMs: kept.ended.atMs }
    kept.ended = null
    return true
  }

  #expire(kept: Kept): void {
    const { board, ledger } = this.#options
    kept.ended = { phase: 'expired', by: 'expiry', atMs: kept.control.expiresAtMs }
    // A pause of a foreign system does not end by itself: whether this is one shows when it is read back.
    Object.assign(kept, { nextTryAtMs: 0, tries: 0 })
    this.#options.hands.get(kept.control.target.source)?.refresh()
    board.touch()
    if (!kept.isOurs) return
    const { id, target, reason } = kept.control
    const entry = { targets: [formatReference(target)], control: id, reason, detail: 'ended by itself' }
    this.#run(ledger.append({ ...entry, actor: 'expiry', act: 'expire', outcome: 'done' }))
  }

  /** @returns whether it began a write */
  #bringAbout(kept: Kept, nowMs: number): boolean {
    const { board, hands } = this.#options
    const { control, placed, lifting, isOurs } = kept
    const hand = hands.get(control.target.source)
    if (!hand || !isTold(board, kept) || nowMs < kept.nextTryAtMs) return false
    if (kept.ended === null && phaseNow(board, kept).phase === 'unknown') return false
    const isMissing = placed === null || placed.missing.length > 0 || placed.control.revision < control.revision
    const isToBeLifted = kept.overdueSinceMs !== null || (lifting !== null && placed !== null && kept.ended === null)
    if (!isToBeLifted && (kept.ended !== null || lifting !== null || !isOurs || !isMissing)) return false
    kept.nextTryAtMs = nowMs + Math.min(TRY_MS.max, TRY_MS.first * 2 ** Math.min(kept.tries, 5))
    kept.tries++
    this.#run(isToBeLifted ? this.#lift(kept, hand) : this.#putBack(kept, hand))
    return true
  }

  async #lift(kept: Kept, hand: SourceHand): Promise<void> {
    const { id, target } = kept.control
    await hand.control('lift', (port, signal) => port.lift(id, target, signal))
    kept.settledAtMs = this.#options.board.clock.nowMs()
    hand.refresh()
  }

  async #putBack(kept: Kept, hand: SourceHand): Promise<void> {
    const { board, ledger } = this.#options
    const { control, placed } = kept
    const where = placed === null ? 'its source' : placed.missing.slice(0, 10).join(', ')
    const result = await hand.control('putBack', (port, signal) => port.putBack(control, signal))
    const nowMs = board.clock.nowMs()
    kept.settledAtMs = nowMs
    const { id, target, reason } = control
    const enter = (entry: Pick<NewRecord, 'actor' | 'act' | 'detail'>) =>
      ledger.append({ ...entry, targets: [formatReference(target)], control: id, reason, outcome: 'done' })
    if (result === 'placed') {
      kept.askedAtMs = nowMs
      await enter({ actor: 'sluice', act: 'put-back', detail: `it was gone from ${where}` })
    } else if (kept.ended === null && result === 'lifted') {
      kept.ended = { phase: 'lifted', by: 'elsewhere', atMs: nowMs }
      await enter({ actor: 'elsewhere', act: 'lift', detail: 'lifted in its source, by another dashboard' })
    } else if (kept.ended === null && result === 'expired') {
      kept.ended = { phase: 'expired', by: 'expiry', atMs: nowMs }
      await enter({ actor: 'expiry', act: 'expire', detail: 'ended by itself' })
    }
    this.#note()
    hand.refresh()
  }

  /** Reads the sources of young controls sooner, until they are in effect. */
  #hurry(nowMs: number): void {
    const { book, hands } = this.#options
    const sources = new Set<string>()
    for (const { control, askedAtMs, steps } of book.living) {
      const phase = steps[steps.length - 1]?.phase
      if (nowMs - askedAtMs < YOUNG_MS && phase !== 'in-effect' && phase !== 'unknown')
        sources.add(control.target.source)
    }
    for (const source of sources) hands.get(source)?.refresh()
  }

  #run(work: Promise<unknown>): void {
    const done: Promise<void> = work.then(
      () => {},
      (error: unknown) => {
        // It is tried again as long as the control is wanted; its phase shows meanwhile that it is not so.
        const code = error instanceof OpsError ? error.code : 'failed'
        this.#options.log.warn('control not brought about', { code, message: messageOf(error) })
      },
    )
    this.#running.add(done)
    void done.then(() => this.#running.delete(done))
  }
}
