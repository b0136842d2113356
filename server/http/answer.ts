import { ROUTES, type RouteBody, type RouteName } from '../api/routes.ts'
import type { z } from '../api/zod.ts'
import type { Board } from '../board/board.ts'
import { ProblemError } from './problem-error.ts'
import { answerControl, listControls } from './routes/controls.ts'
import { answerGroup, listGroups } from './routes/groups.ts'
import { answerOverview } from './routes/overview.ts'
import { answerQueue, listQueues } from './routes/queues.ts'
import { answerRun, listRuns } from './routes/runs.ts'
import { answerSource, listSources } from './routes/sources.ts'
import { answerTopic, listTopics } from './routes/topics.ts'
import { listWorkers } from './routes/workers.ts'

/** What a route's handler is given: parameters and query as its schemas made them. */
export interface Asked<Name extends RouteName> {
  readonly params: z.infer<(typeof ROUTES)[Name]['params']>
  readonly query: z.infer<(typeof ROUTES)[Name]['query']>
}

type Handlers = { readonly [Name in RouteName]: (board: Board, asked: Asked<Name>) => RouteBody<Name> }

const HANDLERS: Handlers = {
  overview: answerOverview,
  sources: listSources,
  source: answerSource,
  queues: listQueues,
  queue: answerQueue,
  topics: listTopics,
  topic: answerTopic,
  groups: listGroups,
  group: answerGroup,
  runs: listRuns,
  workers: listWorkers,
  run: answerRun,
  controls: listControls,
  control: answerControl,
}

/** Longer than any honest path with its query; the same for GET and for each followed path. */
export const PATH_LENGTH_MAX = 8_192

/**
 * The body for a path below /api/v1 (`/queues?filter=mail`): the one way in, for GET and for live streams.
 * @throws ProblemError bad-request, not-found or ambiguous
 */
export function answer(board: Board, path: string): object {
  if (path.length > PATH_LENGTH_MAX)
    throw new ProblemError('bad-request', `A path has at most ${PATH_LENGTH_MAX} characters`)
  const [pathname = '', search = ''] = path.split('?', 2)
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const found = matchPath(ROUTES[name].path, pathname)
    if (!found) continue
    const params = check(ROUTES[name].params, found, 'path')
    const query = check(ROUTES[name].query, queryOf(search), 'query')
    const handle = HANDLERS[name] as (board: Board, asked: { params: unknown; query: unknown }) => object
    return handle(board, { params, query })
  }
  throw new ProblemError('not-found', `There is no ${pathname}; see /api/v1/openapi.json for what there is`)
}

function matchPath(pattern: string, pathname: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = pathname.split('/')
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? ''
    if (!part.startsWith(':')) {
      if (part !== text) return null
      continue
    }
    try {
      params[part.slice(1)] = decodeURIComponent(text)
    } catch {
      throw new ProblemError('bad-request', `The path holds a % that is not an escape: ${text.slice(0, 100)}`)
    }
  }
  return params
}

function queryOf(search: string): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [key, value] of new URLSearchParams(search)) {
    if (Object.hasOwn(query, key)) throw new ProblemError('bad-request', `The query has ${key} twice`)
    Object.defineProperty(query, key, { value, enumerable: true })
  }
  return query
}

function check(schema: z.ZodType, value: unknown, where: string): unknown {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.') || where, message }))
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
  throw new ProblemError('bad-request', `The ${where} is not understood: ${detail}`, { errors })
}
