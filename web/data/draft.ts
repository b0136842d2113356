import type { WriteRequest } from '../../server/api/writes.ts'
import { CONTROL_TTL_MS, type Order, REASON_LENGTH, type Verb } from '../../server/domain/control.ts'
import { formatDuration } from '../../server/domain/words.ts'
import { formatNumbered } from '../format.ts'

/** What a person has entered in the drawer so far: text stays text until it is understood. */
export interface Draft {
  readonly verb: Verb | 'resume'
  readonly targets: readonly string[]
  readonly perSecond: string
  readonly concurrency: string
  readonly ttlMs: number
  /** Local `14:32` in place of `ttlMs`; '' = not used. */
  readonly until: string
  readonly reason: string
  /** Only for `resume`: work comes back slowly. */
  readonly isRamped: boolean
  readonly rampFrom: string
}

export const FIRST_DRAFT: Draft = {
  ...{ verb: 'pause', targets: [], perSecond: '', concurrency: '', ttlMs: CONTROL_TTL_MS.fallback, until: '' },
  ...{ reason: '', isRamped: false, rampFrom: '10' },
}

/** More targets, or a longer life, than this ask for the count to be typed. */
export const NARROW_TARGETS_MAX = 5
const NARROW_TTL_MS = 4 * 3_600_000
/** How long a ramp takes. */
export const RAMP_MS = 5 * 60_000
/** A rate that never binds: what resuming at once lets through. */
const UNBOUND_PER_SECOND = 100_000

/** `14:32`, `9:05`. */
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)$/

/** The life of the control from now on; with `until`, up to the next time the clock says so. */
export function ttlOf({ ttlMs, until }: Pick<Draft, 'ttlMs' | 'until'>, nowMs: number): number {
  const [, hours, minutes] = CLOCK.exec(until) ?? []
  if (hours === undefined || minutes === undefined) return ttlMs
  const end = new Date(nowMs)
  end.setHours(Number(hours), Number(minutes), 0, 0)
  if (end.getTime() <= nowMs) end.setDate(end.getDate() + 1)
  return end.getTime() - nowMs
}

/** The order that the draft means; null while its number is missing. */
export function orderOf(draft: Draft): Order | null {
  if (draft.verb === 'pause') return { verb: 'pause' }
  if (draft.verb === 'limit') {
    const concurrency = Number(draft.concurrency)
    return Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 100_000
      ? { verb: 'limit', concurrency }
      : null
  }
  const perSecond = rateIn(draft.perSecond)
  if (draft.verb === 'throttle') return perSecond === null ? null : { verb: 'throttle', perSecond, fromPerSecond: null }
  // Resuming is shown as the throttle that takes the controls' place; without a ramp it lets everything through.
  if (!draft.isRamped) return { verb: 'throttle', perSecond: UNBOUND_PER_SECOND, fromPerSecond: null }
  const fromPerSecond = rateIn(draft.rampFrom)
  return perSecond === null || fromPerSecond === null ? null : { verb: 'throttle', perSecond, fromPerSecond }
}

function rateIn(text: string): number | null {
  const rate = Number(text)
  return text.trim() !== '' && rate >= 0.01 && rate <= 100_000 ? rate : null
}

/** What the server is asked to show; null while it could show nothing. */
export function previewOf(draft: Draft, nowMs: number): WriteRequest<'previewControl'> | null {
  const order = orderOf(draft)
  if (order === null || draft.targets.length === 0) return null
  return { targets: [...draft.targets], order, ttlMs: draft.verb === 'resume' ? RAMP_MS : ttlOf(draft, nowMs) }
}

/** What is still missing before it can be done, as a hint; null = nothing. */
export function missingIn(draft: Draft, nowMs: number): string | null {
  if (draft.targets.length === 0) return 'choose a target'
  if (orderOf(draft) === null) return draft.verb === 'limit' ? 'say how many at once' : 'say how many per second'
  if (draft.verb !== 'resume' && draft.until !== '' && !CLOCK.test(draft.until)) return 'write until when as 14:32'
  if (draft.verb !== 'resume' && ttlOf(draft, nowMs) > CONTROL_TTL_MS.max) return 'it can last 24 h at most'
  const { length } = draft.reason.trim()
  if (length < REASON_LENGTH.min) return `give a reason (${REASON_LENGTH.min - length} more letters)`
  if (length > REASON_LENGTH.max) return 'the reason is too long'
  return null
}

/** The count that must be typed before it is done; null = it is narrow and reversible. */
export function countToType(draft: Draft, controllable: number, nowMs: number): number | null {
  const isLong = draft.verb !== 'resume' && ttlOf(draft, nowMs) > NARROW_TTL_MS
  return controllable > NARROW_TARGETS_MAX || isLong ? controllable : null
}

const ACTS: Readonly<Record<Draft['verb'], string>> = {
  pause: 'Pause',
  throttle: 'Throttle',
  limit: 'Limit',
  resume: 'Resume',
}
const NOUNS: Readonly<Record<string, readonly [string, string]>> = {
  'job-class': ['job class', 'job classes'],
  tag: ['tag', 'tags'],
  run: ['run', 'runs'],
}

/** What the button says: `Pause 1 queue for 15 m`. */
export function actWords(draft: Draft, count: number, nowMs: number): string {
  const kinds = new Set(draft.targets.map((target) => NOUNS[target.split('/')[0] ?? '']))
  const [noun, ...others] = [...kinds]
  const [one, many] = others.length > 0 ? ['target', 'targets'] : (noun ?? ['queue', 'queues'])
  const what = `${ACTS[draft.verb]} ${formatNumbered(count, one, many)}`
  if (draft.verb === 'resume') return draft.isRamped ? `${what} over ${formatDuration(RAMP_MS)}` : what
  return `${what} for ${formatDuration(Math.round(ttlOf(draft, nowMs) / 60_000) * 60_000 || 60_000)}`
}

/** The same as a command to paste into a terminal. */
export function commandOf(draft: Draft, nowMs: number): string {
  const words = ['sluice', draft.verb, ...draft.targets.map(quoted)]
  if (draft.verb === 'throttle') words.push('--rate', `${draft.perSecond || 'N'}/s`)
  if (draft.verb === 'limit') words.push('--concurrency', draft.concurrency || 'N')
  if (draft.verb === 'resume' && draft.isRamped) words.push('--ramp', `${draft.rampFrom}/s`, '--over', '5m')
  if (draft.verb !== 'resume') words.push('--for', `${Math.max(1, Math.round(ttlOf(draft, nowMs) / 60_000))}m`)
  return [...words, '--reason', quoted(draft.reason.trim() || '…')].join(' ')
}

/** For a POSIX shell: in single quotes unless plain. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
