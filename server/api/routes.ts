import { groupBody, groupList } from './group.ts'
import { groupSort, listQuery, queueSort, runSort, sourceSort, topicSort, workerSort } from './list-query.ts'
import { overviewBody } from './overview.ts'
import { queueBody, queueList } from './queue.ts'
import { runList } from './run.ts'
import { sourceBody, sourceList } from './source.ts'
import { topicBody, topicList } from './topic.ts'
import { workerList } from './worker.ts'
import { z } from './zod.ts'

const nothing = z.strictObject({})
const one = (what: string) => z.string().min(1).max(1024).describe(`${what}, its reference tail encoded once more`)

/**
 * Every route of the API that can be read and followed: path below /api/v1, what it takes and what it answers.
 * Express, the OpenAPI document and the clients are all made from this table.
 */
export const ROUTES = {
  overview: {
    path: '/overview',
    summary: 'Is anything on fire: verdict, fires, totals by kind, hottest queues and groups',
    params: nothing,
    query: nothing,
    body: overviewBody,
  },
  sources: {
    path: '/sources',
    summary: 'Connected systems',
    params: nothing,
    query: listQuery(sourceSort),
    body: sourceList,
  },
  source: {
    path: '/sources/:source',
    summary: 'One source',
    params: z.object({ source: one('id') }),
    query: nothing,
    body: sourceBody,
  },
  queues: { path: '/queues', summary: 'Queues', params: nothing, query: listQuery(queueSort), body: queueList },
  queue: {
    path: '/queues/:source/:name',
    summary: 'One queue with its last hour',
    params: z.object({ source: one('source'), name: one('queue') }),
    query: nothing,
    body: queueBody,
  },
  topics: {
    path: '/topics',
    summary: 'Topics and streams',
    params: nothing,
    query: listQuery(topicSort),
    body: topicList,
  },
  topic: {
    path: '/topics/:source/:name',
    summary: 'One topic with its partitions',
    params: z.object({ source: one('source'), name: one('topic') }),
    query: nothing,
    body: topicBody,
  },
  groups: {
    path: '/groups',
    summary: 'Consumer groups',
    params: nothing,
    query: listQuery(groupSort),
    body: groupList,
  },
  group: {
    path: '/groups/:source/:name',
    summary: 'One consumer group with its positions and members',
    params: z.object({ source: one('source'), name: one('group') }),
    query: nothing,
    body: groupBody,
  },
  runs: {
    path: '/runs',
    summary: 'Executions of iterating jobs',
    params: nothing,
    query: listQuery(runSort),
    body: runList,
  },
  workers: {
    path: '/workers',
    summary: 'Processes that take work',
    params: nothing,
    query: listQuery(workerSort),
    body: workerList,
  },
} as const

export type RouteName = keyof typeof ROUTES
export type RouteBody<Name extends RouteName> = z.infer<(typeof ROUTES)[Name]['body']>

/** Paths below /api/v1 that one live stream may follow at once. */
export const LIVE_PATHS_MAX = 24
