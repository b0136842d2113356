import { useState } from 'react'
import { listPath } from '../../server/api/paths.ts'
import type { SagaList, SagaRow } from '../../server/api/saga.ts'
import { useRead } from '../data/use-read.ts'
import { formatWhole } from '../format.ts'
import { Age } from './age.tsx'
import { Empty, Skeleton } from './panel.tsx'
import { Ago } from './queue-failures.tsx'
import styles from './queue-jobs.module.css'
import { RefLink } from './ref-link.tsx'
import { signOfSaga } from './saga-signs.ts'
import { StateCell } from './state-cell.tsx'
import { Table, type TableColumn } from './table.tsx'

const SHOWN = ['open', 'trouble', 'ended'] as const
type Shown = (typeof SHOWN)[number]
const ROWS = 100

const EMPTY: Readonly<Record<Shown, string>> = {
  open: 'No saga is under way.',
  trouble: 'No saga is stuck or stalled.',
  ended: 'No saga that is over is kept.',
}

/** The sagas of a queue, read from the source when looked at; those that need somebody first. */
export function QueueSagas({ reference }: { readonly reference: string }) {
  const [shown, setShown] = useState<Shown>('open')
  const path = listPath('sagas', { queue: reference, status: shown, limit: ROWS })
  const { body, why, isReading, again } = useRead<SagaList>(path)
  return (
    <>
      <div className={styles.tools}>
        <fieldset className={styles.states}>
          <legend className="sr">Which sagas</legend>
          {SHOWN.map((one) => (
            <label key={one}>
              <input type="radio" name="saga-status" checked={shown === one} onChange={() => setShown(one)} />
              <span>{one}</span>
            </label>
          ))}
        </fieldset>
        <span className="soft">
          {body && (
            <>
              {body.items.length < body.total ? `${body.items.length} of ${formatWhole(body.total)}` : body.total}, read{' '}
              <Age atMs={body.asOfMs} /> ago
              {body.unseen > 0 && `; ${formatWhole(body.unseen)} more were not looked at`}
            </>
          )}
        </span>
        <button type="button" aria-busy={isReading} onClick={again}>
          Read again
        </button>
      </div>
      {!body ? (
        why === null ? (
          <Skeleton rows={4} what="the sagas" />
        ) : (
          <Empty>{why}</Empty>
        )
      ) : body.items.length === 0 ? (
        <Empty>{body.gaps[0] ?? EMPTY[shown]}</Empty>
      ) : (
        <Table
          label={`Sagas, ${shown}`}
          columns={COLUMNS}
          rows={body.items}
          keyOf={({ ref }) => ref}
          shadeOf={(row) => (signOfSaga(row).tone === 'critical' ? 'critical' : null)}
        />
      )}
    </>
  )
}

const COLUMNS: readonly TableColumn<SagaRow>[] = [
  { ...{ key: 'status', label: 'Status', start: true }, cell: (row) => <StateCell sign={signOfSaga(row)} /> },
  {
    ...{ key: 'saga', label: 'Saga', start: true },
    cell: ({ ref, name, id }) => (
      <RefLink to={ref}>
        <b>{name}</b> <span className="soft">{id}</span>
      </RefLink>
    ),
  },
  {
    ...{ key: 'step', label: 'Stands at', start: true },
    cell: ({ step }) => step ?? <span data-tone="faint">·</span>,
  },
  {
    ...{ key: 'error', label: 'Error', start: true, wide: true },
    cell: ({ error }) => <span className={styles.error}>{error ?? <span data-tone="faint">·</span>}</span>,
  },
  { key: 'changed', label: 'Changed', cell: ({ changedAtMs }) => <Ago atMs={changedAtMs} /> },
]
