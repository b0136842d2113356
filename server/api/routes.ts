import { controlBody, controlList } from './control.ts'
import { groupBody, groupList } from './group.ts'
import { historyList, historyQuery } from './history.ts'
import { failureBody, jobPage, jobPageQuery } from './job.ts'
import { controlQuery, listQuery } from './list-query.ts'
import { SORTS } from './lists.ts'
import { overviewBody } from './overview.ts'
import { queueBody, queueList } from './queue.ts'
import { runBody, runList } from './run.ts'
import { sagaBody, sagaList, sagaQuery } from './saga.ts'
import { sessionBody } from './session.ts'
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
    query: listQuery(SORTS.sources),
    body: sourceList,
  },
  source: {
    path: '/sources/:source',
    summary: 'One source',
    params: z.object({ source: one('id') }),
    query: nothing,
    body: sourceBody,
  },
  queues: { path: '/queues', summary: 'Queues', params: nothing, query: listQuery(SORTS.queues), body: queueList },
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
    query: listQuery(SORTS.topics),
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
    query: listQuery(SORTS.groups),
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
    query: listQuery(SORTS.runs),
    body: runList,
  },
  workers: {
    path: '/workers',
    summary: 'Processes that take work',
    params: nothing,
    query: listQuery(SORTS.workers),
    body: workerList,
  },
  run: {
    path: '/runs/:source/:id',
    summary: 'One run with its last hour, and what can be done with it now',
    params: z.object({ source: one('source'), id: one('run') }),
    query: nothing,
    body: runBody,
  },
  controls: {
    path: '/controls',
    summary: 'Pauses, throttles and limits: those that live, and those that ended in the last 7 days',
    params: nothing,
    query: controlQuery,
    body: controlList,
  },
  control: {
    path: '/controls/:id',
    summary: 'One control, the phases it came through, and worker by worker who obeys',
    params: z.object({ id: z.string().min(1).max(64) }),
    query: nothing,
    body: controlBody,
  },
} as const

/**
 * What can be read but not followed, as it is read from the source or the ledger when asked for, or depends on who asks:
 * path below /api/v1. `needsSignIn`: it shows payloads or who did what, and answers 401 to strangers.
 */
export const READS = {
  jobs: {
    path: '/jobs/:source/:name',
    summary: 'Units of one queue in one state, page by page',
    needsSignIn: true,
    params: z.object({ source: one('source'), name: one('queue') }),
    query: jobPageQuery,
    body: jobPage,
  },
  failures: {
    path: '/failures/:source/:name',
    summary: 'What failed in one queue, by what looks alike',
    needsSignIn: true,
    params: z.object({ source: one('source'), name: one('queue') }),
    query: nothing,
    body: failureBody,
  },
  sagas: {
    path: '/sagas',
    summary: 'Sagas, those first that need somebody: stuck, then stalled',
    needsSignIn: true,
    params: nothing,
    query: sagaQuery,
    body: sagaList,
  },
  saga: {
    path: '/sagas/:source/:queue/:id',
    summary: 'One saga step by step, and what can be done with it now',
    needsSignIn: true,
    params: z.object({ source: one('source'), queue: one('queue'), id: one('id') }),
    query: nothing,
    body: sagaBody,
  },
  history: {
    path: '/history',
    summary: 'The ledger, newest first: who did what, to what, why, and what was refused',
    needsSignIn: true,
    params: nothing,
    query: historyQuery,
    body: historyList,
  },
  session: {
    path: '/session',
    summary: 'Who one is here, and what one may',
    needsSignIn: false,
    params: nothing,
    query: nothing,
    body: sessionBody,
  },
} as const

export type ReadName = keyof typeof READS
export type ReadBody<Name extends ReadName> = z.infer<(typeof READS)[Name]['body']>

export type RouteName = keyof typeof ROUTES
export type RouteBody<Name extends RouteName> = z.infer<(typeof ROUTES)[Name]['body']>

/** Paths below /api/v1 that one live stream may follow at once. */
export const LIVE_PATHS_MAX = 24
