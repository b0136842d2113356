import { useParams } from '@tanstack/react-router'
import { onePath } from '../../server/api/paths.ts'
import type { QueueBody, QueueRow } from '../../server/api/queue.ts'
import type { WorkerRow } from '../../server/api/worker.ts'
import { formatReference, formatTail } from '../../server/domain/reference.ts'
import { useLive } from '../data/use-live.ts'
import { useStale } from '../data/use-stale.ts'
import { formatFigure } from '../format.ts'
import { Drain } from '../parts/drain.tsx'
import { Figure } from '../parts/figure.tsx'
import { type Head, Headline, Heads } from '../parts/headline.tsx'
import { Empty, Panel, Skeleton } from '../parts/panel.tsx'
import { ProblemView } from '../parts/problem-view.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { StateCell } from '../parts/state-cell.tsx'
import { Table, type TableColumn } from '../parts/table.tsx'
import { TimeChart } from '../parts/time-chart.tsx'
import { useTitle } from '../parts/use-title.ts'
import { Vanished } from '../parts/vanished.tsx'
import styles from './detail.module.css'
import { painTone } from './queues.tsx'
import { Instant, Load, signOfPhase } from './workers.tsx'

export function QueuePage() {
  const { source, _splat: tail = '' } = useParams({ from: '/queues/$source/$' })
  useTitle(tail)
  const { body, problem, failure } = useLive<QueueBody>(onePath('queues', source, tail))
  const stale = useStale(body?.sources ?? [])
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
      <div className={styles.charts}>
        <TimeChart
          title="Flow"
          history={body.history}
          sync={queue.ref}
          stale={isStale}
          series={[
            { key: 'inPerSecond', label: 'in', as: 'rate', unit: '/s', colour: '--in', drawn: 'line' },
            { key: 'outPerSecond', label: 'out', as: 'rate', unit: '/s', colour: '--out', drawn: 'line', dashed: true },
            { key: 'depth', label: 'waiting', as: 'count', unit: '', colour: '--text', drawn: 'area' },
          ]}
        />
        <TimeChart
          title="Oldest"
          note="age of the oldest that waits"
          history={body.history}
          sync={queue.ref}
          stale={isStale}
          height={120}
          aligned
          series={[
            { key: 'oldestAgeMs', label: 'oldest', as: 'duration', unit: '', colour: '--warning', drawn: 'line' },
          ]}
        />
      </div>
      <div className={styles.two}>
        <QueueWorkers body={body} />
        <QueueFacts body={body} />
      </div>
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

const WORKER_COLUMNS: readonly TableColumn<WorkerRow>[] = [
  { key: 'phase', label: 'Phase', start: true, cell: ({ phase }) => <StateCell sign={signOfPhase(phase)} /> },
  { key: 'id', label: 'Worker', start: true, cell: ({ id }) => <b>{id}</b> },
  {
    key: 'host',
    label: 'Host',
    start: true,
    wide: true,
    cell: ({ host }) => <span className="soft">{host ?? '—'}</span>,
  },
  { key: 'busy', label: 'Busy', cell: (row) => <Load row={row} /> },
  { key: 'beat', label: 'Beat', cell: (row) => <Instant atMs={row.beatAtMs} why="its system has no beats" /> },
]

function QueueWorkers({ body: { workers, queue } }: { readonly body: QueueBody }) {
  const note = queue.consumers === null ? undefined : `${workers.length} known of ${queue.consumers} consumers`
  return (
    <Panel title="Workers" note={workers.length > 0 ? note : undefined} stale={queue.severity === 'unknown'}>
      {workers.length === 0 ? (
        <Empty>
          {queue.consumers
            ? `${queue.consumers} ${queue.consumers === 1 ? 'consumer takes' : 'consumers take'} from it; its system does not tell more about them.`
            : 'Nobody takes from it now.'}
        </Empty>
      ) : (
        <Table label="Workers" columns={WORKER_COLUMNS} rows={workers} keyOf={({ ref }) => ref} />
      )}
    </Panel>
  )
}

function QueueFacts({ body }: { readonly body: QueueBody }) {
  const { queue, limit, deadLetter, feeds, cannotTell } = body
  const ref = (name: string) =>
    formatReference({
      kind: 'queue',
      source: queue.source,
      tail: formatTail(queue.vhost ? [queue.vhost, name] : [name]),
    })
  const unknown = Object.entries(cannotTell)
  return (
    <Panel title="Facts">
      <dl className={styles.facts}>
        <dt>Limits</dt>
        <dd>
          {limit === null
            ? 'none set in its system'
            : [
                limit.concurrency !== null && `at most ${limit.concurrency} at once`,
                limit.perSecond !== null && `at most ${limit.perSecond} per second`,
              ]
                .filter(Boolean)
                .join(', ')}
        </dd>
        <dt>Dead letters</dt>
        <dd>
          {deadLetter === null ? (
            queue.dead === null ? (
              'no route'
            ) : (
              'kept in the queue itself'
            )
          ) : (
            <>
              exchange “{deadLetter.exchange || 'default'}”
              {deadLetter.routingKey !== null && `, key ${deadLetter.routingKey}`}
              {deadLetter.queues.map((name) => (
                <span key={name}>
                  {' → '}
                  <RefLink to={ref(name)}>{name}</RefLink>
                </span>
              ))}
            </>
          )}
        </dd>
        {feeds.length > 0 && (
          <>
            <dt>Serves</dt>
            <dd>
              {feeds.map((name) => (
                <span key={name}>
                  <RefLink to={ref(name)}>{name}</RefLink>{' '}
                </span>
              ))}
            </dd>
          </>
        )}
        <dt>In all</dt>
        <dd>
          <Figure value={queue.added} as="count" why={cannotTell.added} /> added ·{' '}
          <Figure value={queue.finished} as="count" why={cannotTell.finished} /> finished ·{' '}
          <Figure value={queue.failed} as="count" why={cannotTell.failed} /> failed ·{' '}
          <Figure value={queue.redelivered} as="count" why={cannotTell.redelivered} /> redelivered
        </dd>
        {unknown.length > 0 && (
          <>
            <dt>Unknown</dt>
            <dd>
              {unknown.map(([figure, reason]) => (
                <div key={figure}>
                  <b>{WORDS[figure] ?? figure}</b> <span className="soft">{reason}</span>
                </div>
              ))}
            </dd>
          </>
        )}
      </dl>
    </Panel>
  )
}

const WORDS: Readonly<Record<string, string>> = { oldestAgeMs: 'oldest', depth: 'waiting' }
