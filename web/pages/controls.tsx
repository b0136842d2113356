import { useEffect, useState } from 'react'
import type { ControlBody, ControlList, ControlRow } from '../../server/api/control.ts'
import { listPath } from '../../server/api/paths.ts'
import { phaseWord } from '../../server/domain/control.ts'
import { extendControl, liftControl } from '../data/control-acts.ts'
import { openDrawer } from '../data/drawer.ts'
import { useLive } from '../data/use-live.ts'
import { useNow } from '../data/use-now.ts'
import { formatInstant, formatNumbered } from '../format.ts'
import { ActButton } from '../parts/act-button.tsx'
import { ControlWorkers } from '../parts/control-workers.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { Glyph } from '../parts/glyph.tsx'
import { Empty, Panel, Skeleton } from '../parts/panel.tsx'
import { PhaseSteps } from '../parts/phase-steps.tsx'
import { phaseTone, signOfControl } from '../parts/phase-words.ts'
import { ProblemView } from '../parts/problem-view.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { Table, type TableColumn } from '../parts/table.tsx'
import { useTitle } from '../parts/use-title.ts'
import styles from './controls.module.css'

const PATH = listPath('controls', { limit: 200 })

/** Who holds what, why, until when, and whether it is in effect; and what ended in the last seven days. */
export function ControlsPage() {
  useTitle('Controls')
  const { body, problem, failure } = useLive<ControlList>(PATH)
  if (!body && (problem || failure))
    return <ProblemView problem={problem} failure={failure} back={{ to: '/', label: 'To the overview' }} />
  if (!body)
    return (
      <Panel title="Controls">
        <Skeleton rows={6} what="the controls" />
      </Panel>
    )
  const living = body.items.filter(({ endedAtMs }) => endedAtMs === null)
  const ended = body.items.filter(({ endedAtMs }) => endedAtMs !== null)
  return (
    <>
      <header className={styles.head}>
        <h1>Controls</h1>
        <p className="soft">
          {living.length === 0 ? 'Sluice holds nothing back' : `${living.length} in force`}
          {body.problems > 0 && <b data-tone="critical"> · {formatNumbered(body.problems, 'does', 'do')} not hold</b>}
        </p>
        <ActButton kind="primary" title="p" onAct={() => openDrawer({})}>
          New control…
        </ActButton>
      </header>
      {body.fault && (
        <p className={styles.fault} role="alert">
          ✖ The ledger: {body.fault}
        </p>
      )}
      <Living controls={living} />
      {body.elsewhere.length > 0 && <Elsewhere refs={body.elsewhere} />}
      <Ended controls={ended} />
    </>
  )
}

function Living({ controls }: { readonly controls: readonly ControlRow[] }) {
  return (
    <Panel title="In force" note="those that end soonest first">
      {controls.length === 0 ? (
        <Empty>
          Nothing is paused, throttled or limited by Sluice. A control always has an end, a reason and a name; it is
          made with “New control…”, on a queue’s page, or with <code>sluice pause</code>.
        </Empty>
      ) : (
        <ul className={styles.living}>
          {controls.map((control) => (
            <LivingControl key={control.id} control={control} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function LivingControl({ control }: { readonly control: ControlRow }) {
  const nowMs = useNow()
  const isNamed = useIsNamed(control.id)
  const sign = signOfControl(control)
  const isBad = phaseTone(control.phase) === 'critical'
  const [isOpen, setOpen] = useState(isNamed || isBad)
  return (
    <li id={control.id} className={styles.control} data-bad={isBad || undefined}>
      <div className={styles.first}>
        <Glyph sign={sign} label={sign.word} />
        <span className={styles.target}>
          <RefLink to={control.target} />
        </span>
        <span className={styles.order}>{control.sentence}</span>
        <b className={styles.left}>
          <Countdown control={control} />
        </b>
        <span className={styles.acts}>
          <ActButton
            label={`Extend the control on ${control.target} by 15 m`}
            onAct={() => void extendControl(control)}
          >
            Extend 15 m
          </ActButton>
          <ActButton
            label={`Resume ${control.target}…`}
            onAct={() => openDrawer({ verb: 'resume', targets: [control.target] })}
          >
            Resume…
          </ActButton>
          <ActButton
            title="Lifts this control only"
            label={`Lift this control on ${control.target}`}
            onAct={() => void liftControl(control)}
          >
            Lift
          </ActButton>
        </span>
      </div>
      <p className={styles.why}>
        “{control.reason}”{' '}
        <span className="soft">
          — {control.actor}, {formatInstant(control.issuedAtMs, nowMs)}, until{' '}
          {formatInstant(control.expiresAtMs, nowMs)}
        </span>
      </p>
      <p className={styles.detail}>
        <b data-tone={phaseTone(control.phase)}>{phaseWord(control.phase)}</b>{' '}
        <span className="soft">{control.detail}</span>
        <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          Worker by worker
        </button>
      </p>
      {isOpen && <InFull control={control} />}
    </li>
  )
}

function InFull({ control }: { readonly control: ControlRow }) {
  const { body, problem } = useLive<ControlBody>(`/controls/${encodeURIComponent(control.id)}`)
  if (problem && !body) return <p className="soft">{problem.detail}</p>
  return (
    <div className={styles.full}>
      <PhaseSteps control={body?.control ?? control} reached={body?.steps ?? []} />
      {body && body.missing.length > 0 && (
        <p data-tone="critical">✖ Vanished from {body.missing.join(', ')}: Sluice is putting it back</p>
      )}
      {body ? <ControlWorkers body={body} /> : <Skeleton rows={2} what="its workers" />}
    </div>
  )
}

/** Whether the address names this control: `/controls#ctl_…`. It is then brought into view. */
function useIsNamed(id: string): boolean {
  const isNamed = decodeURIComponent(location.hash.slice(1)) === id
  useEffect(() => {
    if (isNamed) document.getElementById(id)?.scrollIntoView({ block: 'nearest' })
  }, [isNamed, id])
  return isNamed
}

function Elsewhere({ refs }: { readonly refs: readonly string[] }) {
  return (
    <Panel title="Paused elsewhere" note="by something that is not Sluice: it has no end, and nobody gave a reason">
      <ul className={styles.elsewhere}>
        {refs.map((ref) => (
          <li key={ref}>
            <Glyph sign={{ glyph: 'paused-elsewhere', word: 'paused elsewhere', tone: 'control' }} />{' '}
            <RefLink to={ref} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function EndedAt({ control }: { readonly control: ControlRow }) {
  const nowMs = useNow()
  return <>{formatInstant(control.endedAtMs ?? control.expiresAtMs, nowMs)}</>
}

const COLUMNS: readonly TableColumn<ControlRow>[] = [
  { key: 'target', label: 'Target', start: true, cell: ({ target }) => <RefLink to={target} /> },
  { key: 'order', label: 'Order', start: true, cell: ({ sentence }) => sentence },
  {
    key: 'reason',
    label: 'Reason',
    start: true,
    wide: true,
    cell: ({ reason }) => <span className="soft">{reason}</span>,
  },
  { key: 'actor', label: 'By', start: true, wide: true, cell: ({ actor }) => actor },
  { key: 'ended', label: 'Ended', cell: (row) => <EndedAt control={row} /> },
  {
    ...{ key: 'how', label: 'How', start: true },
    cell: ({ endedBy, phase }) => (
      <span className="soft">
        {endedBy === null || endedBy === 'expiry' ? phaseWord(phase) : `lifted by ${endedBy}`}
      </span>
    ),
  },
]

function Ended({ controls }: { readonly controls: readonly ControlRow[] }) {
  return (
    <Panel title="Ended" note="in the last 7 days">
      {controls.length === 0 ? (
        <Empty>None ended in the last seven days.</Empty>
      ) : (
        <Table label="Ended controls" columns={COLUMNS} rows={controls} keyOf={({ id }) => id} />
      )}
    </Panel>
  )
}
