import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { ListBody, SourceAge } from '../../server/api/freshness.ts'
import { listPath } from '../../server/api/paths.ts'
import { openDrawer } from '../data/drawer.ts'
import type { ListSearch } from '../data/list-search.ts'
import { clearMarks, marks } from '../data/marks.ts'
import { useStore } from '../data/store.ts'
import { type Live, useLiveAll, useOverview } from '../data/use-live.ts'
import { useStale } from '../data/use-stale.ts'
import { rowsByPlace, WINDOW_ROWS, windowsOver } from '../data/windows.ts'
import { formatWhole } from '../format.ts'
import { ActButton } from './act-button.tsx'
import { type Column, Grid } from './grid.tsx'
import styles from './list-page.module.css'
import { Empty, Skeleton } from './panel.tsx'
import { ProblemView } from './problem-view.tsx'
import { SourceNotes } from './source-notes.tsx'
import { useHeldRows } from './use-held-rows.ts'

type ListName = 'queues' | 'groups' | 'topics' | 'workers' | 'runs' | 'sources'

/** Every row tells where it comes from. */
interface Sourced {
  readonly source: string
}

interface ListPageProps<Row> {
  readonly list: ListName
  readonly title: string
  readonly search: ListSearch
  readonly columns: readonly Column<Row>[]
  readonly refOf: (row: Row) => string
  readonly shadeOf: (row: Row) => 'critical' | 'unknown' | null
  readonly card: (row: Row) => ReactNode
  readonly onOpen: ((row: Row) => void) | null
  /** Sort fields that this list knows: another in the address is ignored. */
  readonly sorts: readonly string[]
  /** The order that is used when none is asked for, for the header's arrow. */
  readonly defaultSort?: string
  /** Kinds of source that such things come from: what is not known of others is no gap of this list. */
  readonly kinds: readonly SourceAge['kind'][]
  readonly hasFaults: boolean
  readonly hasTrend: boolean
  /** Rows are targets of controls: they can be marked and acted upon. */
  readonly canMark?: boolean
  /** Why the list is empty by nature. */
  readonly empty: ReactNode
  readonly total: number | undefined
}

/** A list of any length: its windows under the screen are followed, its filter and order stand in the address. */
export function ListPage<Row extends Sourced>(props: ListPageProps<Row>) {
  const { list, search, refOf, total: all } = props
  const sort = search.sort && props.sorts.includes(search.sort.replace(/^-/, '')) ? search.sort : undefined
  const query = {
    filter: search.filter,
    source: search.source,
    severity: search.faults && props.hasFaults ? 'faults' : undefined,
    sort,
  }
  const key = listPath(list, query)
  const [range, setRange] = useState<readonly [number, number]>([0, 0])
  const onRange = useCallback((first: number, last: number) => setRange([first, last]), [])
  const trend = props.hasTrend && !isPhone() ? '1' : undefined
  const paths = windowsOver(...range).map((offset) =>
    listPath(list, { ...query, offset: offset || undefined, limit: WINDOW_ROWS, trend }),
  )
  const windows = useLiveAll<ListBody<Row>>(paths)
  const { bodies, isOld } = useLastBodies(windows, key)
  const fresh = useMemo(() => rowsByPlace(bodies), [bodies])
  const shown = useHeldRows(fresh, { key: isOld ? `${key} old` : key, refOf })
  const total = bodies[0]?.total ?? 0
  const failed = windows.find(({ problem, failure, body }) => !body && (problem || failure))
  const stale = useStale(bodies[0]?.sources ?? [])
  const shadeOf = (row: Row) => (stale.has(row.source) ? 'unknown' : props.shadeOf(row))
  const sources =
    bodies[0]?.sources.filter(
      ({ source, kind }) => props.kinds.includes(kind) && (search.source ?? source) === source,
    ) ?? []
  return (
    <section className={styles.page} aria-labelledby="list-title">
      <Tools
        {...props}
        matching={total}
        isKnown={bodies.length > 0 && !failed}
        changes={shown.isHeld ? shown.changes : 0}
        onResort={shown.resort}
      />
      {bodies.length > 0 && <SourceNotes sources={sources} />}
      {failed ? (
        <ProblemView problem={failed.problem} failure={failed.failure} back={{ to: '/', label: 'To the overview' }} />
      ) : bodies.length === 0 ? (
        <Skeleton rows={10} what={props.title} />
      ) : total === 0 ? (
        <EmptyList {...props} all={all} />
      ) : (
        <div className={styles.fill} aria-busy={isOld || undefined}>
          <ListGrid {...props} {...{ shown, total, sort, onRange, shadeOf, resetKey: key }} />
        </div>
      )}
    </section>
  )
}

interface ListGridProps<Row> extends ListPageProps<Row> {
  readonly shown: ReturnType<typeof useHeldRows<Row>>
  readonly total: number
  readonly sort: string | undefined
  readonly onRange: (first: number, last: number) => void
  readonly resetKey: string
}

function ListGrid<Row>({ shown, total, sort, onRange, resetKey, defaultSort, ...props }: ListGridProps<Row>) {
  const navigate = useNavigate()
  return (
    <Grid<Row>
      key={resetKey}
      label={props.title}
      columns={props.columns}
      rows={shown.rows}
      gone={shown.gone}
      holders={shown.holders}
      refOf={props.refOf}
      shadeOf={props.shadeOf}
      card={props.card}
      onOpen={props.onOpen}
      onResort={shown.resort}
      canMark={props.canMark ?? false}
      total={total}
      sort={sort ?? defaultSort}
      onSort={(next) => void navigate({ to: '.', search: { ...props.search, sort: next }, replace: true })}
      onRange={onRange}
    />
  )
}

interface ToolsProps<Row> extends ListPageProps<Row> {
  /** How many match; meaningless until something was read. */
  readonly matching: number
  readonly isKnown: boolean
  readonly changes: number
  readonly onResort: () => void
}

/** Title, count, source, faults and the chip of a held order. */
function Tools<Row>(props: ToolsProps<Row>) {
  const { search, title, matching: total, total: all, changes } = props
  const navigate = useNavigate()
  const { body } = useOverview()
  const set = (next: Partial<ListSearch>) => void navigate({ to: '.', search: { ...search, ...next }, replace: true })
  const isNarrowed = Boolean(search.filter || search.source || search.faults)
  const sources = body?.sources ?? []
  return (
    <header className={styles.tools}>
      <h1 id="list-title">{title}</h1>
      <span className={styles.count}>
        {!props.isKnown
          ? ''
          : isNarrowed && all !== undefined
            ? `${formatWhole(total)} of ${formatWhole(all)}`
            : formatWhole(total)}
      </span>
      {search.filter && (
        <button type="button" className={styles.filter} onClick={() => set({ filter: undefined })}>
          <span className="sr">Clear the filter </span>“{search.filter}” <span aria-hidden="true">×</span>
        </button>
      )}
      <span className={styles.grow} />
      {props.canMark && <Marked />}
      {changes > 0 && (
        <button type="button" className={styles.chip} onClick={props.onResort}>
          {changes} order {changes === 1 ? 'change' : 'changes'} · s
        </button>
      )}
      {sources.length > 1 && props.list !== 'sources' && (
        <select
          aria-label="Source"
          value={search.source ?? ''}
          onChange={(event) => set({ source: event.target.value || undefined })}
        >
          <option value="">All sources</option>
          {sources.map(({ source }) => (
            <option key={source}>{source}</option>
          ))}
        </select>
      )}
      {props.hasFaults && (
        <button
          type="button"
          aria-pressed={search.faults ?? false}
          title="f"
          onClick={() => set({ faults: search.faults ? undefined : true })}
        >
          Faults only
        </button>
      )}
    </header>
  )
}

/** How many rows are marked, and what can be done with them. */
function Marked() {
  const marked = useStore(marks)
  if (marked.size === 0) return null
  return (
    <span className={styles.marked}>
      <span data-tone="control">{marked.size} marked</span>
      <ActButton title="p" onAct={() => openDrawer({ verb: 'pause', targets: [...marked] })}>
        Pause…
      </ActButton>
      <button type="button" onClick={clearMarks}>
        Clear
      </button>
    </span>
  )
}

function EmptyList<Row>(props: ListPageProps<Row> & { all: number | undefined }) {
  const navigate = useNavigate()
  const { search, all, title } = props
  if (!search.filter && !search.source && !search.faults) return <Empty>{props.empty}</Empty>
  return (
    <Empty>
      0 of {all === undefined ? 'all' : formatWhole(all)} {title.toLowerCase()} match
      {search.filter && ` “${search.filter}”`}
      {search.source && ` in ${search.source}`}
      {search.faults && ', faults only'} ·{' '}
      <button type="button" onClick={() => void navigate({ to: '.', search: { sort: search.sort }, replace: true })}>
        Clear
      </button>
    </Empty>
  )
}

/**
 * The bodies that are there; while another filter or order is read for the first time, the last ones, marked old:
 * a list that empties at each letter typed could not be read.
 */
function useLastBodies<Row>(
  windows: readonly Live<ListBody<Row>>[],
  key: string,
): { bodies: readonly ListBody<Row>[]; isOld: boolean } {
  const last = useRef<{ key: string; bodies: readonly ListBody<Row>[] }>({ key, bodies: [] })
  const now = windows.flatMap(({ body }) => (body ? [body] : []))
  const same = now.length === last.current.bodies.length && now.every((body, at) => body === last.current.bodies[at])
  const bodies = same ? last.current.bodies : now
  const failed = windows.some(({ problem, failure, body }) => !body && (problem || failure))
  useEffect(() => {
    if (bodies.length > 0) last.current = { key, bodies }
  }, [bodies, key])
  if (bodies.length > 0 || failed) return { bodies, isOld: false }
  return { bodies: last.current.bodies, isOld: last.current.bodies.length > 0 }
}

function isPhone(): boolean {
  return matchMedia('(max-width: 640px)').matches
}
