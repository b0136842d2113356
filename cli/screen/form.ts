import type { ActionPreview, ControlRow, OrderBody, Preview } from '../../server/api/control.ts'
import { CONTROL_TTL_MS, REASON_LENGTH } from '../../server/domain/control.ts'
import { inert } from '../format/inert.ts'

/** What a form is about. `lift` ends the controls it names, `resume` all that are on its target. */
export type FormKind = 'pause' | 'throttle' | 'limit' | 'resume' | 'extend' | 'lift' | 'cancel'

/** A change that is being prepared. Only Enter asks for it, and only when nothing is missing. */
export interface Form {
  readonly kind: FormKind
  /** What it is done to, references. */
  readonly targets: readonly string[]
  /** They as one word: the reference, or how many. */
  readonly target: string
  /** Living controls that it concerns: those that end, or the one that is extended. */
  readonly controls: readonly ControlRow[]
  readonly ttlMs: number
  /** As it is typed: starts a second, or units at once. */
  readonly amount: string
  readonly reason: string
  readonly field: 'amount' | 'reason'
  /** What the server says, and the question that it answers. */
  readonly preview: { readonly key: string; readonly body: Preview | ActionPreview } | null
  /** Why the last question or the last Enter failed. */
  readonly problem: string | null
  readonly isApplying: boolean
}

export const FOR_MS = [5, 15, 30, 60, 120, 240].map((minutes) => minutes * 60_000)
const REASON_CHARS_MAX = REASON_LENGTH.max
const AMOUNT_CHARS_MAX = 9

export function startForm(kind: FormKind, targets: readonly string[], controls: readonly ControlRow[] = []): Form {
  const field = kind === 'throttle' || kind === 'limit' ? 'amount' : 'reason'
  const base = { amount: '', reason: kind === 'lift' ? 'undone from top' : '', preview: null, problem: null }
  const target = targets.length === 1 ? (targets[0] ?? '') : `${targets.length} marked`
  return { kind, targets, target, controls, ttlMs: CONTROL_TTL_MS.fallback, field, ...base, isApplying: false }
}

export function hasLife({ kind }: Form): boolean {
  return kind === 'pause' || kind === 'throttle' || kind === 'limit' || kind === 'extend'
}

export function hasAmount({ kind }: Form): boolean {
  return kind === 'throttle' || kind === 'limit'
}

/** Work may come back slowly: with an amount, so many starts a second at first. */
export function hasRamp({ kind }: Form): boolean {
  return kind === 'resume'
}

const RAMP_GROWTH = 10
const RAMP_MS = 5 * 60_000
const RATE_MIN = 0.01
const RATE_MAX = 100_000

export interface Ramp {
  readonly fromPerSecond: number
  readonly toPerSecond: number
  readonly overMs: number
}

/** As `sluice resume --ramp` has it; null = all at once, or what is typed is no rate. */
export function rampOf({ kind, amount }: Form): Ramp | null {
  const rate = rateIn(amount)
  if (kind !== 'resume' || rate === null) return null
  return { fromPerSecond: rate, toPerSecond: Math.min(RATE_MAX, rate * RAMP_GROWTH), overMs: RAMP_MS }
}

function rateIn(amount: string): number | null {
  const rate = Number(amount)
  return amount !== '' && rate >= RATE_MIN && rate <= RATE_MAX ? rate : null
}

/** An extended control keeps its reason. */
export function needsReason({ kind }: Form): boolean {
  return kind !== 'extend'
}

/** The order that the form makes; null where it makes none, or its amount is none. */
export function orderOf({ kind, amount }: Form): OrderBody | null {
  if (kind === 'pause') return { verb: 'pause' }
  const value = Number(amount)
  const rate = rateIn(amount)
  if (kind === 'throttle' && rate !== null) return { verb: 'throttle', perSecond: rate, fromPerSecond: null }
  if (kind === 'limit' && Number.isInteger(value) && value >= 1 && value <= 100_000)
    return { verb: 'limit', concurrency: value }
  return null
}

export type Question =
  | {
      readonly about: 'control'
      readonly targets: readonly string[]
      readonly order: OrderBody
      readonly ttlMs: number
    }
  | { readonly about: 'cancel'; readonly target: string }

/** What the server is asked while the form is filled in; null where it cannot be asked, or need not be. */
export function questionOf(form: Form): Question | null {
  if (form.kind === 'cancel') return { about: 'cancel', target: form.target }
  const order = orderOf(form)
  return order && { about: 'control', targets: form.targets, order, ttlMs: form.ttlMs }
}

export function keyOf(question: Question): string {
  return JSON.stringify(question)
}

/** The control's preview, if it answers what stands in the form now. */
export function currentPreview(form: Form): Preview | ActionPreview | null {
  const question = questionOf(form)
  return question && form.preview?.key === keyOf(question) ? form.preview.body : null
}

/** Why Enter would do nothing; null = it acts. */
export function whyNot(form: Form): string | null {
  if (form.isApplying) return 'asked for already, waiting for the answer'
  if (hasAmount(form) && orderOf(form) === null) {
    return form.kind === 'throttle' ? 'how many a second? 0.01 to 100000' : 'how many at once? a whole number from 1'
  }
  if (hasRamp(form) && form.amount !== '' && rampOf(form) === null) return 'from how many a second? 0.01 to 100000'
  const preview = currentPreview(form)
  if (questionOf(form) !== null) {
    if (!preview) return form.problem ?? 'the preview has not come yet'
    const why = unableOf(preview)
    if (why !== null) return why
  }
  if (!needsReason(form)) return null
  const length = form.reason.trim().length
  if (length < REASON_LENGTH.min) return `the reason is missing: ${REASON_LENGTH.min} characters or more`
  return length > REASON_LENGTH.max ? `the reason is too long: ${REASON_LENGTH.max} characters at most` : null
}

function unableOf(preview: Preview | ActionPreview): string | null {
  if ('sentence' in preview) return preview.ids.length === 0 ? preview.sentence : null
  if (preview.unmatched.length > 0) return 'it is not there any more'
  if (preview.controllable > 0) return null
  const why = preview.targets.map(({ lever }) => (lever.by === 'none' ? lever.why : '')).find((text) => text !== '')
  return why === undefined ? 'nothing of it can be controlled' : `it cannot be done here: ${why}`
}

/** One key in the form, other than Enter, Esc and Tab. */
export function typedInForm(form: Form, key: string): Form {
  if (form.isApplying) return form
  if (key === 'left' || key === 'right') return hasLife(form) ? { ...form, ttlMs: neighbour(form.ttlMs, key) } : form
  if (form.field === 'amount') return typedAmount(form, key)
  return { ...form, reason: edited(form.reason, key, REASON_CHARS_MAX) }
}

/** Digits make the amount; `l` and `s` say of an order whether it is at once or a second. */
function typedAmount(form: Form, key: string): Form {
  if (hasAmount(form) && (key === 'l' || key === 's'))
    return { ...form, kind: key === 'l' ? 'limit' : 'throttle', problem: null }
  if ([...key].length === 1 && !/[\d.]/.test(key)) return form
  return { ...form, amount: edited(form.amount, key, AMOUNT_CHARS_MAX), problem: null }
}

function edited(text: string, key: string, charsMax: number): string {
  if (key === 'backspace') return [...text].slice(0, -1).join('')
  if (key === 'ctrl-u') return ''
  if ([...key].length !== 1 || inert(key) !== key || text.length >= charsMax) return text
  return text + key
}

export function otherField(form: Form): Form {
  if (!hasAmount(form) && !hasRamp(form)) return form
  return { ...form, field: form.field === 'amount' ? 'reason' : 'amount' }
}

function neighbour(ttlMs: number, key: 'left' | 'right'): number {
  const at = FOR_MS.indexOf(ttlMs) + (key === 'left' ? -1 : 1)
  return FOR_MS[Math.min(FOR_MS.length - 1, Math.max(0, at))] ?? ttlMs
}
