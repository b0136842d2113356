import { SORTS } from '../server/api/lists.ts'
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

export const LISTS: readonly ListKind[] = [
  { name: 'sources', columns: SOURCE_COLUMNS, sorts: SORTS.sources },
  { name: 'queues', columns: QUEUE_COLUMNS, sorts: SORTS.queues },
  { name: 'topics', columns: TOPIC_COLUMNS, sorts: SORTS.topics },
  { name: 'groups', columns: GROUP_COLUMNS, sorts: SORTS.groups },
  { name: 'workers', columns: WORKER_COLUMNS, sorts: SORTS.workers },
  { name: 'runs', columns: RUN_COLUMNS, sorts: SORTS.runs },
]
