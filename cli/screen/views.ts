import type { ControlList } from '../../server/api/control.ts'
import type { Freshness, ListBody } from '../../server/api/freshness.ts'
import type { GroupRow } from '../../server/api/group.ts'
import type { HotRow, OverviewBody } from '../../server/api/overview.ts'
import { listPath, OVERVIEW_PATH } from '../../server/api/paths.ts'
import type { QueueRow } from '../../server/api/queue.ts'
import type { ListName } from '../api.ts'
import type { Column } from '../columns/column.ts'
import { CONTROL_COLUMNS } from '../columns/control-columns.ts'
import { GROUP_COLUMNS } from '../columns/group-columns.ts'
import { HOT_COLUMNS, TREND_COLUMN } from '../columns/hot-columns.ts'
import { QUEUE_COLUMNS } from '../columns/queue-columns.ts'
import { RUN_COLUMNS } from '../columns/run-columns.ts'
import { SOURCE_COLUMNS } from '../columns/source-columns.ts'
import { TOPIC_COLUMNS } from '../columns/topic-columns.ts'
import { WORKER_COLUMNS } from '../columns/worker-columns.ts'
import { mergeHot } from './hot-rows.ts'
import type { Referenced } from './order.ts'

export interface Sort {
  readonly field: string
  readonly descending: boolean
}

/** What the list is asked for. */
export interface Asked {
  readonly filter: string
  readonly faults: boolean
  readonly source: string | null
  readonly sort: Sort
  /** Offset and rows of the window around what is on the screen. */
  readonly offset: number
  readonly limit: number
}

export interface Rows extends Freshness {
  readonly total: number
  readonly offset: number
  readonly items: readonly Referenced[]
}

/** A column on the screen: its width never changes, so that figures stand still. */
export interface ScreenColumn {
  readonly column: Column<never>
  /** Cells; for the reference the fewest, as it takes what is left. */
  readonly cells: number
  /** Left out of narrow screens, the highest first. */
  readonly drop: number
  /** The order that belongs to it; null = it cannot be sorted by. */
  readonly sort: string | null
  /** A shorter word than the table's, where cells are few. */
  readonly head?: string
}

export interface View {
  readonly title: string
  readonly columns: readonly ScreenColumn[]
  readonly defaultSort: Sort
  readonly paths: (asked: Asked) => readonly string[]
  /** The rows, once every path has come; null before. */
  readonly rows: (bodies: ReadonlyMap<string, unknown>, asked: Asked) => Rows | null
}

type Placed = readonly [field: string, cells: number, drop: number, sort: string | null, head?: string]

function place<Row>(columns: readonly Column<Row>[], placed: readonly Placed[]): readonly ScreenColumn[] {
  return placed.map(([field, cells, drop, sort, head]) => {
    const column = columns.find((one) => one.field === field)
    if (!column) throw new Error(`no column ${field}`)
    return { column: column as Column<never>, cells, drop, sort, ...(head ? { head } : {}) }
  })
}

function sortWord({ field, descending }: Sort): string {
  return descending ? `-${field}` : field
}

function listed(
  name: ListName,
  { filter, faults, source, sort, offset, limit }: Asked,
  words: { sort?: string; trend?: string },
): string {
  return listPath(name, {
    filter,
    source: source ?? undefined,
    severity: faults ? 'faults' : undefined,
    sort: words.sort ?? sortWord(sort),
    offset,
    limit,
    trend: words.trend,
  })
}

/** A view that is one list of the API. */
function listView(
  title: string,
  name: ListName,
  given: { columns: readonly ScreenColumn[]; defaultSort: Sort; trend?: string },
): View {
  const pathOf = (asked: Asked) => listed(name, asked, given.trend ? { trend: given.trend } : {})
  return {
    title,
    columns: given.columns,
    defaultSort: given.defaultSort,
    paths: (asked) => [pathOf(asked)],
    rows: (bodies, asked) => (bodies.get(pathOf(asked)) as ListBody<Referenced> | undefined) ?? null,
  }
}

const PAIN: Sort = { field: 'pain', descending: false }
const HOT_IN_QUEUES: Readonly<Record<string, string>> = { waitMs: 'oldestAgeMs', change5m: 'depthChange5m' }
const HOT_IN_GROUPS: Readonly<Record<string, string>> = { waitMs: 'lagMs', change5m: 'lagChange5m' }

function hotPaths(asked: Asked): readonly [string, string] | null {
  const { filter, faults, source, sort } = asked
  if (filter === '' && !faults && source === null && sort.field === 'pain' && !sort.descending) return null
  const window = { ...asked, offset: 0, limit: 100 }
  const word = (names: Readonly<Record<string, string>>) =>
    sortWord({ ...sort, field: names[sort.field] ?? sort.field })
  return [
    listed('queues', window, { sort: word(HOT_IN_QUEUES), trend: '1' }),
    listed('groups', window, { sort: word(HOT_IN_GROUPS), trend: '1' }),
  ]
}

const HOT: View = {
  title: 'Queues and groups',
  columns: place(HOT_COLUMNS, [
    ['severity', 9, 0, 'pain'],
    ['ref', 22, 0, 'name'],
    ['waitMs', 8, 0, 'waitMs'],
    ['amount', 11, 0, null],
    ['change5m', 7, 5, 'change5m'],
    ['inPerSecond', 5, 4, 'inPerSecond'],
    ['outPerSecond', 5, 3, 'outPerSecond'],
    ['drainMs', 7, 8, 'drainMs'],
    ['failRatio', 4, 7, null],
    ['consumers', 5, 6, null],
    ['trend', 12, 9, null],
  ]),
  defaultSort: PAIN,
  paths: (asked) => hotPaths(asked) ?? [],
  rows: (bodies, asked) => {
    const paths = hotPaths(asked)
    if (paths) {
      const [queues, groups] = paths.map((path) => bodies.get(path))
      if (!queues || !groups) return null
      return mergeHot(queues as ListBody<QueueRow>, groups as ListBody<GroupRow>, asked.sort)
    }
    const overview = bodies.get(OVERVIEW_PATH) as OverviewBody | undefined
    return overview
      ? { ...overview, total: overview.hotTotal, offset: 0, items: overview.hot satisfies HotRow[] }
      : null
  },
}

/** Marks that are wrong. */
const NOT_HELD: readonly string[] = ['not-effective', 'missing', 'unknown']

/** The living controls and then the ended: the server has one order of them. */
const CONTROLS: View = {
  title: 'Controls',
  columns: place(CONTROL_COLUMNS, [
    ['phase', 15, 0, null],
    ['target', 22, 0, null],
    ['order', 17, 0, null],
    ['expiresAtMs', 8, 0, null],
    ['actor', 8, 1, null, 'BY'],
    ['obeying', 5, 4, null],
    ['workers', 5, 5, null],
    ['inHand', 7, 6, null],
    ['reason', 24, 2, null],
  ]),
  defaultSort: { field: 'end', descending: false },
  paths: (asked) => [controlsPath(asked)],
  rows: (bodies, asked) => {
    const body = bodies.get(controlsPath(asked)) as ControlList | undefined
    if (!body) return null
    const shown = body.items.filter(({ phase }) => !asked.faults || NOT_HELD.includes(phase))
    const items = shown.map((row) => ({ ...row, ref: row.id }))
    return { ...body, items, total: asked.faults ? items.length : body.total }
  },
}

function controlsPath({ filter, source, offset, limit }: Asked): string {
  return listPath('controls', { state: 'all', filter, source: source ?? undefined, offset, limit })
}

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
      ['status', 11, 0, 'status'],
      ['ref', 22, 0, 'id'],
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
    defaultSort: { field: 'startedAtMs', descending: true },
  }),
  CONTROLS,
]

export function viewAt(index: number): View {
  return VIEWS[index] ?? HOT
}

/** The orders of a view, in the order of its columns. */
export function sortsOf(view: View): readonly string[] {
  return view.columns.flatMap(({ sort }) => sort ?? [])
}

/** Names and states read upward, figures downward; pain is worst first by itself. */
export function naturalSort(field: string): Sort {
  return { field, descending: !['pain', 'name', 'system', 'state', 'id', 'source', 'drainMs'].includes(field) }
}
