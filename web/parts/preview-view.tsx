import type { ControlRow, Preview } from '../../server/api/control.ts'
import type { Lever } from '../../server/domain/control.ts'
import { extendControl } from '../data/control-acts.ts'
import type { Draft } from '../data/draft.ts'
import { useNow } from '../data/use-now.ts'
import { formatAge, formatFigure, formatInstant, formatMinute } from '../format.ts'
import styles from './preview-view.module.css'
import { RefName } from './ref-link.tsx'

type Target = Preview['targets'][number]

interface PreviewViewProps {
  readonly preview: Preview
  readonly verb: Draft['verb']
  readonly atMs: number
}

/** What the server says would happen, target by target. */
export function PreviewView({ preview, verb, atMs }: PreviewViewProps) {
  const nowMs = useNow()
  const { unmatched, staleSources, alsoTouched } = preview
  return (
    <>
      <p className={styles.head}>Preview by the server, {formatAge(nowMs - atMs)} ago</p>
      <ul className={styles.targets}>
        {preview.targets.map((target) => (
          <TargetLines key={target.ref} target={target} verb={verb} untilMs={preview.untilMs} />
        ))}
      </ul>
      <ul className={styles.notes}>
        {unmatched.map((target) => (
          <li key={target} data-tone="warning">
            ▲ {target} matches nothing
          </li>
        ))}
        {staleSources.length > 0 && (
          <li data-tone="warning">▲ {staleSources.join(', ')} cannot be read now: these figures are old</li>
        )}
        {alsoTouched.length > 0 && verb !== 'resume' && (
          <li>Served by the same workers, may go faster: {alsoTouched.join(', ')}</li>
        )}
        {verb !== 'resume' && preview.goesOn !== '' && <li>Goes on: {preview.goesOn}</li>}
      </ul>
    </>
  )
}

interface TargetLinesProps {
  readonly target: Target
  readonly verb: Draft['verb']
  readonly untilMs: number
}

function TargetLines({ target, verb, untilMs }: TargetLinesProps) {
  const { ref, lever, inHand, existing } = target
  // The server's notes are about the throttle that a resumption is previewed as, not about what it lifts.
  const notes = verb === 'resume' ? [] : target.notes
  const cannot = lever.by === 'none' ? lever.why : null
  return (
    <li className={styles.target}>
      <span className={styles.name}>
        <RefName of={ref} />
      </span>
      <span className={styles.flow}>
        {cannot === null ? flowWords(target, verb) : <b data-tone="warning">✗ will be skipped</b>}
      </span>
      <span className={styles.how}>
        {cannot ?? (
          <>
            {leverWords(lever, target.workers)}
            {verb !== 'resume' &&
              inHand !== null &&
              inHand > 0 &&
              ` · ${formatFigure(inHand, 'count')} in hand ${inHand === 1 ? 'finishes' : 'finish'} first`}
          </>
        )}
      </span>
      {verb !== 'resume' && cannot === null && <span className={styles.after}>{endWords(target, untilMs)}</span>}
      {lever.by !== 'none' && lever.caveat !== null && <span className={styles.note}>{lever.caveat}</span>}
      {notes.map((note) => (
        <span key={note} className={styles.note} data-tone="warning">
          ▲ {note}
        </span>
      ))}
      {existing.map((control) => (
        <Existing key={control.id} control={control} verb={verb} />
      ))}
      {verb === 'resume' && existing.length === 0 && (
        <span className={styles.note} data-tone="warning">
          ▲ no control of Sluice holds it: there is nothing to resume
        </span>
      )}
    </li>
  )
}

/** A control that is there already: it is never stacked on in silence. */
function Existing({ control, verb }: { readonly control: ControlRow; readonly verb: Draft['verb'] }) {
  const nowMs = useNow()
  const words = `${control.sentence} by ${control.actor} until ${formatInstant(control.expiresAtMs, nowMs)} (${control.reason})`
  if (verb === 'resume') return <span className={styles.note}>ends: {words}</span>
  return (
    <span className={styles.note}>
      already there: {words}{' '}
      {control.order.verb === verb && (
        <button type="button" onClick={() => void extendControl(control)}>
          Extend that by 15 m instead
        </button>
      )}
    </span>
  )
}

function leverWords(lever: Lever, workers: number | null): string {
  if (lever.by === 'none') return lever.why
  if (lever.by === 'workers')
    return workers === null ? 'by its workers' : `by ${workers === 1 ? '1 worker' : `${workers} workers`}`
  return lever.by === 'broker' ? 'by the broker' : 'by its job system'
}

function flowWords({ outPerSecond, outAfterPerSecond, inPerSecond, depth }: Target, verb: Draft['verb']): string {
  const rate = (value: number | null) => (value === null ? '—' : `${formatFigure(value, 'rate')}/s`)
  if (verb === 'resume') return `${formatFigure(depth, 'count')} waiting · in ${rate(inPerSecond)}`
  return `${rate(outPerSecond)} → ${rate(outAfterPerSecond)}`
}

function endWords({ depthAtEnd, oldestAtEndMs, drainMs }: Target, untilMs: number): string {
  const oldest = oldestAtEndMs === null ? '' : `, oldest ≈ ${formatFigure(oldestAtEndMs, 'duration')}`
  const drain = drainMs === null || drainMs === 0 ? '' : `, then drains in ≈ ${formatFigure(drainMs, 'duration')}`
  return depthAtEnd === null
    ? `at ${formatMinute(untilMs)}: what will wait cannot be told`
    : `at ${formatMinute(untilMs)} ≈ ${formatFigure(Math.round(depthAtEnd), 'count')} waiting${oldest}${drain}`
}
