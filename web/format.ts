/** Figures as the page writes them. Pure; null is always `—`, so that an unknown never looks like 0. */
import { formatCount, formatDuration, formatRate } from '../server/domain/words.ts'

/** How a figure is read: what its number means. */
export type Reading = 'count' | 'duration' | 'rate' | 'change' | 'bytes' | 'percent'

export const UNKNOWN = '—'
export const DOES_NOT_APPLY = '·'

/** The text of a figure; `—` for null. */
export function formatFigure(value: number | null, reading: Reading): string {
  return value === null ? UNKNOWN : WRITE[reading](value)
}

/** The exact value with its unit, for titles and copying. */
export function formatExact(value: number | null, reading: Reading): string {
  if (value === null) return 'unknown'
  if (reading === 'duration') return `${formatWhole(Math.round(value))} ms`
  if (reading === 'rate') return `${formatWhole(value)} per second`
  if (reading === 'bytes') return `${formatWhole(value)} bytes`
  if (reading === 'percent') return `${(value * 100).toFixed(2)} %`
  return formatWhole(value)
}

/** `+12.3k`, `−120`, `0`. */
function formatChange(value: number): string {
  if (value === 0) return '0'
  return value > 0 ? `+${formatCount(value)}` : `−${formatCount(-value)}`
}

/** `0 B`, `18 KB`, `1.2 GB`; powers of 1,000. */
function formatBytes(value: number): string {
  let scaled = value
  for (const unit of ['B', 'KB', 'MB', 'GB', 'TB']) {
    if (Math.abs(scaled) < 999.5 || unit === 'TB') {
      const digits = unit === 'B' || Math.abs(scaled) >= 10 ? 0 : 1
      return `${scaled.toFixed(digits)} ${unit}`
    }
    scaled /= 1_000
  }
  return UNKNOWN
}

/** From a ratio 0..1: `0 %`, `0.2 %`, `31 %`. */
function formatPercent(ratio: number): string {
  const percent = ratio * 100
  if (percent === 0) return '0 %'
  if (percent < 0.1) return '< 0.1 %'
  return `${percent < 1 ? percent.toFixed(1) : Math.round(percent)} %`
}

const WRITE: Readonly<Record<Reading, (value: number) => string>> = {
  count: formatCount,
  duration: formatDuration,
  rate: formatRate,
  change: formatChange,
  bytes: formatBytes,
  percent: formatPercent,
}

/** How long ago, in one unit, as it ticks beside things: `3 s`, `2 m`, `5 h`, `3 d`. Never negative. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** Time to an end, ticking: `07:12`, `1:07:12`; `00:00` when it is over. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  const two = (value: number) => String(value).padStart(2, '0')
  const clock = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return seconds >= 3_600 ? `${Math.floor(seconds / 3_600)}:${clock}` : clock
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const MINUTE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const DAY_MS = 86_400_000

/** Local time of day, `14:03:12`; with the date when it is more than a day from `nowMs`. */
export function formatInstant(atMs: number, nowMs: number): string {
  return Math.abs(nowMs - atMs) < DAY_MS ? CLOCK.format(atMs) : DAY.format(atMs)
}

/** Local `14:03`. */
export function formatMinute(atMs: number): string {
  return MINUTE.format(atMs)
}

/** `1 queue`, `412 queues`. */
export function formatNumbered(count: number, one: string, many = `${one}s`): string {
  return `${formatWhole(count)} ${count === 1 ? one : many}`
}

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 })

/** `77,412`. */
export function formatWhole(value: number): string {
  return WHOLE.format(value)
}
