import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { History } from '../../server/api/freshness.ts'
import { onThemeChange } from '../data/theme.ts'
import type { Band } from '../data/use-bands.ts'
import { formatFigure, formatMinute } from '../format.ts'
import { gapsOf } from './chart-words.ts'
import type { ChartSeries } from './time-chart.tsx'

interface TimePlotProps {
  readonly history: History
  readonly series: readonly ChartSeries[]
  readonly sync: string
  readonly height: number
  readonly bands: readonly Band[]
  /** The point under the cursor; null = the cursor left. */
  readonly onCursor: (index: number | null) => void
}

/** The drawing, in a chunk of its own: uPlot on a canvas. What it shows is said in words by whoever uses it. */
export function TimePlot({ history, series, sync, height, bands, onCursor }: TimePlotProps) {
  const frame = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const data = useRef<uPlot.AlignedData>([[]])
  data.current = alignedData(history, series)
  const cursor = useRef(onCursor)
  cursor.current = onCursor
  const held = useRef(bands)
  held.current = bands
  const shape = series.map(({ key, drawn, colour }) => `${key} ${drawn} ${colour}`).join()

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` is what of the series the plot is built from
  useEffect(() => {
    const element = frame.current
    if (!element) return
    const build = () => {
      plot.current?.destroy()
      const options = plotOptions({
        element,
        series,
        sync,
        height,
        bandsNow: () => held.current,
        onCursor: (index) => cursor.current(index),
      })
      plot.current = new uPlot(options, data.current, element)
    }
    build()
    const resize = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }))
    resize.observe(element)
    const unsubscribe = onThemeChange(build)
    return () => {
      unsubscribe()
      resize.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
  }, [shape, sync, height])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new body brings new data, and the drawing reads the bands
  useEffect(() => void plot.current?.setData(data.current), [history, bands])
  return <div ref={frame} aria-hidden="true" />
}

function alignedData(history: History, series: readonly ChartSeries[]): uPlot.AlignedData {
  const length = series[0]?.points.length ?? 0
  const times = Array.from({ length }, (_, index) => (history.startMs + index * history.stepMs) / 1_000)
  return [times, ...series.map(({ points }) => [...points])]
}

interface PlotOptions {
  readonly element: HTMLElement
  readonly series: readonly ChartSeries[]
  readonly sync: string
  readonly height: number
  readonly bandsNow: () => readonly Band[]
  readonly onCursor: (index: number | null) => void
}

function plotOptions({ element, series, sync, height, bandsNow, onCursor }: PlotOptions): uPlot.Options {
  const colourOf = tokenReader(element)
  const font = `11px ${getComputedStyle(element).fontFamily}`
  const axis = { stroke: colourOf('--soft'), font, ticks: { show: false } }
  const grid = { stroke: colourOf('--line'), width: 1 }
  const scaleOf = (one: ChartSeries) => (one.drawn === 'area' && series.length > 1 ? 'right' : 'left')
  const onScale = (scale: string) => series.find((one) => scaleOf(one) === scale)
  const values = (scale: string) => (_: uPlot, splits: number[]) =>
    splits.map((value) => {
      const one = onScale(scale)
      return one ? formatFigure(value, one.as) + (one.unit === '/s' ? '/s' : '') : ''
    })
  const steps = (scale: string) => {
    const as = onScale(scale)?.as
    return as === 'duration' ? { incrs: DURATION_STEPS_MS } : as === 'count' ? { incrs: COUNT_STEPS } : {}
  }
  const hasRight = series.some((one) => scaleOf(one) === 'right')
  // An axis is never finer than what it counts: a flat 0 gets a scale that means something.
  const fromZero =
    (scale: string): uPlot.Scale.Range =>
    (_, _min, max) => [0, Math.max(SMALLEST[onScale(scale)?.as ?? 'count'] ?? 1, (max ?? 0) * 1.08)]
  return {
    width: element.clientWidth,
    height,
    padding: [10, hasRight ? 0 : 14, 0, 0],
    legend: { show: false },
    cursor: { y: false, sync: { key: sync }, points: { size: 6 }, drag: { x: false, y: false } },
    scales: {
      x: { time: true },
      left: { range: fromZero('left') },
      ...(hasRight ? { right: { range: fromZero('right') } } : {}),
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 64,
        incrs: TIME_STEPS_S,
        size: 26,
        values: (_, splits) => splits.map((at) => formatMinute(at * 1_000)),
      },
      { ...axis, ...steps('left'), scale: 'left', grid, size: AXIS_PX, space: 36, values: values('left') },
      ...(hasRight
        ? [
            {
              ...axis,
              ...steps('right'),
              scale: 'right',
              side: 1 as const,
              grid: { show: false },
              size: AXIS_PX,
              space: 36,
              values: values('right'),
            },
          ]
        : []),
    ],
    series: [
      {},
      ...series.map((one): uPlot.Series => {
        const stroke = colourOf(one.colour)
        const shared = { scale: scaleOf(one), spanGaps: false, points: { show: false } }
        return one.drawn === 'line'
          ? { ...shared, stroke, width: 1.5, ...(one.dashed ? { dash: [6, 3] } : {}) }
          : { ...shared, width: 0, fill: withAlpha(stroke, 0.11), stroke: withAlpha(stroke, 0.35) }
      }),
    ],
    hooks: {
      drawClear: [(plot) => drawBands(plot, bandsNow(), colourOf('--control'))],
      drawAxes: [(plot) => drawGaps(plot, series, withAlpha(colourOf('--unknown'), 0.45))],
      setCursor: [({ cursor: { idx, left = -1 } }) => onCursor(left < 0 ? null : (idx ?? null))],
    },
  }
}

const AXIS_PX = 58
/** Whole minutes, as the labels say nothing finer. */
const TIME_STEPS_S = [60, 120, 300, 600, 900, 1_800, 3_600]
const SMALLEST: Partial<Record<ChartSeries['as'], number>> = { count: 4, rate: 1, duration: 2_000 }
const COUNT_STEPS = Array.from({ length: 15 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat()

/** Steps of an axis of durations: round for people, not for tens. */
const DURATION_STEPS_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000],
  ...[600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000],
]

/** The time in which a control was in force: behind everything, with its edges. */
function drawBands({ ctx, bbox, valToPos }: uPlot, bands: readonly Band[], colour: string): void {
  for (const { fromMs, toMs } of bands) {
    const clamp = (x: number) => Math.min(bbox.left + bbox.width, Math.max(bbox.left, x))
    const left = clamp(valToPos(fromMs / 1_000, 'x', true))
    const right = toMs === null ? bbox.left + bbox.width : clamp(valToPos(toMs / 1_000, 'x', true))
    if (right <= left) continue
    ctx.save()
    ctx.fillStyle = withAlpha(colour, 0.16)
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
    ctx.fillStyle = withAlpha(colour, 0.8)
    ctx.fillRect(left, bbox.top, devicePixelRatio, bbox.height)
    if (toMs !== null) ctx.fillRect(right - devicePixelRatio, bbox.top, devicePixelRatio, bbox.height)
    ctx.restore()
  }
}

/** Hatches the time in which nothing was observed. */
function drawGaps({ ctx, bbox, valToPos, data }: uPlot, series: readonly ChartSeries[], colour: string): void {
  const times = data[0]
  const gaps = gapsOf(series[0]?.points ?? [])
  for (const [first, last] of gaps) {
    const from = times[first - 1] ?? times[first]
    const to = times[last + 1] ?? times[last]
    if (from === undefined || to === undefined) continue
    const left = valToPos(from, 'x', true)
    const width = valToPos(to, 'x', true) - left
    if (width <= 0) continue
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, bbox.top, width, bbox.height)
    ctx.clip()
    ctx.strokeStyle = colour
    ctx.lineWidth = devicePixelRatio
    const step = 7 * devicePixelRatio
    ctx.beginPath()
    for (let x = left - bbox.height; x < left + width; x += step) {
      ctx.moveTo(x, bbox.top + bbox.height)
      ctx.lineTo(x + bbox.height, bbox.top)
    }
    ctx.stroke()
    ctx.restore()
  }
}

/** What a token is in this theme, as a colour that a canvas understands. */
function tokenReader(element: HTMLElement): (token: string) => string {
  return (token) => {
    element.style.color = `var(${token})`
    const { color } = getComputedStyle(element)
    element.style.color = ''
    return color
  }
}

/** `oklch(0.5 0.1 20)` → `oklch(0.5 0.1 20 / 0.1)`; the older comma form of rgb likewise. */
function withAlpha(colour: string, alpha: number): string {
  return colour.includes(',')
    ? colour.replace(')', `, ${alpha})`).replace('rgb(', 'rgba(')
    : colour.replace(')', ` / ${alpha})`)
}
