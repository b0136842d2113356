import { useParams } from '@tanstack/react-router'
import { onePath } from '../../server/api/paths.ts'
import type { RunBody, RunRow } from '../../server/api/run.ts'
import { hasEnded } from '../../server/domain/run.ts'
import { type ActionAsk, askAction } from '../data/action.ts'
import { openDrawer } from '../data/drawer.ts'
import { useLive } from '../data/use-live.ts'
import { useStale } from '../data/use-stale.ts'
import { formatNumbered } from '../format.ts'
import { ActButton } from '../parts/act-button.tsx'
import { SourceStanding } from '../parts/age.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { Figure } from '../parts/figure.tsx'
import { Glyph } from '../parts/glyph.tsx'
import { Chip, type Head, Heads } from '../parts/headline.tsx'
import { Empty, Panel, Skeleton } from '../parts/panel.tsx'
import { PhaseSteps } from '../parts/phase-steps.tsx'
import { ProblemView } from '../parts/problem-view.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { doneWords, ProgressBar, RunEta, signOfRun } from '../parts/run-progress.tsx'
import { SagaSteps } from '../parts/saga-steps.tsx'
import { TimeChart } from '../parts/time-chart.tsx'
import { useTitle } from '../parts/use-title.ts'
import { Vanished } from '../parts/vanished.tsx'
import detail from './detail.module.css'
import styles from './run.module.css'
import { Instant } from './workers.tsx'

/** One execution of an iterating job: how far it is, when it will end, what holds it, what can be done with it. */
export function RunPage() {
  const { source, _splat: id = '' } = useParams({ from: '/runs/$source/$' })
  const { body, problem, failure } = useLive<RunBody>(onePath('runs', source, id))
  useTitle(body?.run.job ?? id)
  const stale = useStale(body?.sources ?? [])
  if (!body && (problem || failure))
    return <ProblemView problem={problem} failure={failure} back={{ to: '/runs', label: 'All runs' }} />
  if (!body)
    return (
      <Panel title={id}>
        <Skeleton rows={6} what={id} />
      </Panel>
    )
  const isStale = stale.has(body.run.source)
  return (
    <>
      <RunHead body={body} />
      {problem && <Vanished problem={problem} />}
      <Progress run={body.run} isStale={isStale} />
      <Heads heads={headsOf(body.run)} stale={isStale} />
      {body.run.saga !== null && <SagaSteps reference={body.run.saga} />}
      <Held body={body} />
      <TimeChart
        title="Pace"
        history={body.history}
        sync={body.run.ref}
        stale={isStale}
        height={160}
        series={[
          { key: 'perSecond', label: 'items', as: 'rate', unit: '/s', colour: '--in', drawn: 'line' },
          { key: 'tickCount', label: 'done', as: 'count', unit: '', colour: '--text', drawn: 'area' },
        ]}
      />
      <Facts run={body.run} />
    </>
  )
}

function RunHead({ body: { run, moves, sources } }: { readonly body: RunBody }) {
  const sign = signOfRun(run)
  const age = sources.find(({ source }) => source === run.source)
  const not = (move: string) =>
    moves.includes(move) ? null : `It is ${run.status}: it cannot ${NEEDS[move] ?? move} now`
  return (
    <header className={styles.head}>
      <Glyph sign={sign} label={sign.word} />
      <h1>
        <b>{run.job}</b> <span className="soft">run {run.id}</span>
      </h1>
      <Chip tone={sign.tone === 'control' ? 'control' : undefined}>{run.status}</Chip>
      <Chip>{run.system}</Chip>
      <span className={styles.age}>
        <SourceStanding age={age} />
      </span>
      <span className={styles.acts}>
        {moves.includes('retry') && (
          <ActButton
            onAct={() => askAction({ act: 'retry', queue: run.queueRef, ids: [run.id], what: `run ${run.id}` })}
          >
            Retry…
          </ActButton>
        )}
        {moves.includes('resume') && (
          <ActButton title="r" onAct={() => openDrawer({ verb: 'resume', targets: [run.ref] })}>
            Resume…
          </ActButton>
        )}
        <ActButton title="p" refused={not('pause')} onAct={() => openDrawer({ verb: 'pause', targets: [run.ref] })}>
          Pause…
        </ActButton>
        <ActButton
          title="t"
          refused={not('throttle')}
          onAct={() => openDrawer({ verb: 'throttle', targets: [run.ref] })}
        >
          Throttle…
        </ActButton>
        {moves.includes('force-cancel') ? (
          <ActButton
            title="Its worker may not write about it any more"
            onAct={() => askAction(giveUp('force-cancel', run))}
          >
            Force the end…
          </ActButton>
        ) : (
          <ActButton refused={not('cancel')} onAct={() => askAction(giveUp('cancel', run))}>
            Cancel…
          </ActButton>
        )}
      </span>
    </header>
  )
}

const NEEDS: Readonly<Record<string, string>> = { pause: 'be paused', throttle: 'be throttled', cancel: 'be cancelled' }

function giveUp(act: 'cancel' | 'force-cancel', { id, job, ref }: RunRow): ActionAsk {
  return { act, queue: ref, ids: [id], what: `run ${id} of ${job}` }
}

function Progress({ run, isStale }: { readonly run: RunRow; readonly isStale: boolean }) {
  return (
    <section className={`${styles.progress} ${isStale ? 'hatched' : ''}`} aria-label="Progress">
      <p>
        <b className={styles.done}>{doneWords(run)}</b>
        <span className={styles.eta}>
          {run.etaToMs !== null && run.stalledMs === null && <span className="soft">will have ended </span>}
          {run.etaToMs === null && run.stalledMs === null ? (
            <span className="soft">{endWords(run)}</span>
          ) : (
            <RunEta run={run} />
          )}
        </span>
      </p>
      <ProgressBar run={run} />
      {run.cursor !== null && (
        <p className={styles.cursor}>
          <span className="soft">cursor</span> <code>{run.cursor}</code>
        </p>
      )}
    </section>
  )
}

/** Why no end can be told. */
function endWords(run: RunRow): string {
  const { status, tickTotal } = run
  if (hasEnded(run)) return `it has ${status === 'cancelled' ? 'been cancelled' : status}`
  if (status !== 'running') return `no end can be told while it is ${status}`
  return tickTotal === null
    ? 'no end can be told: nobody knows how many items there are'
    : 'its end can be told in a moment'
}

function headsOf(run: RunRow): readonly Head[] {
  return [
    {
      label: 'items per s',
      main: <Figure value={run.perSecond} as="rate" why="it needs two readings while it runs" />,
      beside: run.status === 'running' || run.perSecond === null ? null : 'while it ran',
    },
    {
      label: 'running for',
      main: <Figure value={run.runningMs} as="duration" why="it has not run" />,
      beside: 'pauses left out',
    },
    { label: 'attempt', main: <Figure value={run.attempt} as="count" /> },
    {
      label: 'interruptions',
      main: <Figure value={run.interruptions} as="count" />,
      beside: 'deploys and pauses: no errors',
    },
    {
      label: 'crashes',
      main: (
        <Figure
          value={run.crashes}
          as="count"
          tone={run.crashes ? 'warning' : undefined}
          why="its system does not tell"
        />
      ),
      beside: 'workers that vanished',
    },
  ]
}

function Held({ body: { controls, run } }: { readonly body: RunBody }) {
  const living = controls.filter(({ endedAtMs }) => endedAtMs === null)
  if (living.length === 0) return null
  return (
    <Panel title="Held by" note={formatNumbered(living.length, 'control')}>
      <ul className={styles.held}>
        {living.map((control) => (
          <li key={control.id}>
            <p>
              <b>{control.sentence}</b> by {control.actor}, “{control.reason}”,{' '}
              {control.target !== run.ref && (
                <>
                  on <RefLink to={control.target} />,{' '}
                </>
              )}
              <Countdown control={control} />
            </p>
            <PhaseSteps control={control} />
            <p className="soft">{control.detail}</p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Facts({ run }: { readonly run: RunRow }) {
  return (
    <Panel title="Facts">
      <dl className={detail.facts}>
        <dt>Queue</dt>
        <dd>
          <RefLink to={run.queueRef} />
        </dd>
        {run.saga !== null && (
          <>
            <dt>Saga</dt>
            <dd>
              <RefLink to={run.saga} />
            </dd>
          </>
        )}
        <dt>Worker</dt>
        <dd>{run.worker?.replace(/^worker\//, '') ?? <span className="soft">nobody has it now</span>}</dd>
        <dt>Started</dt>
        <dd>
          <Instant atMs={run.startedAtMs} why="it has not started" />
        </dd>
        <dt>Last item</dt>
        <dd>
          <Instant atMs={run.tickedAtMs} why="none has ended yet" />
        </dd>
        <dt>Last error</dt>
        <dd>{run.error === null ? <Empty>none</Empty> : <code>{run.error}</code>}</dd>
      </dl>
    </Panel>
  )
}
