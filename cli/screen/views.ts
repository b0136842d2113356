import { GROUP_COLUMNS } from '../columns/group-columns.ts'
import { TREND_COLUMN } from '../columns/hot-columns.ts'
import { QUEUE_COLUMNS } from '../columns/queue-columns.ts'
import { RUN_COLUMNS } from '../columns/run-columns.ts'
import { SOURCE_COLUMNS } from '../columns/source-columns.ts'
import { TOPIC_COLUMNS } from '../columns/topic-columns.ts'
import { WORKER_COLUMNS } from '../columns/worker-columns.ts'
import { CONTROLS } from './controls-view.ts'
import { HOT, PAIN } from './hot-view.ts'
import { listView, place, type View } from './view.ts'

/** The views of `top`, in the order of their keys. */
export const VIEWS: readonly View[] = [
  HOT,
  listView('Queues', 'queues', {
    columns: place(
      [...QUEUE_COLUMNS, TREND_COLUMN],
      [
        ['severity', 9, 0, 'pain'],
        ['ref', 22, 0, 'name'],
        ['system', 15, 10, 'system'],
        ['oldestAgeMs', 8, 0, 'oldestAgeMs'],
        ['depth', 7, 0, 'depth'],
        ['depthChange5m', 7, 6, 'depthChange5m'],
        ['active', 6, 2, 'active'],
        ['delayed', 6, 8, 'delayed', 'LATER'],
        ['retrying', 6, 5, 'retrying', 'RETRY'],
        ['dead', 6, 1, 'dead'],
        ['inPerSecond', 5, 4, 'inPerSecond'],
        ['outPerSecond', 5, 3, 'outPerSecond'],
        ['drainMs', 7, 9, 'drainMs'],
        ['consumers', 5, 7, 'consumers', 'CONS'],
        ['trend', 12, 11, null],
      ],
    ),
    defaultSort: PAIN,
    trend: '1',
  }),
  listView('Consumer groups', 'groups', {
    columns: place(
      [...GROUP_COLUMNS, TREND_COLUMN],
      [
        ['severity', 9, 0, 'pain'],
        ['ref', 22, 0, 'name'],
        ['state', 11, 4, 'state'],
        ['lagMs', 8, 0, 'lagMs'],
        ['lag', 7, 0, 'lag', 'LAG'],
        ['lagChange5m', 7, 3, 'lagChange5m'],
        ['inPerSecond', 5, 2, 'inPerSecond'],
        ['outPerSecond', 5, 1, 'outPerSecond'],
        ['drainMs', 7, 7, 'drainMs'],
        ['members', 7, 0, 'members'],
        ['partitions', 5, 6, null, 'PARTS'],
        ['lostRecords', 6, 5, null],
        ['trend', 12, 8, null],
      ],
    ),
    defaultSort: PAIN,
    trend: '1',
  }),
  listView('Topics', 'topics', {
    columns: place(
      [...TOPIC_COLUMNS, TREND_COLUMN],
      [
        ['severity', 9, 0, null],
        ['ref', 22, 0, 'name'],
        ['system', 15, 7, null],
        ['partitions', 6, 1, 'partitions', 'PARTS'],
        ['replicationFactor', 4, 6, null, 'REPL'],
        ['underReplicated', 6, 4, 'underReplicated', 'UNDER'],
        ['inPerSecond', 5, 0, 'inPerSecond'],
        ['records', 8, 0, 'records', 'RECORDS'],
        ['bytes', 7, 2, 'bytes'],
        ['groups', 6, 3, 'groups'],
        ['trend', 12, 8, null],
      ],
    ),
    defaultSort: { field: 'inPerSecond', descending: true },
    trend: '1',
  }),
  listView('Workers', 'workers', {
    columns: place(WORKER_COLUMNS, [
      ['phase', 9, 0, null],
      ['ref', 30, 0, 'id'],
      ['system', 12, 3, 'system'],
      ['busy', 5, 0, 'busy'],
      ['capacity', 5, 0, 'capacity'],
      ['beatAtMs', 7, 0, 'beatAtMs'],
      ['startedAtMs', 7, 4, 'startedAtMs'],
      ['host', 16, 2, null],
      ['serves', 24, 1, null],
    ]),
    defaultSort: { field: 'id', descending: false },
  }),
  listView('Sources', 'sources', {
    columns: place(SOURCE_COLUMNS, [
      ['severity', 9, 0, null],
      ['source', 16, 0, 'source'],
      ['kind', 8, 5, null],
      ['state', 9, 0, null],
      ['observedAtMs', 6, 0, null],
      ['queues', 6, 0, null],
      ['topics', 6, 1, null],
      ['groups', 6, 2, null],
      ['workers', 7, 3, null],
      ['tookMs', 6, 4, 'tookMs'],
      ['reasons', 30, 6, null],
    ]),
    defaultSort: { field: 'source', descending: false },
  }),
  listView('Runs', 'runs', {
    columns: place(RUN_COLUMNS, [
      ['status', 11, 0, 'pain'],
      // The ids of runs are made by machines: their ends say less than what runs.
      ['ref', 22, 4.5, 'id'],
      ['job', 18, 4, null],
      ['tickCount', 7, 0, null],
      ['tickTotal', 7, 0, null],
      ['perSecond', 6, 2, null],
      ['etaFromMs', 13, 1, null],
      ['tickedAtMs', 9, 5, null],
      ['attempt', 7, 7, null],
      ['queue', 14, 6, null],
      ['startedAtMs', 26, 9, 'startedAtMs'],
      ['error', 24, 8, null],
    ]),
    defaultSort: PAIN,
  }),
  CONTROLS,
]

export function viewAt(index: number): View {
  return VIEWS[index] ?? HOT
}
