import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { onePath } from '../../server/api/paths.ts'
import type { QueueBody, QueueRow } from '../../server/api/queue.ts'
import { openDrawer } from '../data/drawer.ts'
import type { QueueTab } from '../data/list-search.ts'
import { useBands } from '../data/use-bands.ts'
import { useLive } from '../data/use-live.ts'
import { useStale } from '../data/use-stale.ts'
import { formatFigure } from '../format.ts'
import { ActButton } from '../parts/act-button.tsx'
import { Drain } from '../parts/drain.tsx'
import { Figure } from '../parts/figure.tsx'
import { type Head, Headline, Heads } from '../parts/headline.tsx'
import { Panel, Skeleton } from '../parts/panel.tsx'
import { ProblemView } from '../parts/problem-view.tsx'
import { QueueFacts, QueueWorkers } from '../parts/queue-facts.tsx'
import { QueueFailures } from '../parts/queue-failures.tsx'
import { QueueJobs } from '../parts/queue-jobs.tsx'
import { QueueRuns } from '../parts/queue-runs.tsx'
import { QueueSagas } from '../parts/queue-sagas.tsx'
import { type Tab, Tabs } from '../parts/tabs.tsx'
import { TimeChart } from '../parts/time-chart.tsx'
import { useTitle } from '../parts/use-title.ts'
import { Vanished } from '../parts/vanished.tsx'
import styles from './detail.module.css'
import { painTone } from './queues.tsx'

export function QueuePage() {
  const { source, _splat: tail = '' } = useParams({ from: '/queues/$source/$' })
  useTitle(tail)
  const { body, problem, failure } = useLive<QueueBody>(onePath('queues', source, tail))
  const stale = useStale(body?.sources ?? [])
  const bands = useBands(source, body?.queue.ref)
  if (!body && (problem || failure))
    return <ProblemView problem={problem} failure={failure} back={{ to: '/queues', label: 'All queues' }} />
  if (!body)
    return (
      <Panel title={tail}>
        <Skeleton rows={8} what={tail} />
      </Panel>
    )
  const { queue } = body
  const isStale = queue.severity === 'unknown' || stale.has(queue.source)
  return (
    <>
      <QueueHead body={body} />
      {problem && <Vanished problem={problem} />}
      <Heads heads={headsOf(body)} stale={isStale} />
      {body.runs.length > 0 && <QueueRuns runs={body.runs} />}
      <div className={styles.charts}>
        <TimeChart
          title="Flow"
          history={body.history}
          sync={queue.ref}
          stale={isStale}
          height={150}
          bands={bands}
          series={[
            { key: 'inPerSecond', label: 'in', as: 'rate', unit: '/s', colour: '--in', drawn: 'line' },
            { key: 'outPerSecond', label: 'out', as: 'rate', unit: '/s', colour: '--out', drawn: 'line', dashed: true },
            { key: 'depth', label: 'waiting', as: 'count', unit: '', colour: '--text', drawn: 'area' },
          ]}
        />
        <TimeChart
          title="Oldest that waits"
          history={body.history}
          sync={queue.ref}
          stale={isStale}
          height={150}
          series={[
            { key: 'oldestAgeMs', label: 'oldest', as: 'duration', unit: '', colour: '--warning', drawn: 'line' },
          ]}
        />
      </div>
      <QueueTabs body={body} source={source} tail={tail} />
    </>
  )
}

/** What its job system can show unit by unit; elsewhere there are workers and facts. */
const HAS_JOBS: readonly string[] = ['sluice']

interface QueueTabsProps {
  readonly body: QueueBody
  readonly source: string
  readonly tail: string
}

function QueueTabs({ body, source, tail }: QueueTabsProps) {
  const { tab } = useSearch({ from: '/queues/$source/$' })
  const navigate = useNavigate()
  const { queue, workers, sagas } = body
  const hasJobs = HAS_JOBS.includes(queue.system)
  const failed = (queue.retrying ?? 0) + (queue.dead ?? 0)
  const [shownFirst] = useState<QueueTab>(!hasJobs ? 'workers' : failed > 0 ? 'failures' : 'jobs')
  const shown = tab ?? shownFirst
  const tabs: readonly Tab<QueueTab>[] = [
    { name: 'failures', label: 'Failures', count: failed > 0 ? formatFigure(failed, 'count') : null },
    { name: 'jobs', label: 'Jobs' },
    { name: 'workers', label: 'Workers', count: workers.length > 0 ? workers.length : null },
    { name: 'config', label: 'Config' },
    ...(sagas === null && tab !== 'sagas'
      ? []
      : [{ name: 'sagas' as const, label: 'Sagas', count: sagas?.open ? formatFigure(sagas.open, 'count') : null }]),
  ]
  const one = { source, tail, reference: queue.ref }
  return (
    <Tabs
      label={`About ${queue.ref}`}
      tabs={tabs}
      shown={shown}
      onShow={(name) => void navigate({ to: '.', search: { tab: name }, replace: true })}
    >
      {shown === 'workers' ? (
        <QueueWorkers body={body} />
      ) : shown === 'config' ? (
        <QueueFacts body={body} />
      ) : shown === 'sagas' ? (
        <QueueSagas reference={queue.ref} />
      ) : shown === 'failures' ? (
        <QueueFailures {...one} />
      ) : (
        <QueueJobs {...one} first={queue.depth === 0 && (queue.dead ?? 0) > 0 ? 'dead' : 'pending'} />
      )}
    </Tabs>
  )
}

function QueueActs({ queue }: { readonly queue: QueueRow }) {
  const open = (verb: 'pause' | 'throttle' | 'resume') => openDrawer({ verb, targets: [queue.ref] })
  const isPaused = queue.pausedBy === 'sluice'
  return (
    <>
      {isPaused && (
        <ActButton title="r" kind="primary" onAct={() => open('resume')}>
          Resume…
        </ActButton>
      )}
      <ActButton title="t" onAct={() => open('throttle')}>
        Throttle…
      </ActButton>
      <ActButton title="p" kind={isPaused ? 'plain' : 'primary'} onAct={() => open('pause')}>
        Pause…
      </ActButton>
    </>
  )
}

function QueueHead({ body: { queue, sources } }: { readonly body: QueueBody }) {
  const chips = [
    queue.system,
    queue.vhost && `vhost ${queue.vhost}`,
    queue.role === 'work' ? null : `${queue.role} queue`,
  ]
  return (
    <Headline
      reference={queue.ref}
      severity={queue.severity}
      pausedBy={queue.pausedBy}
      reasons={queue.reasons}
      chips={chips}
      age={sources.find(({ source }) => source === queue.source)}
      acts={<QueueActs queue={queue} />}
    />
  )
}

function headsOf({ queue, cannotTell }: QueueBody): readonly Head[] {
  const tone = painTone(queue)
  const isEstimate = (figure: string) => queue.estimated.includes(figure)
  const also = (figure: 'active' | 'delayed' | 'retrying' | 'dead', word: string) => (
    <>
      <Figure value={queue[figure]} as="count" why={cannotTell[figure]} estimated={isEstimate(figure)} /> {word}
    </>
  )
  const unknown = (figure: keyof QueueRow & string) => (queue[figure] === null ? cannotTell[figure] : undefined)
  return [
    {
      label: 'oldest',
      main: <Figure value={queue.oldestAgeMs} as="duration" tone={tone} estimated={isEstimate('oldestAgeMs')} />,
      why: unknown('oldestAgeMs'),
    },
    {
      label: 'waiting',
      main: <Figure value={queue.depth} as="count" estimated={isEstimate('depth')} />,
      beside: queue.depthChange5m === null ? null : `${formatFigure(queue.depthChange5m, 'change')} in 5 m`,
      why: unknown('depth'),
    },
    {
      label: 'active',
      main: <Figure value={queue.active} as="count" estimated={isEstimate('active')} />,
      beside: also('delayed', 'delayed'),
      why: unknown('active'),
    },
    {
      label: 'retrying',
      main: <Figure value={queue.retrying} as="count" estimated={isEstimate('retrying')} />,
      beside: also('dead', 'dead'),
      why: unknown('retrying'),
    },
    {
      label: 'in / out per s',
      main: <Figure value={queue.inPerSecond} as="rate" />,
      beside: (
        <>
          / <Figure value={queue.outPerSecond} as="rate" />
        </>
      ),
      why: unknown('added') ?? unknown('finished'),
    },
    {
      label: 'drain at this rate',
      main: <Drain drain={queue.drain} drainMs={queue.drainMs} tone={tone} />,
      beside:
        queue.failedPerSecond === null || queue.failedPerSecond === 0 ? null : (
          <>
            failing <Figure value={queue.failedPerSecond} as="rate" unit="/s" />
          </>
        ),
    },
  ]
}
