import type { Request } from 'express'
import { READS, type ReadBody, type ReadName } from '../api/routes.ts'
import type { z } from '../api/zod.ts'
import type { ControlRoom } from '../board/control-room.ts'
import { handOf } from '../board/source-hand.ts'
import { resolveTargets, type Target } from '../board/targets.ts'
import { redactJson } from '../domain/redact.ts'
import type { Access } from './access.ts'
import { check, matchPath, queryOf } from './match.ts'
import { ProblemError } from './problem-error.ts'
import { answerSaga, listSagas } from './routes/sagas.ts'
import { sessionOf } from './session.ts'

/** What a route's handler is given: parameters and query as its schemas made them, and who asks. */
export interface ReadAsked<Name extends ReadName> {
  readonly params: z.infer<(typeof READS)[Name]['params']>
  readonly query: z.infer<(typeof READS)[Name]['query']>
  readonly actor: string | null
}

type Handlers = { readonly [Name in ReadName]: (asked: ReadAsked<Name>) => ReadBody<Name> | Promise<ReadBody<Name>> }

const GROUPS_SHOWN = 100

/**
 * What can be read but not followed.
 * @returns a function from a request and its path below /api/v1 to its body; null = another route
 */
export function reads({
  room,
  access,
  isReadOnly,
}: {
  readonly room: ControlRoom
  readonly access: Access
  readonly isReadOnly: boolean
}): (request: Request, path: string) => Promise<object> | null {
  const handlers = handlersOf(room, isReadOnly)
  return (request, path) => {
    const [pathname = '', search = ''] = path.split('?', 2)
    for (const name of Object.keys(READS) as ReadName[]) {
      const found = matchPath(READS[name].path, pathname)
      if (!found) continue
      const actor = access.identify(request)
      if (READS[name].needsSignIn && actor === null) {
        throw new ProblemError('unauthorized', `This shows payloads or people: ${sessionOf(null, false).why}`)
      }
      const params = check(READS[name].params, found, 'path')
      const query = check(READS[name].query, queryOf(search), 'query')
      const handle = handlers[name] as (asked: { params: unknown; query: unknown; actor: string | null }) => object
      return Promise.resolve(handle({ params, query, actor }))
    }
    return null
  }
}

function handlersOf(room: ControlRoom, isReadOnly: boolean): Handlers {
  const { board, ledger } = room
  return {
    jobs: async ({ params, query: { state, cursor = null, limit } }) => {
      const { ref, reference } = queueOf(room, params)
      const asked = { queue: reference.tail, state, cursor, limit }
      const { jobs, total, next } = await handOf(room.hands, reference.source).look('page', (port, signal) =>
        port.page(asked, signal),
      )
      const items = jobs.map((job) => ({
        ...job,
        tags: [...job.tags],
        args: job.args === null ? null : redactJson(job.args),
      }))
      return { asOfMs: board.clock.nowMs(), ref, state, total, next, items }
    },
    failures: async ({ params }) => {
      const { ref, reference } = queueOf(room, params)
      const groups = await handOf(room.hands, reference.source).look('errorGroups', (port, signal) =>
        port.errorGroups(reference.tail, signal),
      )
      const rows = groups.map(({ ids: _, ...group }) => group).sort((a, b) => b.count - a.count)
      return { asOfMs: board.clock.nowMs(), ref, groups: rows.slice(0, GROUPS_SHOWN), total: rows.length }
    },
    history: ({ query }) => {
      const { total, items } = ledger.page(query)
      const { isIntact, fault } = ledger
      return { asOfMs: board.clock.nowMs(), total, offset: query.offset, items, isIntact, fault }
    },
    sagas: (asked) => listSagas(room, asked),
    saga: (asked) => answerSaga(room, asked),
    session: ({ actor }) => sessionOf(actor, isReadOnly),
  }
}

function queueOf({ board }: ControlRoom, { source, name }: { source: string; name: string }): Target {
  const held = board.source(source)
  if (!held) throw new ProblemError('not-found', `No source is called "${source}"`)
  if (!held.snapshot) throw new ProblemError('not-ready', `${source} has not been read yet`)
  const { targets, unmatched } = resolveTargets(board, [`${source}/${name}`])
  const [target] = targets
  if (target && targets.length === 1) return target
  throw new ProblemError('not-found', `${source} has no queue ${unmatched[0] ?? name}`)
}
