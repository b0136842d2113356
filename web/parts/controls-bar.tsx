import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { ControlRow } from '../../server/api/control.ts'
import { phaseWord } from '../../server/domain/control.ts'
import { parseReference } from '../../server/domain/reference.ts'
import { extendControl, liftControl, useLivingControls } from '../data/control-acts.ts'
import { openDrawer } from '../data/drawer.ts'
import { tellHeld } from '../data/held.ts'
import { ActButton } from './act-button.tsx'
import styles from './controls-bar.module.css'
import { Countdown } from './countdown.tsx'
import { Glyph } from './glyph.tsx'
import { phaseTone, signOfControl } from './phase-words.ts'

/** More would not fit beside each other; the rest is counted. */
const SHOWN_MAX = 3

/** What is held closed, on every page, with the time that is left. One that does not hold is the loudest. */
export function ControlsBar() {
  const { body } = useLivingControls()
  useEffect(() => tellHeld(body?.items ?? []), [body])
  if (!body || (body.items.length === 0 && body.elsewhere.length === 0)) return null
  const isBad = ({ phase }: ControlRow) => phaseTone(phase) === 'critical'
  const ordered = [...body.items.filter(isBad), ...body.items.filter((one) => !isBad(one))]
  const shown = ordered.slice(0, SHOWN_MAX)
  const more = body.total - shown.length
  return (
    <aside className={styles.bar} aria-label="Active controls">
      <ul className={styles.list}>
        {shown.map((control) => (
          <BarItem key={control.id} control={control} isOnly={shown.length === 1} />
        ))}
        {more > 0 && (
          <li className={styles.more}>
            <Link to="/controls">
              + {more} <span className={styles.word}>more</span>
            </Link>
          </li>
        )}
        {body.total > 1 && (
          <li className={styles.others}>
            <Link to="/controls">+ {body.total - 1}</Link>
          </li>
        )}
        {body.elsewhere.length > 0 && (
          <li className={styles.more} title={body.elsewhere.join(', ')}>
            <Glyph sign={{ glyph: 'paused-elsewhere', word: 'paused elsewhere', tone: 'control' }} />{' '}
            {body.elsewhere.length} <span className={styles.word}>paused elsewhere</span>
          </li>
        )}
      </ul>
      <Link to="/controls" className={styles.all}>
        All controls
      </Link>
    </aside>
  )
}

function BarItem({ control, isOnly }: { readonly control: ControlRow; readonly isOnly: boolean }) {
  const sign = signOfControl(control)
  const short = shortName(control.target)
  return (
    <li className={styles.item} data-bad={sign.tone === 'critical' || undefined} data-only={isOnly || undefined}>
      <Link to="/controls" hash={control.id} className={styles.what} title={`${control.target}: ${control.reason}`}>
        <Glyph sign={sign} label={sign.word} />
        <b>{short}</b>
        {control.order.verb !== 'pause' && <span className={styles.how}>{control.sentence}</span>}
        <b>
          <Countdown control={control} />
        </b>
        <span className={styles.how} data-tone={sign.tone === 'critical' ? 'critical' : undefined}>
          {control.actor} · {phaseWord(control.phase)}
        </span>
      </Link>
      <span className={styles.acts}>
        <ActButton
          label={`Extend the control on ${control.target} by 15 m`}
          title="e"
          onAct={() => void extendControl(control)}
        >
          +15 m
        </ActButton>
        <ActButton
          label={`Resume ${control.target}…`}
          title="r"
          onAct={() => openDrawer({ verb: 'resume', targets: [control.target] })}
        >
          Resume…
        </ActButton>
        <ActButton
          label={`Undo the control on ${control.target}`}
          title="u: lifts this control only"
          onAct={() => void liftControl(control)}
        >
          Undo
        </ActButton>
      </span>
    </li>
  )
}

/** `emails`, `run 8f3c`, `job-class SendMail`: which source it is in stands in the title. */
function shortName(target: string): string {
  const reference = parseReference(target)
  if (!reference) return target
  return reference.kind === 'queue' ? reference.tail : `${reference.kind} ${reference.tail}`
}
