import type { RunRow } from '../../server/api/run.ts'
import { hasEnded } from '../../server/domain/run.ts'
import { formatDuration } from '../../server/domain/words.ts'
import { useNow } from '../data/use-now.ts'
import { formatFigure, formatMinute, formatWhole } from '../format.ts'
import { Unknown } from './figure.tsx'
import styles from './run-progress.module.css'
import type { Sign } from './tone.ts'

const SIGNS: Readonly<Record<string, Sign>> = {
  queued: { glyph: 'fine', word: 'queued', tone: 'soft' },
  pausing: { glyph: 'paused', word: 'pausing', tone: 'control' },
  paused: { glyph: 'paused', word: 'paused', tone: 'control' },
  throttled: { glyph: 'metered', word: 'throttled', tone: 'control' },
  cancelling: { glyph: 'notice', word: 'cancelling', tone: 'notice' },
  cancelled: { glyph: 'notice', word: 'cancelled', tone: 'soft' },
  interrupted: { glyph: 'notice', word: 'interrupted', tone: 'notice' },
  failed: { glyph: 'critical', word: 'failed', tone: 'critical' },
}

/** A run in one word; one that stands still although it runs is no fine one. A deploy's interruption is no error. */
export function signOfRun({ status, stalledMs }: Pick<RunRow, 'status' | 'stalledMs'>): Sign {
  if (stalledMs !== null) return { glyph: 'warning', word: 'stalled', tone: 'warning' }
  return SIGNS[status] ?? { glyph: 'fine', word: status, tone: 'fine' }
}

/** How full the bar is, 0 to 1; null = nobody knows how much there is. */
export function shareOf({ tickCount, tickTotal }: Pick<RunRow, 'tickCount' | 'tickTotal'>): number | null {
  if (tickCount === null || tickTotal === null || tickTotal <= 0) return null
  return Math.min(1, tickCount / tickTotal)
}

/** `438,200 of 1,200,000 (36 %)`; past its total it says what was expected. */
export function doneWords({
  status,
  tickCount,
  tickTotal,
}: Pick<RunRow, 'status' | 'tickCount' | 'tickTotal'>): string {
  if (tickCount === null) return 'it does not tell how far it is'
  if (tickTotal === null)
    return `${formatWhole(tickCount)} done${hasEnded({ status }) ? '' : ', nobody knows of how many'}`
  if (tickCount > tickTotal) return `${formatWhole(tickCount)} (expected ${formatWhole(tickTotal)})`
  const share = shareOf({ tickCount, tickTotal })
  return `${formatWhole(tickCount)} of ${formatWhole(tickTotal)}${share === null ? '' : ` (${sharePercent(share)})`}`
}

/** Never 100 before it is full, never 0 once it has begun. */
export function sharePercent(share: number): string {
  return share > 0 && share < 0.01 ? '< 1 %' : `${Math.floor(share * 100)} %`
}

export function ProgressBar({ run }: { readonly run: RunRow }) {
  // What came to its end is whole, however much nobody knew it would be.
  const share = run.status === 'succeeded' ? 1 : shareOf(run)
  const label = `${run.job}: ${doneWords(run)}`
  const tone = signOfRun(run).tone
  return share === null ? (
    <span className={styles.unknown} role="img" aria-label={label} />
  ) : (
    <progress className={styles.bar} data-kind={tone} max={1} value={share} aria-label={label} />
  )
}

/** When it will have ended, as a range; in its place that it stands still. */
export function RunEta({ run }: { readonly run: RunRow }) {
  const nowMs = useNow()
  if (run.stalledMs !== null)
    return <b data-tone="warning">no item for {formatDuration(run.stalledMs + (nowMs - run.observedAtMs))}</b>
  if (hasEnded(run)) return <span data-tone="faint">·</span>
  if (run.etaFromMs === null || run.etaToMs === null)
    return <Unknown why={run.tickTotal === null ? 'nobody knows how many items there are' : 'it needs a rate first'} />
  const [from, to] = [formatMinute(run.etaFromMs), formatMinute(run.etaToMs)]
  const left = formatFigure(Math.max(0, run.etaToMs - nowMs), 'duration')
  return <span title={`at most ${left} more at this rate`}>{from === to ? from : `${from}–${to}`}</span>
}
