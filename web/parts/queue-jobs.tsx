import { useEffect, useState } from 'react'
import type { JobPageBody, JobRow } from '../../server/api/job.ts'
import { onePath } from '../../server/api/paths.ts'
import { JOB_STATES, type JobState } from '../../server/domain/job.ts'
import { askAction } from '../data/action.ts'
import { useNow } from '../data/use-now.ts'
import { useRead } from '../data/use-read.ts'
import { formatAge, formatInstant, formatWhole } from '../format.ts'
import { ActButton } from './act-button.tsx'
import { Age } from './age.tsx'
import { Figure } from './figure.tsx'
import { Empty, Skeleton } from './panel.tsx'
import { Ago } from './queue-failures.tsx'
import styles from './queue-jobs.module.css'
import { Table, type TableColumn } from './table.tsx'

const PAGE_ROWS = 50

interface QueueJobsProps {
  readonly source: string
  readonly tail: string
  readonly reference: string
  /** Where one looks first: what waits, or what was given up. */
  readonly first: JobState
}

/** The units of a queue, read from the source when looked at: never live, so that no row moves. */
export function QueueJobs({ source, tail, reference, first }: QueueJobsProps) {
  const [state, setState] = useState<JobState>(first)
  // Cursors of the pages up to here, so that one can go back.
  const [cursors, setCursors] = useState<readonly string[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state begins at its first page
  useEffect(() => setCursors([]), [state])
  const search = new URLSearchParams({ state, limit: String(PAGE_ROWS) })
  const cursor = cursors.at(-1)
  if (cursor !== undefined) search.set('cursor', cursor)
  const { body, why, isReading, again } = useRead<JobPageBody>(`${onePath('jobs', source, tail)}?${search}`)
  const next = body?.next ?? null
  return (
    <>
      <div className={styles.tools}>
        <fieldset className={styles.states}>
          <legend className="sr">State</legend>
          {JOB_STATES.map((one) => (
            <label key={one}>
              <input type="radio" name="job-state" checked={state === one} onChange={() => setState(one)} />
              <span>{one}</span>
            </label>
          ))}
        </fieldset>
        <span className="soft">
          {body && body.state === state && (
            <>
              {formatWhole(body.total)} {state}, read <Age atMs={body.asOfMs} /> ago
            </>
          )}
        </span>
        <button type="button" aria-busy={isReading} onClick={again}>
          Read again
        </button>
        <AllOf {...{ state, body, reference }} onDone={again} />
      </div>
      {!body ? (
        why === null ? (
          <Skeleton rows={6} what="the jobs" />
        ) : (
          <Empty>{why}</Empty>
        )
      ) : body.items.length === 0 ? (
        <Empty>{EMPTY[state]}</Empty>
      ) : (
        <Table
          label={`Jobs, ${state}`}
          columns={columnsFor(reference, state, again)}
          rows={body.items}
          keyOf={({ id }) => id}
        />
      )}
      {(cursors.length > 0 || next !== null) && (
        <p className={styles.pages}>
          <button type="button" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
            Back
          </button>
          <span className="soft">page {cursors.length + 1}</span>
          <button
            type="button"
            disabled={next === null}
            onClick={() => next !== null && setCursors([...cursors, next])}
          >
            Next
          </button>
        </p>
      )}
    </>
  )
}

const EMPTY: Readonly<Record<JobState, string>> = {
  pending: 'No job waits.',
  active: 'No job is being worked on.',
  delayed: 'No job is delayed.',
  retrying: 'No job waits to be tried again.',
  dead: 'No job was given up.',
  held: 'No control on a job class, tag or run holds a job back.',
}

interface AllOfProps {
  readonly state: JobState
  readonly body: JobPageBody | null
  readonly reference: string
  readonly onDone: () => void
}

/** The same act for all in this state. */
function AllOf({ state, body, reference, onDone }: AllOfProps) {
  if ((state !== 'dead' && state !== 'retrying') || !body || body.state !== state || body.total < 2) return null
  return (
    <ActButton
      onAct={() =>
        askAction({ act: 'retry', queue: reference, state, what: `all ${state} jobs of ${reference}`, onDone })
      }
    >
      Retry all {formatWhole(body.total)}…
    </ActButton>
  )
}

const WHEN: Readonly<Record<JobState, string>> = {
  pending: 'Added',
  active: 'Started',
  delayed: 'Due',
  retrying: 'Due',
  dead: 'Given up',
  held: 'Added',
}
const ACTS_IN: Readonly<Record<JobState, readonly ('retry' | 'promote' | 'discard')[]>> = {
  pending: ['discard'],
  active: [],
  delayed: ['promote', 'discard'],
  retrying: ['retry', 'discard'],
  dead: ['retry', 'discard'],
  held: ['discard'],
}
const WORDS = { retry: 'Retry…', promote: 'Promote…', discard: 'Discard…' } as const

function columnsFor(queue: string, state: JobState, onDone: () => void): readonly TableColumn<JobRow>[] {
  return [
    {
      ...{ key: 'job', label: 'Job', start: true },
      cell: ({ job, id, tags, version }) => (
        <>
          <b>{job}</b> <span className="soft mono">{id}</span>
          {version !== null && version > 1 && <span className="soft"> v{version}</span>}
          {tags.map((tag) => (
            <span key={tag} className={styles.tag}>
              {tag}
            </span>
          ))}
        </>
      ),
    },
    {
      ...{ key: 'args', label: 'Arguments', start: true, wide: true },
      cell: ({ args, argsBytes }) =>
        args === null ? (
          <span data-tone="faint">·</span>
        ) : (
          <details className={styles.args}>
            <summary>
              <code>{args.length > 48 ? `${args.slice(0, 47)}…` : args}</code>
            </summary>
            <pre className="mono">{args}</pre>
            {argsBytes !== null && <Figure value={argsBytes} as="bytes" />}
          </details>
        ),
    },
    {
      key: 'attempt',
      label: 'Attempt',
      wide: true,
      cell: ({ attempt }) => <Figure value={attempt} as="count" why="it was not told" />,
    },
    {
      ...{ key: 'at', label: WHEN[state] },
      cell: ({ atMs, enqueuedAtMs }) => (
        <When atMs={state === 'pending' || state === 'held' ? enqueuedAtMs : atMs} isDue={WHEN[state] === 'Due'} />
      ),
    },
    ...(state === 'dead' || state === 'retrying'
      ? [
          {
            ...{ key: 'error', label: 'Error', start: true, wide: true },
            cell: ({ error, deadReason }: JobRow) => (
              <span className={styles.error}>
                {error ?? '—'} {deadReason !== null && <span className="soft">({deadReason})</span>}
              </span>
            ),
          },
        ]
      : []),
    ...(state === 'active'
      ? [{ ...{ key: 'worker', label: 'Worker', start: true }, cell: ({ worker }: JobRow) => worker ?? '—' }]
      : []),
    ...(ACTS_IN[state].length > 0
      ? [
          {
            ...{ key: 'acts', label: 'Acts' },
            cell: ({ id, job }: JobRow) => (
              <span className={styles.acts}>
                {ACTS_IN[state].map((act) => (
                  <ActButton
                    key={act}
                    label={`${WORDS[act].replace('…', '')} job ${id}…`}
                    onAct={() => askAction({ act, queue, ids: [id], what: `job ${id} (${job})`, onDone })}
                  >
                    {WORDS[act]}
                  </ActButton>
                ))}
              </span>
            ),
          },
        ]
      : []),
  ]
}

function When({ atMs, isDue }: { readonly atMs: number | null; readonly isDue: boolean }) {
  if (!isDue) return <Ago atMs={atMs} />
  return <Due atMs={atMs} />
}

function Due({ atMs }: { readonly atMs: number | null }) {
  const nowMs = useNow()
  if (atMs === null) return <Ago atMs={null} />
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatInstant(atMs, nowMs)}>
      {atMs > nowMs ? `in ${formatAge(atMs - nowMs)}` : 'now'}
    </time>
  )
}
