import type { RunRow } from '../../server/api/run.ts'
import { Figure } from './figure.tsx'
import { Panel } from './panel.tsx'
import styles from './queue-jobs.module.css'
import { RefLink } from './ref-link.tsx'
import { doneWords, ProgressBar, signOfRun } from './run-progress.tsx'
import { StateCell } from './state-cell.tsx'
import { Table, type TableColumn } from './table.tsx'

/** The iterating jobs under way in a queue: what is slow, or loads what it works on, is often one of them. */
export function QueueRuns({ runs }: { readonly runs: readonly RunRow[] }) {
  return (
    <Panel title="Runs under way">
      <Table label="Runs under way" columns={COLUMNS} rows={runs} keyOf={({ ref }) => ref} />
    </Panel>
  )
}

const COLUMNS: readonly TableColumn<RunRow>[] = [
  { ...{ key: 'status', label: 'Status', start: true }, cell: (row) => <StateCell sign={signOfRun(row)} /> },
  {
    ...{ key: 'job', label: 'Run', start: true },
    cell: ({ ref, job, id }) => (
      <RefLink to={ref}>
        <b>{job}</b> <span className="soft">{id}</span>
      </RefLink>
    ),
  },
  { ...{ key: 'bar', label: 'Progress', start: true, wide: true }, cell: (row) => <ProgressBar run={row} /> },
  { key: 'done', label: 'Done', wide: true, cell: (row) => doneWords(row) },
  {
    ...{ key: 'rate', label: 'Items/s' },
    cell: ({ perSecond }) => <Figure value={perSecond} as="rate" why="it needs two readings while it runs" />,
  },
  { key: 'attempt', label: 'Attempt', cell: ({ attempt }) => <Figure value={attempt} as="count" /> },
  {
    ...{ key: 'error', label: 'Last error', start: true, wide: true },
    cell: ({ error }) => <span className={styles.error}>{error ?? <span data-tone="faint">·</span>}</span>,
  },
]
