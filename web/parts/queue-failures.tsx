import type { FailureBody } from '../../server/api/job.ts'
import { onePath } from '../../server/api/paths.ts'
import { formatReference, formatTail, parseReference } from '../../server/domain/reference.ts'
import { askAction } from '../data/action.ts'
import { openDrawer } from '../data/drawer.ts'
import { useRead } from '../data/use-read.ts'
import { formatNumbered } from '../format.ts'
import { ActButton } from './act-button.tsx'
import { Age } from './age.tsx'
import { Figure, Unknown } from './figure.tsx'
import { Empty, Skeleton } from './panel.tsx'
import styles from './queue-jobs.module.css'
import { Table, type TableColumn } from './table.tsx'

type Group = FailureBody['groups'][number]

/** Read anew this often while it is looked at: it is read from the source, so not at each beat. */
const REFRESH_MS = 10_000

interface QueueFailuresProps {
  readonly source: string
  readonly tail: string
  readonly reference: string
}

/** What failed in a queue, by what looks alike, most frequent first. */
export function QueueFailures({ source, tail, reference }: QueueFailuresProps) {
  const { body, why, again } = useRead<FailureBody>(onePath('failures', source, tail), { everyMs: REFRESH_MS })
  if (!body) return why === null ? <Skeleton rows={4} what="the failures" /> : <Empty>{why}</Empty>
  if (body.groups.length === 0) return <Empty>Nothing that failed is kept in this queue now.</Empty>
  return (
    <Table
      label="Failures by error"
      columns={columnsFor(reference, again)}
      rows={body.groups}
      keyOf={({ fingerprint }) => fingerprint}
    />
  )
}

function columnsFor(queue: string, onDone: () => void): readonly TableColumn<Group>[] {
  const ask = (act: 'retry' | 'discard', { fingerprint, count, pattern }: Group) =>
    askAction({
      ...{ act, queue, fingerprintOfErrors: fingerprint, onDone },
      what: `${formatNumbered(count, 'job')} that failed with “${pattern}”`,
    })
  return [
    {
      ...{ key: 'error', label: 'Error', start: true },
      cell: ({ pattern, job, sample }) => (
        <span title={sample} className={styles.error}>
          <b>{pattern}</b> <span className="soft">{job}</span>
        </span>
      ),
    },
    { key: 'count', label: 'Jobs', cell: ({ count }) => <Figure value={count} as="count" /> },
    {
      ...{ key: 'state', label: 'Retrying, dead', wide: true },
      cell: ({ retrying, dead }) => (
        <>
          <Figure value={retrying} as="count" />, <Figure value={dead} as="count" />
        </>
      ),
    },
    { key: 'first', label: 'First', wide: true, cell: ({ firstAtMs }) => <Ago atMs={firstAtMs} /> },
    { key: 'last', label: 'Last', wide: true, cell: ({ lastAtMs }) => <Ago atMs={lastAtMs} /> },
    {
      ...{ key: 'acts', label: 'Acts' },
      cell: (group) => (
        <span className={styles.acts}>
          <ActButton
            label={`Retry ${formatNumbered(group.count, 'job')} that failed with ${group.pattern}…`}
            onAct={() => ask('retry', group)}
          >
            Retry these…
          </ActButton>
          <ActButton
            label={`Discard ${formatNumbered(group.count, 'job')} that failed with ${group.pattern}…`}
            onAct={() => ask('discard', group)}
          >
            Discard…
          </ActButton>
          <ActButton
            label={`Pause the job class ${group.job}…`}
            onAct={() => openDrawer({ verb: 'pause', targets: [classOf(queue, group.job)] })}
          >
            Pause class…
          </ActButton>
        </span>
      ),
    },
  ]
}

/** The job class behind an error, wherever in its source it runs. */
function classOf(queue: string, job: string): string {
  const source = parseReference(queue)?.source ?? ''
  return formatReference({ kind: 'job-class', source, tail: formatTail([job]) })
}

export function Ago({ atMs }: { readonly atMs: number | null }) {
  return atMs === null ? <Unknown why="it was not kept" /> : <Age atMs={atMs} />
}
