import * as words from '../../server/domain/words.ts'

/**
 * Figures for columns: the words of `domain/words`, without spaces. Null is never turned into 0: every function takes it
 * and gives it back, and the cell shows a dash. `exact` is for pipes: all digits, no abbreviation.
 */

/** `0`, `999`, `1.2k`, `77.4k`, `310k`, `1.9M`. */
export function formatCount(value: number | null, exact = false): string | null {
  if (value === null || !Number.isFinite(value)) return null
  return exact ? String(Math.round(value)) : words.formatCount(Math.round(value))
}

/** Per second: `0`, `<0.01`, `1.6`, `90`, `5.1k`. */
export function formatRate(value: number | null, exact = false): string | null {
  if (value === null || !Number.isFinite(value)) return null
  return exact ? String(Math.round(value * 1_000) / 1_000) : compact(words.formatRate(value))
}

/** A difference with its sign: `+12.3k`, `-480`, `0`. */
export function formatChange(value: number | null, exact = false): string | null {
  const text = formatCount(value, exact)
  return text !== null && value !== null && Math.round(value) > 0 ? `+${text}` : text
}

/** Two units at most: `0`, `0.4s`, `8s`, `14m20s`, `1h05m`, `3d`. */
export function formatDuration(ms: number | null): string | null {
  if (ms === null || !Number.isFinite(ms)) return null
  return ms === 0 ? '0' : compact(words.formatDuration(ms))
}

/** How old something is, in whole seconds so that it does not flicker: `<1s`, `2s`, `14m20s`. */
export function formatAge(ms: number | null): string | null {
  if (ms === null || !Number.isFinite(ms)) return null
  return ms < 1_000 ? '<1s' : formatDuration(Math.floor(ms / 1_000) * 1_000)
}

/** Milliseconds of work: `12ms`, `1.4s`. */
export function formatTook(ms: number | null): string | null {
  if (ms === null || !Number.isFinite(ms)) return null
  return ms < 1_000 ? `${Math.round(ms)}ms` : formatDuration(ms)
}

/** Decimal units: `512B`, `1.2kB`, `3.4GB`. */
export function formatBytes(value: number | null, exact = false): string | null {
  const text = formatCount(value, exact)
  return text === null || exact ? text : `${text}B`
}

/** 0..1 → `0%`, `<1%`, `4%`. */
export function formatRatio(value: number | null): string | null {
  if (value === null || !Number.isFinite(value)) return null
  return value > 0 && value < 0.01 ? '<1%' : `${Math.floor(value * 100 + 0.5)}%`
}

/** How a backlog ends: a time, `never`, or `none` when nothing waits; null when it cannot be told. */
export function formatDrain(drain: 'draining' | 'never' | 'idle' | 'unknown', drainMs: number | null): string | null {
  if (drain === 'unknown') return null
  if (drain === 'idle') return 'none'
  return drain === 'never' ? 'never' : formatDuration(drainMs)
}

/** Local time of day: `14:03:12`. */
export function formatClock(atMs: number): string {
  const at = new Date(atMs)
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')
}

/** Local time of day to the minute, with the date in front when it is not the day of `nowMs`: `14:32`, `03-02 14:32`. */
export function formatWhen(atMs: number, nowMs: number): string {
  const [at, now] = [new Date(atMs), new Date(nowMs)]
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`
  return at.toDateString() === now.toDateString() ? time : `${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`
}

/** A time that runs down, to the second: `07:12`, `1:07:12`; `00:00` when it is over. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  const rest = `${two(minutes)}:${two(seconds % 60)}`
  return hours > 0 ? `${hours}:${rest}` : rest
}

/** Local date and time with its offset: `2026-03-02 14:03:12 +01:00`; null when there is none. */
export function formatInstant(atMs: number | null): string | null {
  if (atMs === null || !Number.isFinite(atMs)) return null
  const at = new Date(atMs)
  const offset = -at.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${formatClock(atMs)} ${zone}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function compact(text: string): string {
  return text.replaceAll(' ', '')
}
