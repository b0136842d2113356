import type { Reference } from './reference.ts'

/**
 * What a control asks of those who take work. A unit that has begun is finished; an iterating one also stops between
 * two items. Where several are in force, the strictest wins.
 */
export type Order =
  /** Nothing is started. */
  | { readonly verb: 'pause' }
  /**
   * At most `perSecond` starts a second (0.01 to 100,000). With `fromPerSecond` the rate grows from there to `perSecond`
   * in a straight line over the control's life: how work comes back after a pause.
   */
  | { readonly verb: 'throttle'; readonly perSecond: number; readonly fromPerSecond: number | null }
  /** At most `concurrency` units in hand (1 to 100,000). */
  | { readonly verb: 'limit'; readonly concurrency: number }
export type Verb = Order['verb']

/** A control is a lease: it always has an end, at which workers go on by themselves. */
export const CONTROL_TTL_MS = { min: 5_000, fallback: 15 * 60_000, max: 24 * 3_600_000 } as const
export const REASON_LENGTH = { min: 8, max: 500 } as const

/**
 * A pause, throttle or limit on one target. The target is a queue, or something that may lie in every queue of a source:
 * a job class, a tag, a run.
 */
export interface Control {
  /** `ctl_` and 10 letters or digits, unique. */
  readonly id: string
  readonly target: Reference
  readonly order: Order
  readonly reason: string
  /** Who asked for it: `ana`. */
  readonly actor: string
  /** By the clock of the source it acts on, Unix ms. */
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  /** 1, and one more each time it is extended. The highest wins. */
  readonly revision: number
}

/** A control as it was read back from its source: in place, as opposed to asked for. */
export interface PlacedControl {
  readonly control: Control
  /** Names of the queues in which it lies, and of those in which it should lie and does not. */
  readonly queues: readonly string[]
  readonly missing: readonly string[]
  /** Ids of live workers of these queues that confirmed this revision, and of those that did not (yet). */
  readonly obeyedBy: readonly string[]
  readonly notYet: readonly string[]
  /** Units it concerns that are in hand; and units held back by it apart from the queue. Null = cannot be told. */
  readonly inHand: number | null
  readonly heldBack: number | null
  /** Units it concerns that were started since it was placed, counted by the source. Null = cannot be told. */
  readonly startsSince: number | null
  /** Ids of workers that started such units although it forbids it. Only for `pause`. */
  readonly disobeyedBy: readonly string[]
  /**
   * Its end has passed by its source's clock, and what makes it true does not end by itself (a foreign system's own pause):
   * whoever reads this lifts it.
   */
  readonly isOverdue?: boolean
}

/** What makes an order true, or why nothing does. */
export type Lever =
  | { readonly by: 'broker' | 'system' | 'workers'; readonly how: string; readonly caveat: string | null }
  | { readonly by: 'none'; readonly why: string }

/**
 * How far a control has come. Asked for is not in place, in place is not in effect.
 * `requested`: not read back yet. `in-place`: lies in its source, not confirmed by all. `draining`: no more starts, work
 * in hand. `in-effect`: confirmed by all, and (pause) nothing in hand. `not-effective`: it is disobeyed, or not confirmed
 * in time. `missing`: it was in place and is gone. `unknown`: its source is stale. `lifted`, `expired`: over.
 */
export const CONTROL_PHASES = [
  'requested',
  'in-place',
  'draining',
  'in-effect',
  'not-effective',
  'missing',
  'unknown',
  'lifted',
  'expired',
] as const
export type ControlPhase = (typeof CONTROL_PHASES)[number]

/** A phase as people read it: `in effect`. */
export function phaseWord(phase: ControlPhase): string {
  return phase.replace('-', ' ')
}

/** A worker that has not confirmed a control for this long makes it `not-effective`. Workers beat at least each 2 s. */
export const CONFIRM_WITHIN_MS = 3_400

/** The rate that a throttle allows at this moment: starts, and items of iterating jobs, per second. */
export function rateAt(
  order: Extract<Order, { verb: 'throttle' }>,
  life: { issuedAtMs: number; expiresAtMs: number },
  nowMs: number,
): number {
  if (order.fromPerSecond === null) return order.perSecond
  const share = (nowMs - life.issuedAtMs) / Math.max(1, life.expiresAtMs - life.issuedAtMs)
  return order.fromPerSecond + (order.perSecond - order.fromPerSecond) * Math.min(1, Math.max(0, share))
}
