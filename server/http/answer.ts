import { READS, ROUTES, type RouteBody, type RouteName } from '../api/routes.ts'
import type { z } from '../api/zod.ts'
import type { Board } from '../board/board.ts'
import type { ControlRoom } from '../board/control-room.ts'
import { check, matchPath, queryOf } from './match.ts'
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

type Handlers = {
  readonly [Name in RouteName]: (board: Board, asked: Asked<Name>, room: ControlRoom) => RouteBody<Name>
}

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
export function answer(room: ControlRoom, path: string): object {
  if (path.length > PATH_LENGTH_MAX)
    throw new ProblemError('bad-request', `A path has at most ${PATH_LENGTH_MAX} characters`)
  const [pathname = '', search = ''] = path.split('?', 2)
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const found = matchPath(ROUTES[name].path, pathname)
    if (!found) continue
    const params = check(ROUTES[name].params, found, 'path')
    const query = check(ROUTES[name].query, queryOf(search), 'query')
    const handle = HANDLERS[name] as (
      board: Board,
      asked: { params: unknown; query: unknown },
      room: ControlRoom,
    ) => object
    return handle(room.board, { params, query }, room)
  }
  if (Object.values(READS).some((read) => matchPath(read.path, pathname))) {
    throw new ProblemError('bad-request', `${pathname} cannot be followed: it is read when asked for`)
  }
  throw new ProblemError('not-found', `There is no ${pathname}; see /api/v1/openapi.json for what there is`)
}
