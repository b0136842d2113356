import { CONFIRM_WITHIN_MS, type Control, type ControlPhase, type PlacedControl } from '../domain/control.ts'
import { formatClock, formatCount, formatDuration, formatRate } from '../domain/words.ts'

/** What is known of a control at one moment. Instants are Unix ms. */
export interface PhaseFacts {
  readonly control: Control
  /** When this revision was asked for. */
  readonly askedAtMs: number
  /** As it was read back last; null = the last snapshot does not hold it. */
  readonly placed: PlacedControl | null
  /** When it was last read back, in any revision; null = never. */
  readonly seenAtMs: number | null
  /** The last snapshot was begun after the answer to our last write: what it does not hold is not there. */
  readonly isTold: boolean
  /** Why its source cannot be heard now; null = it can. */
  readonly staleReason: string | null
  /** When the count of starts under it was last seen to grow; null = never. */
  readonly startedAtMs: number | null
  readonly ended: { readonly phase: 'lifted' | 'expired'; readonly by: string; readonly atMs: number } | null
  /** Its end has passed and it still holds what it held; since when that is known. */
  readonly overdueSinceMs: number | null
  /** Somebody asked for its end and the source has not confirmed it. */
  readonly lifting: { readonly by: string; readonly atMs: number } | null
  readonly nowMs: number
  /** Since when it is missing in some of its queues; null = it is not. */
  readonly missingSinceMs: number | null
  /** When a worker was started: one that came later has time of its own to confirm. Null = not told. */
  readonly workerStartedAtMs: (id: string) => number | null
  /** What people are told of a worker: `api-7 (version 0.1, last seen 12 s ago)`. */
  readonly nameWorker: (id: string) => string
}

export interface PhaseFound {
  readonly phase: ControlPhase
  readonly detail: string
}

/** Starts under a pause count as disobedience for this long after the last one: then who did it is gone, or obeys. */
const DISOBEDIENCE_MS = 10_000
const NAMED_MAX = 3

/** How far a control has come, by evidence alone. Worst first: what is not so cannot be covered by what is. */
export function phaseOf(facts: PhaseFacts): PhaseFound {
  const { control, ended, lifting, staleReason, nowMs } = facts
  if (ended) return { phase: ended.phase, detail: endedText(ended) + overdueText(facts) }
  if (nowMs >= control.expiresAtMs)
    return { phase: 'expired', detail: `ended by itself at ${formatClock(control.expiresAtMs)}` }
  const found =
    staleReason !== null ? unknown(facts, staleReason) : facts.placed ? inPlace(facts, facts.placed) : notThere(facts)
  if (!lifting) return found
  return {
    ...found,
    detail: `${lifting.by} asked for its end at ${formatClock(lifting.atMs)}, not confirmed; ${found.detail}`,
  }
}

function endedText({ phase, by, atMs }: NonNullable<PhaseFacts['ended']>): string {
  return phase === 'lifted' ? `lifted by ${by} at ${formatClock(atMs)}` : `ended by itself at ${formatClock(atMs)}`
}

/** Ended and still holding: the one thing a lease must not do, where the system's own lever has no end. */
function overdueText({ overdueSinceMs, nowMs }: PhaseFacts): string {
  if (overdueSinceMs === null) return ''
  return `; it is overdue: it still holds ${formatDuration(Math.max(0, nowMs - overdueSinceMs))} later, and is being lifted`
}

function unknown({ seenAtMs, nowMs }: PhaseFacts, reason: string): PhaseFound {
  const seen = seenAtMs === null ? 'never read back' : `read back ${formatDuration(Math.max(0, nowMs - seenAtMs))} ago`
  return { phase: 'unknown', detail: `its source cannot be heard (${reason}); ${seen}; workers keep it until its end` }
}

function notThere({ isTold, seenAtMs, askedAtMs, nowMs }: PhaseFacts): PhaseFound {
  const waitedMs = Math.max(0, nowMs - askedAtMs)
  if (isTold && seenAtMs !== null) {
    return { phase: 'missing', detail: `was in place until ${formatClock(seenAtMs)} and is gone; it is being put back` }
  }
  if (waitedMs >= CONFIRM_WITHIN_MS) {
    return { phase: 'not-effective', detail: `asked for ${formatDuration(waitedMs)} ago and still not in place` }
  }
  return { phase: 'requested', detail: `asked for at ${formatClock(askedAtMs)}, not read back yet` }
}

function inPlace(facts: PhaseFacts, placed: PlacedControl): PhaseFound {
  const { control, askedAtMs, missingSinceMs, nowMs, nameWorker } = facts
  const isOverdue = nowMs - askedAtMs >= CONFIRM_WITHIN_MS
  if (placed.control.revision < control.revision) {
    const detail = `revision ${control.revision} is asked for, revision ${placed.control.revision} is in place`
    return { phase: isOverdue ? 'not-effective' : 'requested', detail }
  }
  const disobedience = disobeyed(facts, placed)
  if (disobedience !== null) return { phase: 'not-effective', detail: disobedience }
  if (placed.missing.length > 0) {
    const total = placed.queues.length + placed.missing.length
    const where = `not in ${placed.missing.length} of ${total} queues: ${listed(placed.missing, (name) => name)}`
    const isGone = missingSinceMs !== null && nowMs - missingSinceMs >= CONFIRM_WITHIN_MS
    return { phase: isGone ? 'missing' : 'in-place', detail: `${where}; it is being put back` }
  }
  const workers = placed.obeyedBy.length + placed.notYet.length
  if (placed.notYet.length > 0) {
    const confirmed = `${placed.obeyedBy.length} of ${workers} workers confirmed`
    const late = placed.notYet.filter((id) => nowMs - confirmFromMs(facts, id) >= CONFIRM_WITHIN_MS)
    if (late.length === 0) {
      return { phase: 'in-place', detail: `${confirmed}, waiting for ${listed(placed.notYet, nameWorker)}` }
    }
    const detail = `${confirmed}; not by ${listed(late, nameWorker)} since ${formatClock(askedAtMs)}`
    return { phase: 'not-effective', detail }
  }
  const confirmed = workers === 0 ? 'no live worker; who starts reads it first' : `by ${workers} of ${workers} workers`
  const left = overAllowed(control, placed.inHand)
  if (left !== null) return { phase: 'draining', detail: `${confirmed}; ${left}` }
  return { phase: 'in-effect', detail: `${confirmed}${effectText(control, placed)}` }
}

function confirmFromMs({ askedAtMs, workerStartedAtMs }: PhaseFacts, id: string): number {
  return Math.max(askedAtMs, workerStartedAtMs(id) ?? askedAtMs)
}

function disobeyed({ control, startedAtMs, nowMs, nameWorker }: PhaseFacts, placed: PlacedControl): string | null {
  if (placed.disobeyedBy.length > 0) {
    const starts = placed.startsSince ? ` (${formatCount(placed.startsSince)} starts)` : ''
    return `${listed(placed.disobeyedBy, nameWorker)} started work that it forbids${starts}`
  }
  if (control.order.verb !== 'pause' || startedAtMs === null || nowMs - startedAtMs >= DISOBEDIENCE_MS) return null
  return `${formatCount(placed.startsSince ?? 0)} starts since it was placed, the last seen at ${formatClock(startedAtMs)}`
}

/** What is in hand beyond what the order allows, in words; null = nothing, or it cannot be told. */
function overAllowed({ order }: Control, inHand: number | null): string | null {
  if (inHand === null || order.verb === 'throttle') return null
  if (order.verb === 'pause') return inHand > 0 ? `${formatCount(inHand)} in hand` : null
  return inHand > order.concurrency ? `${formatCount(inHand)} in hand, at most ${order.concurrency} allowed` : null
}

function effectText({ order }: Control, { inHand, heldBack }: PlacedControl): string {
  const held = heldBack ? `, ${formatCount(heldBack)} held back` : ''
  if (order.verb !== 'pause') return held
  return `${inHand === null ? ', work in hand cannot be told' : ', nothing in hand'}${held}`
}

function listed(names: readonly string[], text: (name: string) => string): string {
  const shown = names.slice(0, NAMED_MAX).map(text).join(', ')
  return names.length > NAMED_MAX ? `${shown} and ${names.length - NAMED_MAX} more` : shown
}

/** `paused`, `at most 50/s`, `10/s growing to 50/s`, `at most 5 at once`. */
export function orderSentence({ order }: Pick<Control, 'order'>): string {
  if (order.verb === 'pause') return 'paused'
  if (order.verb === 'limit') return `at most ${order.concurrency} at once`
  const most = `at most ${formatRate(order.perSecond)}/s`
  return order.fromPerSecond === null
    ? most
    : `${formatRate(order.fromPerSecond)}/s growing to ${formatRate(order.perSecond)}/s`
}
