/** Numbers as people say them; the same words in reasons, on screens and in the terminal. */

/** `7`, `412`, `9.9k`, `77.4k`, `1.24M`, `3.1G`. Exact below 1,000. */
export function formatCount(value: number): string {
  const size = Math.abs(value)
  if (size < 1_000) return Number.isInteger(value) ? String(value) : trimmed(value, size < 10 ? 1 : 0)
  for (const [unit, scale] of SCALES) {
    const scaled = value / scale
    if (Math.abs(scaled) < 999.5)
      return `${trimmed(scaled, scale >= 1e6 && Math.abs(scaled) < 10 ? 2 : Math.abs(scaled) < 100 ? 1 : 0)}${unit}`
  }
  return value.toExponential(1)
}

const SCALES: readonly (readonly [string, number])[] = [
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
]

function trimmed(value: number, digits: number): string {
  const text = value.toFixed(digits)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** Two units at most: `0.4 s`, `14 m 20 s`, `2 h 05 m`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `−${formatDuration(-ms)}`
  if (ms < 1_000) return ms === 0 ? '0 s' : ms < 100 ? '< 0.1 s' : `${trimmed(ms / 1_000, 1)} s`
  if (ms < 10_000) return `${trimmed(ms / 1_000, 1)} s`
  const seconds = Math.floor(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ]
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`
  if (hours > 0) return minutes > 0 ? `${hours} h ${two(minutes)} m` : `${hours} h`
  return seconds % 60 > 0 ? `${minutes} m ${two(seconds % 60)} s` : `${minutes} m`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** Units per second: `0`, `0.02`, `41`, `1.2k`. */
export function formatRate(perSecond: number): string {
  const size = Math.abs(perSecond)
  if (size > 0 && size < 0.01) return '< 0.01'
  return size < 1 ? trimmed(perSecond, 2) : formatCount(size < 10 ? perSecond : Math.round(perSecond))
}

/** `14:32`, in the time zone of this machine. */
export function formatClock(atMs: number): string {
  const at = new Date(atMs)
  return `${two(at.getHours())}:${two(at.getMinutes())}`
}
