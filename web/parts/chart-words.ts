import type { History } from '../../server/api/freshness.ts'
import { formatFigure, type Reading } from '../format.ts'

export interface Series {
  readonly key: string
  /** `in`, `out`, `waiting`: as the sentence and the legend say it. */
  readonly label: string
  readonly as: Reading
  /** After the figure: `/s`, ` jobs`. */
  readonly unit: string
  readonly points: readonly (number | null)[]
}

/** One sentence for those who cannot see the chart: each series now, its range, and how much was not observed. */
export function chartSentence(series: readonly Series[]): string {
  const parts = series.map(({ label, as, unit, points }) => {
    const known = points.filter((point) => point !== null)
    const last = known.at(-1)
    if (last === undefined) return `${label} not observed`
    const text = (value: number) => `${formatFigure(value, as)}${unit}`
    const low = Math.min(...known)
    const high = Math.max(...known)
    return low === high
      ? `${label} ${text(last)} throughout`
      : `${label} ${text(last)} now, between ${text(low)} and ${text(high)}`
  })
  const first = series[0]?.points ?? []
  const begin = first.findIndex((point) => point !== null)
  const gaps = begin < 0 ? 0 : first.slice(begin).filter((point) => point === null).length
  const gapWords = gaps > 0 ? `; ${Math.round((100 * gaps) / first.length)} % of it was not observed` : ''
  return `${parts.join('; ')}${gapWords}.`
}

/** Rows of the table view, newest first: one per `everyMs`, the last known value of each series in it. */
export function chartTable(
  { startMs, stepMs }: { startMs: number; stepMs: number },
  series: readonly Series[],
  everyMs: number,
): { atMs: number; values: (number | null)[] }[] {
  const per = Math.max(1, Math.round(everyMs / stepMs))
  const length = series[0]?.points.length ?? 0
  const rows: { atMs: number; values: (number | null)[] }[] = []
  for (let end = length; end > 0; end -= per) {
    const values = series.map(
      ({ points }) => points.slice(Math.max(0, end - per), end).findLast((v) => v !== null) ?? null,
    )
    if (values.every((value) => value === null)) continue
    rows.push({ atMs: startMs + (end - 1) * stepMs, values })
  }
  return rows
}

/** Stretches of nulls after the first known point, as [first index, last index]. The last alone is not over yet: no gap. */
export function gapsOf(points: readonly (number | null)[]): [number, number][] {
  const gaps: [number, number][] = []
  const begin = points.findIndex((point) => point !== null)
  if (begin < 0) return gaps
  for (let index = begin; index < points.length; index++) {
    if (points[index] !== null) continue
    const last = gaps.at(-1)
    if (last && last[1] === index - 1) last[1] = index
    else gaps.push([index, index])
  }
  const open = points.length - 1
  return gaps.filter(([first]) => first < open)
}

/** A chart that has seen little shows at least this much time. */
const SHOWN_MIN_MS = 5 * 60_000

/**
 * The history without the time before the first observation of anything: two minutes are not drawn as an empty hour.
 * `seenAtMs`: when that was; null = nothing is cut.
 */
export function sinceFirstSeen(history: History): { readonly shown: History; readonly seenAtMs: number | null } {
  const { startMs, stepMs, series } = history
  const lengths = Object.values(series).map((points) => points.length)
  const length = Math.max(0, ...lengths)
  const firsts = Object.values(series).map((points) => points.findIndex((point) => point !== null))
  const seen = firsts.filter((first) => first >= 0)
  if (seen.length === 0) return { shown: history, seenAtMs: null }
  const cut = Math.max(0, Math.min(Math.min(...seen) - 1, length - Math.ceil(SHOWN_MIN_MS / stepMs)))
  if (cut === 0) return { shown: history, seenAtMs: null }
  const kept = Object.entries(series).map(([key, points]) => [key, points.slice(cut)] as const)
  const shown = { startMs: startMs + cut * stepMs, stepMs, series: Object.fromEntries(kept) }
  return { shown, seenAtMs: startMs + Math.min(...seen) * stepMs }
}
