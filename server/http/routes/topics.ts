import type { TopicBody, TopicList } from '../../api/topic.ts'
import type { Board } from '../../board/board.ts'
import type { Asked } from '../answer.ts'
import { findEntry, freshnessOf, listEntries } from './lookup.ts'
import { withTrend } from './trend.ts'

const GROUPS_SHOWN = 200

export function listTopics(board: Board, { query }: Asked<'topics'>): TopicList {
  const list = listEntries(board, { ...query, sort: query.sort ?? 'name' }, ({ derived }) => derived.topics.values())
  return {
    ...list,
    items: query.trend === '1' ? withTrend(board, list.items, 'topicHistory', 'inPerSecond') : list.items,
  }
}

export function answerTopic(board: Board, { params }: Asked<'topic'>): TopicBody {
  const { held, tail, row, thing } = findEntry(board, { kind: 'topic', ...params }, ({ derived }) => derived.topics)
  const groups = [...held.derived.groups.values()].flatMap(({ row: group, thing: { positions } }) => {
    const here = positions.filter(({ topic }) => topic === thing.name)
    if (here.length === 0) return []
    const lags = here.flatMap(({ committed, end }) =>
      committed === null || end === null ? [] : [Math.max(0, end - committed)],
    )
    const ages = here.flatMap(({ lagMs }) => (lagMs === null ? [] : [lagMs]))
    const lag = lags.length === 0 ? null : lags.reduce((total, one) => total + one, 0)
    return [{ ref: group.ref, name: group.name, lag, lagMs: ages.length === 0 ? null : Math.max(...ages) }]
  })
  groups.sort((a, b) => (b.lag ?? -1) - (a.lag ?? -1))
  return {
    ...freshnessOf(board),
    topic: row,
    detail: thing.detail?.map((one) => ({ ...one, replicas: [...one.replicas], inSync: [...one.inSync] })) ?? null,
    groups: groups.slice(0, GROUPS_SHOWN),
    history: held.derivation.topicHistory.read(tail, board.clock.nowMs()),
  }
}
