import type { groupSort, queueSort, runSort, sourceSort, topicSort, workerSort } from '../server/api/list-query.ts'
import type { ListName } from './api.ts'
import type { Column } from './columns/column.ts'
import { GROUP_COLUMNS } from './columns/group-columns.ts'
import { QUEUE_COLUMNS } from './columns/queue-columns.ts'
import { RUN_COLUMNS } from './columns/run-columns.ts'
import { SOURCE_COLUMNS } from './columns/source-columns.ts'
import { TOPIC_COLUMNS } from './columns/topic-columns.ts'
import { WORKER_COLUMNS } from './columns/worker-columns.ts'

/** A kind of thing that can be listed: its columns, and the orders that the server knows. */
export interface ListKind {
  readonly name: ListName
  // A table of kinds holds columns of different rows: each kind's rows come from its own list only.
  readonly columns: readonly Column<never>[]
  readonly sorts: readonly string[]
}

/** Restated from the API's schema, which would load zod; the types make a wrong word an error, and a test a missing one. */
const queues = [
  'pain',
  'name',
  'depth',
  'active',
  'delayed',
  'retrying',
  'dead',
  'oldestAgeMs',
  'consumers',
  'inPerSecond',
  'outPerSecond',
  'depthChange5m',
  'drainMs',
  'system',
] as const satisfies readonly (typeof queueSort)[number][]
const topics = [
  'name',
  'records',
  'bytes',
  'partitions',
  'inPerSecond',
  'groups',
  'underReplicated',
] as const satisfies readonly (typeof topicSort)[number][]
const groups = [
  'pain',
  'name',
  'lag',
  'lagMs',
  'members',
  'lagChange5m',
  'inPerSecond',
  'outPerSecond',
  'drainMs',
  'state',
] as const satisfies readonly (typeof groupSort)[number][]
const workers = [
  'id',
  'system',
  'busy',
  'capacity',
  'beatAtMs',
  'startedAtMs',
] as const satisfies readonly (typeof workerSort)[number][]
const runs = ['pain', 'id', 'status', 'startedAtMs'] as const satisfies readonly (typeof runSort)[number][]
const sources = ['source', 'tookMs'] as const satisfies readonly (typeof sourceSort)[number][]

export const LISTS: readonly ListKind[] = [
  { name: 'sources', columns: SOURCE_COLUMNS, sorts: sources },
  { name: 'queues', columns: QUEUE_COLUMNS, sorts: queues },
  { name: 'topics', columns: TOPIC_COLUMNS, sorts: topics },
  { name: 'groups', columns: GROUP_COLUMNS, sorts: groups },
  { name: 'workers', columns: WORKER_COLUMNS, sorts: workers },
  { name: 'runs', columns: RUN_COLUMNS, sorts: runs },
]
