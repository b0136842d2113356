import type { Control, ControlPhase, PlacedControl } from '../domain/control.ts'
import { formatReference, parseReference } from '../domain/reference.ts'
import type { LedgerRecord } from './ledger-line.ts'

/** As a moment of an answer: there is none yet, and no snapshot tells. */
export const UNDER_WAY = Number.POSITIVE_INFINITY

/** One control: what is wanted, what was read back of it, and what became of it. Instants are Unix ms of our clock. */
export interface Kept {
  /** As wanted; its times by its source's clock once that answered. */
  control: Control
  /** It stands in this ledger; else it was found in its source: another dashboard's. */
  isOurs: boolean
  /** When this revision was asked for. */
  askedAtMs: number
  /** When our last write was answered: a snapshot begun later tells. `UNDER_WAY` until then. */
  settledAtMs: number
  /** Of the last snapshot. */
  placed: PlacedControl | null
  seenAtMs: number | null
  /** Starts under it as read back last, and when they were last seen to grow. */
  startsSeen: number | null
  startedAtMs: number | null
  /** Since when it is missing in some of its queues. */
  missingSinceMs: number | null
  lifting: { by: string; atMs: number } | null
  ended: { phase: 'lifted' | 'expired'; by: string; atMs: number } | null
  /** Its end has passed and its source says that what makes it true goes on; since when that is known. */
  overdueSinceMs: number | null
  /** Phases it came through; bounded. */
  steps: { phase: ControlPhase; atMs: number }[]
  /** When a write that brings it about may be tried again, and how often it was. */
  nextTryAtMs: number
  tries: number
}

const ENDED_MAX = 200
const ENDED_MS = 7 * 86_400_000
const STEPS_MAX = 50

/** All controls that live, and those that ended lately. */
export class ControlBook {
  readonly #kept = new Map<string, Kept>()

  get(id: string): Kept | null {
    return this.#kept.get(id) ?? null
  }

  get all(): readonly Kept[] {
    return [...this.#kept.values()]
  }

  get living(): readonly Kept[] {
    return this.all.filter(({ ended }) => ended === null)
  }

  /** Living ones on exactly this target. */
  on(ref: string): readonly Kept[] {
    return this.living.filter(({ control }) => formatReference(control.target) === ref)
  }

  add(control: Control, more: Pick<Kept, 'isOurs' | 'askedAtMs'> & Partial<Kept>): Kept {
    const kept: Kept = {
      ...{ control, settledAtMs: 0, placed: null, seenAtMs: null, startsSeen: null, startedAtMs: null },
      ...{
        missingSinceMs: null,
        lifting: null,
        ended: null,
        overdueSinceMs: null,
        steps: [],
        nextTryAtMs: 0,
        tries: 0,
        ...more,
      },
    }
    this.#kept.set(control.id, kept)
    return kept
  }

  drop(id: string): void {
    this.#kept.delete(id)
  }

  /** @returns whether this is a new phase */
  step(kept: Kept, phase: ControlPhase, atMs: number): boolean {
    if (kept.steps[kept.steps.length - 1]?.phase === phase) return false
    kept.steps.push({ phase, atMs })
    if (kept.steps.length > STEPS_MAX) kept.steps.splice(1, 1)
    return true
  }

  /** Forgets those that ended long ago, or that are too many. */
  prune(nowMs: number): void {
    const ended = this.all.filter((one) => one.ended !== null)
    ended.sort((a, b) => (b.ended?.atMs ?? 0) - (a.ended?.atMs ?? 0))
    for (const [at, one] of ended.entries()) {
      if (at >= ENDED_MAX || nowMs - (one.ended?.atMs ?? 0) > ENDED_MS) this.#kept.delete(one.control.id)
    }
  }

  /** Brings the book up to a line of the ledger: what is wanted is what its lines add up to. */
  replay({ act, actor, atMs, control: id, outcome, wanted }: LedgerRecord): void {
    if (id === null) return
    const kept = this.get(id)
    if (outcome === 'failed') {
      this.#undo(act, kept, wanted)
      return
    }
    if (act === 'lift' || act === 'expire') {
      if (kept) kept.ended = { phase: act === 'lift' ? 'lifted' : 'expired', by: actor, atMs }
      if (kept) this.step(kept, kept.ended?.phase ?? 'lifted', atMs)
      return
    }
    if (wanted === null || !isControl(wanted) || act === 'put-back') return
    // Read back as far as we know: what is not there at the first look is missing, not late.
    const steps = kept?.steps ?? []
    const again = this.add(wanted, { isOurs: true, askedAtMs: atMs, seenAtMs: atMs, steps })
    this.step(again, 'requested', atMs)
  }

  #undo(act: LedgerRecord['act'], kept: Kept | null, wanted: Control | null): void {
    if (!kept) return
    if (act === 'lift') kept.ended = null
    else if (act === 'extend' && wanted) kept.control = wanted
    else this.#kept.delete(kept.control.id)
  }
}

/** A line that somebody else's program wrote may hold anything, although its hash fits. */
function isControl(value: Control): boolean {
  const { id, target, order, actor, reason, issuedAtMs, expiresAtMs, revision } = value
  const numbers = [issuedAtMs, expiresAtMs, revision]
  const texts = [id, actor, reason, order?.verb]
  if (!numbers.every(Number.isFinite) || !texts.every((text) => typeof text === 'string')) return false
  return target !== undefined && parseReference(formatReference(target)) !== null
}
