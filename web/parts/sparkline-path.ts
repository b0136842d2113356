/** Points of a sparkline as SVG path data, and where nothing was observed. Pure. */
export interface SparklineShape {
  readonly line: string
  readonly area: string
  /** Stretches without observation after the first one: [x, width]. */
  readonly gaps: readonly (readonly [x: number, width: number])[]
  readonly max: number | null
  /** Where the first observation stands: before it nothing was known yet. The whole width when nothing was. */
  readonly firstX: number
}

/** Scaled from 0 to the largest value. A null breaks the line; what lies before the first value is no gap, but not yet. */
export function sparklineShape(
  points: readonly (number | null)[],
  { width, height }: { width: number; height: number },
): SparklineShape {
  const known = points.filter((point) => point !== null)
  const first = points.findIndex((point) => point !== null)
  if (first < 0) return { line: '', area: '', gaps: [], max: null, firstX: width }
  const max = Math.max(...known)
  const step = width / Math.max(1, points.length - 1)
  const pad = 1.5
  const y = (value: number) => round(height - pad - (max > 0 ? (value / max) * (height - 2 * pad) : 0))
  let line = ''
  let area = ''
  const gaps: [number, number][] = []
  let run: [number, number][] = []
  const endRun = () => {
    const [start, end] = [run[0], run.at(-1)]
    if (start && end) {
      const path = run.map(([x, at], index) => `${index === 0 ? 'M' : 'L'}${x} ${at}`).join('')
      line += run.length === 1 ? `${path}h.01` : path
      area += `${path}L${end[0]} ${height}L${start[0]} ${height}Z`
    }
    run = []
  }
  for (let index = first; index < points.length; index++) {
    const value = points[index] ?? null
    const x = round(index * step)
    if (value !== null) {
      run.push([x, y(value)])
      continue
    }
    endRun()
    const from = round(Math.max(0, (index - 1) * step))
    const last = gaps.at(-1)
    const to = round(Math.min(width, (index + (index === points.length - 1 ? 0 : 1)) * step))
    if (last && last[0] + last[1] >= from) last[1] = round(to - last[0])
    else gaps.push([from, round(to - from)])
  }
  endRun()
  // The last step alone is not over yet: that is no gap.
  if (points.at(-1) === null && points.at(-2) !== null) gaps.pop()
  return { line, area, gaps, max, firstX: round(first * step) }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
