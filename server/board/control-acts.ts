import type { Control, Order } from '../domain/control.ts'
import { messageOf, OpsError } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { formatReference, type Reference } from '../domain/reference.ts'
import { formatDuration } from '../domain/words.ts'
import type { Board } from './board.ts'
import { type ControlBook, type Kept, UNDER_WAY } from './control-book.ts'
import { newControlId } from './control-id.ts'
import type { Ledger, NewRecord } from './ledger.ts'
import { orderSentence } from './phase.ts'
import type { SourceHand } from './source-hand.ts'

export interface ControlsOptions {
  readonly board: Board
  readonly book: ControlBook
  readonly ledger: Ledger
  readonly hands: ReadonlyMap<string, SourceHand>
  readonly log: Log
}

/** What is asked for, of each target. */
export interface Asked {
  readonly order: Order
  readonly ttlMs: number
  readonly reason: string
  readonly actor: string
}

/** Single acts on single controls: in the ledger, then in the book, then at the source. */
export class ControlActs {
  readonly #options: ControlsOptions

  constructor(options: ControlsOptions) {
    this.#options = options
  }

  /** Asks for a new control. Rejects when it is known not to be in place; what is not known stays wanted. */
  async place(target: Reference, { order, ttlMs, reason, actor }: Asked): Promise<Kept> {
    const { board, book, ledger } = this.#options
    const nowMs = board.clock.nowMs()
    const control: Control = {
      ...{ id: newControlId(), target, order, reason, actor, revision: 1 },
      ...{ issuedAtMs: nowMs, expiresAtMs: nowMs + ttlMs },
    }
    const detail = `${orderSentence(control)} for ${formatDuration(ttlMs)}`
    const entry = entryOf(control, { actor, act: order.verb, detail })
    await ledger.append({ ...entry, wanted: control })
    const kept = book.add(control, { isOurs: true, askedAtMs: nowMs, settledAtMs: UNDER_WAY })
    book.step(kept, 'requested', nowMs)
    board.touch()
    try {
      await this.send(kept, ttlMs)
    } catch (error) {
      // Perhaps it is in place: it stays wanted, and the next snapshots tell.
      if (isUnsure(error)) return kept
      book.drop(control.id)
      await ledger.append({ ...entry, detail: messageOf(error), outcome: 'failed' })
      throw error
    }
    return kept
  }

  /** Sends a control as it now is wanted, and takes its times from its source. @throws OpsError */
  async send(kept: Kept, ttlMs: number): Promise<void> {
    const { board, hands, log } = this.#options
    const { issuedAtMs: _issued, expiresAtMs: _expires, ...request } = kept.control
    const hand = hands.get(request.target.source)
    try {
      if (!hand) throw new OpsError('not-found', 'apply', `${request.target.source} is not configured any more`)
      const control = await hand.control('apply', (port, signal) => port.apply({ ...request, ttlMs }, signal))
      if (control.revision >= kept.control.revision) kept.control = control
      log.info('control applied', { control: control.id, verb: control.order.verb, revision: control.revision })
    } finally {
      kept.settledAtMs = board.clock.nowMs()
      hand?.refresh()
    }
  }

  /** Ends it; nothing happens when it has ended. @throws OpsError */
  async lift(kept: Kept, reason: string | null, actor: string): Promise<void> {
    const { board, book, hands, ledger, log } = this.#options
    if (kept.ended) return
    const { control } = kept
    const { id, target } = control
    const lifting = { by: actor, atMs: board.clock.nowMs() }
    Object.assign(kept, { lifting, settledAtMs: UNDER_WAY })
    const entry = { ...entryOf(control, { actor, act: 'lift', detail: `${orderSentence(control)} lifted` }), reason }
    await ledger.append(entry)
    const hand = hands.get(target.source)
    try {
      if (!hand) throw new OpsError('not-found', 'lift', `${target.source} is not configured any more`)
      await hand.control('lift', (port, signal) => port.lift(id, target, signal))
      kept.ended ??= { phase: 'lifted', by: actor, atMs: board.clock.nowMs() }
      log.info('control lifted', { control: id })
    } catch (error) {
      if (isUnsure(error))
        throw new OpsError('timeout', 'lift', `${messageOf(error)}; it is tried again until it is lifted`)
      kept.lifting = null
      await ledger.append({ ...entry, detail: messageOf(error), outcome: 'failed' })
      throw error
    } finally {
      kept.settledAtMs = board.clock.nowMs()
      if (kept.ended) book.step(kept, kept.ended.phase, kept.ended.atMs)
      hand?.refresh()
      board.touch()
    }
  }
}

/** The line of the ledger for an act on a control. */
export function entryOf(
  control: Control,
  { actor, act, detail }: Pick<NewRecord, 'actor' | 'act' | 'detail'>,
): NewRecord {
  const { id, target, reason } = control
  return { actor, act, targets: [formatReference(target)], control: id, reason, detail, outcome: 'done' }
}

/** Without an answer it is not known whether it was done. */
export function isUnsure(error: unknown): boolean {
  return error instanceof OpsError && error.code === 'timeout'
}
