import { lazy, Suspense, useMemo, useState } from 'react'
import type { History } from '../../server/api/freshness.ts'
import type { Band } from '../data/use-bands.ts'
import { formatFigure, formatMinute } from '../format.ts'
import { chartSentence, chartTable, type Series, sinceFirstSeen } from './chart-words.ts'
import { Panel } from './panel.tsx'
import styles from './time-chart.module.css'

const TimePlot = lazy(() => import('./time-plot.tsx').then(({ TimePlot }) => ({ default: TimePlot })))

/** A line in the colour of a token; an area lies behind, on the right axis. */
export interface ChartSeries extends Series {
  readonly colour: '--in' | '--out' | '--warning' | '--text' | '--soft'
  readonly drawn: 'line' | 'area'
  /** Told apart from the other line without its colour. */
  readonly dashed?: boolean
}

const NO_BANDS: readonly Band[] = []

interface TimeChartProps {
  readonly title: string
  /** What is drawn, when the title does not say it. How far back it goes is added. */
  readonly note?: string
  readonly history: History
  readonly series: readonly Omit<ChartSeries, 'points'>[]
  /** Charts with the same word share their cursor. */
  readonly sync: string
  readonly height?: number
  readonly stale?: boolean
  /** When a control was in force, drawn behind the lines. */
  readonly bands?: readonly Band[]
}

const TABLE_EVERY_MS = 60_000

/** The last hour of a few figures: chart or table, with a sentence for those who cannot see it. */
export function TimeChart({
  title,
  note,
  history: whole,
  series,
  sync,
  height = 190,
  stale = false,
  bands = NO_BANDS,
}: TimeChartProps) {
  const [isTable, setTable] = useState(false)
  const [at, setAt] = useState<number | null>(null)
  const { shown: history, seenAtMs } = useMemo(() => sinceFirstSeen(whole), [whole])
  const full = series.map((one): ChartSeries => ({ ...one, points: history.series[one.key] ?? [] }))
  const shownAt = at === null ? null : history.startMs + at * history.stepMs
  const endMs = history.startMs + (full[0]?.points.length ?? 0) * history.stepMs
  const isHeld = bands.some(({ fromMs, toMs }) => fromMs < endMs && (toMs ?? endMs) > history.startMs)
  const legend = (
    <>
      <span className={styles.legend} aria-hidden="true">
        {shownAt !== null && <span className={styles.at}>{formatMinute(shownAt)}</span>}
        {full.map(({ key, label, colour, drawn, dashed, as, unit, points }) => (
          <span key={key} className={styles.item}>
            <svg width="12" height="12" viewBox="0 0 12 12" focusable="false" aria-hidden="true">
              {drawn === 'line' ? (
                <path d={dashed ? 'M0 6h5M8 6h4' : 'M0 6h12'} stroke={`var(${colour})`} strokeWidth="2" />
              ) : (
                <rect width="12" height="12" rx="2" fill={`var(${colour})`} opacity="0.25" />
              )}
            </svg>
            {label}
            {at !== null && <b>{formatFigure(points[at] ?? null, as) + (points[at] == null ? '' : unit)}</b>}
          </span>
        ))}
        {isHeld && (
          <span className={styles.item}>
            <svg width="12" height="12" viewBox="0 0 12 12" focusable="false" aria-hidden="true">
              <rect width="12" height="12" rx="2" fill="var(--control)" opacity="0.4" />
            </svg>
            control
          </span>
        )}
      </span>
      <button type="button" aria-pressed={isTable} className={styles.toggle} onClick={() => setTable(!isTable)}>
        Table
      </button>
    </>
  )
  const span = seenAtMs === null ? 'last hour' : `read since ${formatMinute(seenAtMs)}`
  const isEmpty = full.every(({ points }) => points.every((point) => point === null))
  return (
    <Panel title={title} note={note ? `${note} · ${span}` : span} aside={legend} stale={stale}>
      <p className="sr">{`${span}: ${chartSentence(full)}${isHeld ? ' A control was in force in this time.' : ''}`}</p>
      {isTable ? (
        <HistoryTable {...{ title, history }} series={full} />
      ) : isEmpty ? (
        <p className={styles.nothing}>Nothing was observed in the last hour yet.</p>
      ) : (
        <div style={{ height }} className={styles.frame}>
          <Suspense fallback={null}>
            <TimePlot {...{ history, height, sync, bands }} series={full} onCursor={setAt} />
          </Suspense>
        </div>
      )}
    </Panel>
  )
}

interface HistoryTableProps {
  readonly title: string
  readonly history: History
  readonly series: readonly ChartSeries[]
}

function HistoryTable({ title, history, series }: HistoryTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={styles.scroll} tabIndex={0} aria-label={`${title}, table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map(({ key, label, unit }) => (
              <th key={key} scope="col">
                {label}
                {unit && <span className="soft"> {unit}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {chartTable(history, series, TABLE_EVERY_MS).map(({ atMs, values }) => (
            <tr key={atMs}>
              <th scope="row">{formatMinute(atMs)}</th>
              {values.map((value, index) => (
                <td key={series[index]?.key}>{formatFigure(value, series[index]?.as ?? 'count')}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
