import { memo } from 'react'
import { formatFigure, type Reading } from '../format.ts'
import styles from './sparkline.module.css'
import { sparklineShape } from './sparkline-path.ts'
import type { Tone } from './tone.ts'

interface SparklineProps {
  readonly points: readonly (number | null)[] | null
  readonly tone: Tone | 'in'
  /** What it draws, as in "waiting jobs". */
  readonly what: string
  readonly as?: Reading
  readonly width?: number
  readonly height?: number
  readonly filled?: boolean
}

/** The last hour, scaled from 0 to its own maximum, which the title says. Gaps are hatched. */
export const Sparkline = memo(function Sparkline(props: SparklineProps) {
  const { points, tone, what, as = 'count', width = 88, height = 20, filled = false } = props
  const { line, area, gaps, max, firstX } = sparklineShape(points ?? [], { width, height })
  const last = points?.findLast((point) => point !== null) ?? null
  const words =
    max === null
      ? `${what}: not observed yet`
      : `${what}, last hour: now ${formatFigure(last, as)}, at most ${formatFigure(max, as)}`
  const colour = tone === 'in' ? 'var(--in)' : `var(--${tone})`
  return (
    <svg
      className={styles.sparkline}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      width={width}
      height={height}
      role="img"
      aria-label={words}
    >
      <title>{words}</title>
      {firstX > 2 && <path className={styles.unseen} d={`M0 ${height - 1.5}H${firstX - 2}`} fill="none" />}
      {filled && <path d={area} fill={colour} opacity="0.13" />}
      {gaps.map(([x, gapWidth]) => (
        <rect key={x} x={x} width={gapWidth} height={height} fill="url(#sluice-hatch)" />
      ))}
      <path d={line} fill="none" stroke={colour} />
    </svg>
  )
})

/** The hatch that all sparklines share; once on the page. */
export function SparklineDefinitions() {
  return (
    <svg className={styles.definitions} aria-hidden="true" focusable="false">
      <defs>
        <pattern
          id="sluice-hatch"
          {...{ width: '5', height: '5', patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' }}
        >
          <path d="M0 0v5" stroke="var(--unknown)" strokeWidth="1" opacity="0.6" />
        </pattern>
      </defs>
    </svg>
  )
}
