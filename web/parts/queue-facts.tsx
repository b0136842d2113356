import type { QueueBody } from '../../server/api/queue.ts'
import type { WorkerRow } from '../../server/api/worker.ts'
import { formatReference, formatTail } from '../../server/domain/reference.ts'
import styles from '../pages/detail.module.css'
import { Instant, Load, signOfPhase } from '../pages/workers.tsx'
import { Figure } from './figure.tsx'
import { Empty } from './panel.tsx'
import { RefLink } from './ref-link.tsx'
import { StateCell } from './state-cell.tsx'
import { Table, type TableColumn } from './table.tsx'

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

/** Who takes from the queue, as far as its system tells. */
export function QueueWorkers({ body: { workers, queue } }: { readonly body: QueueBody }) {
  if (workers.length === 0)
    return (
      <Empty>
        {queue.consumers
          ? `${queue.consumers} ${queue.consumers === 1 ? 'consumer takes' : 'consumers take'} from it; its system does not tell more about them.`
          : 'Nobody takes from it now.'}
      </Empty>
    )
  return (
    <>
      <Table label="Workers" columns={WORKER_COLUMNS} rows={workers} keyOf={({ ref }) => ref} />
      {queue.consumers !== null && queue.consumers > workers.length && (
        <Empty>{`${workers.length} known of ${queue.consumers} consumers.`}</Empty>
      )}
    </>
  )
}

/** What is set and counted in its system, and why what is unknown is so. */
export function QueueFacts({ body }: { readonly body: QueueBody }) {
  const { queue, limit, deadLetter, feeds, cannotTell } = body
  const ref = (name: string) =>
    formatReference({
      kind: 'queue',
      source: queue.source,
      tail: formatTail(queue.vhost ? [queue.vhost, name] : [name]),
    })
  const unknown = Object.entries(cannotTell)
  return (
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
  )
}

const WORDS: Readonly<Record<string, string>> = { oldestAgeMs: 'oldest', depth: 'waiting' }
