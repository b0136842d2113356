import type { QueueBody } from '../../server/api/queue.ts'
import { type CellContext, figureCell, pausedCell } from '../columns/column.ts'
import { QUEUE_COLUMNS } from '../columns/queue-columns.ts'
import { RUN_COLUMNS } from '../columns/run-columns.ts'
import { WORKER_COLUMNS } from '../columns/worker-columns.ts'
import { formatChange, formatCount, formatDrain, formatDuration, formatRate } from '../format/figures.ts'
import type { Segment } from '../format/line.ts'
import { charts, type Description, factsOf, note, subTable } from './description.ts'
import { headLines } from './head.ts'

export function describeQueue(body: QueueBody, context: CellContext): Description {
  const { queue, limit, deadLetter, feeds, cannotTell, history, workers, runs } = body
  const figure = (field: string, text: string | null) => figureCell(text, queue.estimated.includes(field))
  const count = (field: 'depth' | 'delayed' | 'retrying' | 'dead' | 'active' | 'consumers') =>
    figure(field, formatCount(queue[field]))
  const rate = (field: 'inPerSecond' | 'outPerSecond' | 'failedPerSecond' | 'redeliveredPerSecond') =>
    perSecond(figure(field, formatRate(queue[field])))
  const about = queue.role === 'work' ? queue.system : `${queue.system} ${queue.role} queue`
  return {
    ref: queue.ref,
    head: headLines(queue, { fresh: body, about, context }),
    blocks: [
      {
        title: 'WAITING',
        facts: [
          { label: 'depth', value: count('depth') },
          { label: 'oldest', value: figure('oldestAgeMs', formatDuration(queue.oldestAgeMs)) },
          { label: 'in 5 m', value: figureCell(formatChange(queue.depthChange5m)) },
          { label: 'drain', value: figureCell(formatDrain(queue.drain, queue.drainMs)) },
          { label: 'delayed', value: count('delayed') },
        ],
      },
      {
        title: 'PER SECOND',
        facts: [
          { label: 'in', value: rate('inPerSecond') },
          { label: 'out', value: rate('outPerSecond') },
          { label: 'failing', value: rate('failedPerSecond') },
          { label: 'redelivered', value: rate('redeliveredPerSecond') },
        ],
      },
      {
        title: 'IN HAND AND AFTER',
        facts: [
          { label: 'active', value: count('active') },
          { label: 'consumers', value: count('consumers') },
          { label: 'retrying', value: count('retrying') },
          { label: 'dead', value: count('dead') },
          { label: 'paused', value: pausedCell(queue.pausedBy, { ...context, exact: false }) },
        ],
      },
    ],
    charts: charts(history, [
      ['depth', 'depth', formatCount],
      ['inPerSecond', 'in/s', formatRate],
      ['outPerSecond', 'out/s', formatRate],
      ['oldestAgeMs', 'oldest', formatDuration],
    ]),
    notes: [
      ...(queue.trouble === null ? [] : [note('trouble', queue.trouble)]),
      ...(limit === null ? [] : [note('limited', limitWords(limit))]),
      ...(deadLetter === null ? [] : [note('dead letters', deadLetterWords(deadLetter))]),
      ...(feeds.length === 0 ? [] : [note('feeds', feeds.join(', '))]),
      ...Object.entries(cannotTell).map(([field, why]) => note(`${context.glyphs.unknown} ${field}`, why)),
    ],
    tables: [
      ...(runs.length === 0 ? [] : [subTable(`Runs (${runs.length})`, RUN_COLUMNS, runs)]),
      ...(workers.length === 0 ? [] : [subTable(`Workers (${workers.length})`, WORKER_COLUMNS, workers)]),
    ],
    facts: factsOf(QUEUE_COLUMNS, queue, context),
  }
}

function perSecond(value: Segment | null): Segment | null {
  return value === null || value.text === '0' ? value : { ...value, text: `${value.text}/s` }
}

function limitWords({ concurrency, perSecond: rate }: NonNullable<QueueBody['limit']>): string {
  const words = [
    concurrency === null ? null : `${concurrency} at once`,
    rate === null ? null : `${formatRate(rate)} per second`,
  ].filter((word) => word !== null)
  return words.length === 0 ? 'by the system itself' : words.join(', ')
}

function deadLetterWords({ exchange, routingKey, queues }: NonNullable<QueueBody['deadLetter']>): string {
  const to = exchange === '' ? 'the default exchange' : `exchange ${exchange}`
  const key = routingKey === null ? '' : ` with key ${routingKey}`
  return `to ${to}${key} → ${queues.length === 0 ? 'no queue found' : queues.join(', ')}`
}
