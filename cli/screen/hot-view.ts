import type { ListBody } from '../../server/api/freshness.ts'
import type { GroupRow } from '../../server/api/group.ts'
import type { HotRow, OverviewBody } from '../../server/api/overview.ts'
import { OVERVIEW_PATH } from '../../server/api/paths.ts'
import type { QueueRow } from '../../server/api/queue.ts'
import { HOT_COLUMNS } from '../columns/hot-columns.ts'
import { mergeHot } from './hot-rows.ts'
import { type Asked, listed, place, type Sort, sortWord, type View } from './view.ts'

/** Worst first. */
export const PAIN: Sort = { field: 'pain', descending: false }
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

/** Queues and groups in one list, the worst first: what the overview has, or two windows merged. */
export const HOT: View = {
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
