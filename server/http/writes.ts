import type { Request, RequestHandler, Response } from 'express'
import { API_BASE } from '../api/paths.ts'
import type { Problem } from '../api/problem.ts'
import { ROUTES } from '../api/routes.ts'
import { WRITES, type WriteBody, type WriteName } from '../api/writes.ts'
import type { z } from '../api/zod.ts'
import type { ControlRoom } from '../board/control-room.ts'
import type { Clock } from '../domain/clock.ts'
import { messageOf } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import type { Access } from './access.ts'
import { type Answered, AnsweredWrites } from './answered.ts'
import { check, matchPath } from './match.ts'
import { Pace } from './pace.ts'
import { ProblemError, problemOf } from './problem-error.ts'
import { readBody } from './read-body.ts'
import { HOW_TO_SIGN_IN, NEXT_SIGN_IN, sessionOf } from './session.ts'

export interface WritesOptions {
  readonly room: ControlRoom
  readonly access: Access
  readonly clock: Clock
  readonly log: Log
  /** Every write is refused. */
  readonly isReadOnly: boolean
}

interface Asked<Name extends WriteName> {
  readonly params: z.infer<(typeof WRITES)[Name]['params']>
  readonly body: z.output<(typeof WRITES)[Name]['request']>
  readonly actor: string
}

/** Signing in is apart: it is how one becomes somebody. */
type Acts = {
  readonly [Name in Exclude<WriteName, 'signIn'>]: (asked: Asked<Name>) => WriteBody<Name> | Promise<WriteBody<Name>>
}

const WRITES_PER_MINUTE = 30
/** Previews change nothing, and a form asks for one with every key. */
const PREVIEWS_PER_MINUTE = 240
/** Refusals in the ledger a minute: an attacker must not fill the disk. */
const REFUSALS_PER_MINUTE = 30
const KEY_LENGTH_MAX = 128

/**
 * Everything that is not a read. In this order: does it come from our own page or from no page at all, is it JSON, who is it,
 * is it the first time, is it not too often, is it understood; only then is anything done.
 */
export function writes(options: WritesOptions): RequestHandler {
  const { room, access, clock, isReadOnly } = options
  const acts = actsOf(room)
  const answered = new AnsweredWrites(clock)
  const paces = { write: new Pace(clock, WRITES_PER_MINUTE), preview: new Pace(clock, PREVIEWS_PER_MINUTE) }
  const refusals = new Pace(clock, REFUSALS_PER_MINUTE)

  const refuse = async (request: Request, why: string): Promise<never> => {
    if (refusals.take('') === null) {
      const detail = `${request.method} ${request.path.slice(0, 200)}: ${why}`
      const entry = { actor: access.identify(request) ?? 'unknown', act: 'refuse', targets: [], control: null } as const
      await room.ledger.append({ ...entry, targets: [], reason: null, detail, outcome: 'refused' })
    }
    throw new ProblemError('forbidden', why)
  }

  return async (request, response) => {
    const foreign = foreignOrigin(request)
    if (foreign !== null) await refuse(request, foreign)
    const { name, params } = routeOf(request, response)
    const { isWrite } = WRITES[name]
    if (isReadOnly && isWrite) throw new ProblemError('forbidden', 'This server only reads: server.readOnly is set')
    if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
      throw new ProblemError('unsupported-type', 'Send JSON, with Content-Type: application/json')
    }
    if (name === 'signIn') return signIn(request, response, options)
    const actor = access.identify(request)
    if (actor === null) throw new ProblemError('unauthorized', SIGN_IN)
    const key = request.headers['idempotency-key']
    if (isWrite && (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key) || key.length > KEY_LENGTH_MAX)) {
      throw new ProblemError('bad-request', `Send an Idempotency-Key of 1 to ${KEY_LENGTH_MAX} visible characters`)
    }
    takePace(response, { pace: isWrite ? paces.write : paces.preview, actor })
    const { text, value } = await readBody(request)
    const { request: schema } = WRITES[name]
    const body = check(schema as z.ZodType, value, 'body')
    const act = acts[name] as (asked: { params: unknown; body: unknown; actor: string }) => object | Promise<object>
    const run = async (): Promise<Answered> => {
      try {
        return {
          status: 200,
          body: JSON.stringify(await act({ params: check(WRITES[name].params, params, 'path'), body, actor })),
        }
      } catch (error) {
        return problemAnswer(error, request, options.log)
      }
    }
    const once = { actor, key: String(key), request: `${request.path}\n${text}` }
    const { status, body: answer } = isWrite ? await answered.once(once, run) : await run()
    response.status(status).set('Cache-Control', 'no-store')
    response.type(status < 400 ? 'application/json' : 'application/problem+json').send(answer)
  }
}

const SIGN_IN = `Sign in, or send the token for programs as \`Authorization: Bearer\`: ${HOW_TO_SIGN_IN}`

/** What happens for each write. */
function actsOf({ controls, actions }: ControlRoom): Acts {
  return {
    previewControl: ({ body }) => controls.preview(body),
    makeControls: ({ body, actor }) => controls.make(body, actor),
    extendControl: ({ params, body, actor }) => controls.extend(params.id, body, actor),
    liftControl: ({ params, body, actor }) => controls.lift(params.id, body.reason ?? null, actor),
    resume: ({ body, actor }) => controls.resume(body, actor),
    previewAction: ({ body }) => actions.preview(body),
    act: ({ body, actor }) => actions.perform(body, actor),
  }
}

/** Why a request comes from a page that is not ours; null = from ours, or from a program. */
function foreignOrigin({ headers }: Request): string | null {
  const { origin, host } = headers
  const site = headers['sec-fetch-site']
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return `Pages of other origins may not act here: Origin ${origin.slice(0, 200)}`
  }
  if (site === undefined || site === 'same-origin' || site === 'none') return null
  return `Pages of other origins may not act here: Sec-Fetch-Site ${String(site).slice(0, 50)}`
}

function routeOf(request: Request, response: Response): { name: WriteName; params: Record<string, string> } {
  const path = request.path.startsWith(`${API_BASE}/`) ? request.path.slice(API_BASE.length) : ''
  if (request.method === 'POST') {
    for (const name of Object.keys(WRITES) as WriteName[]) {
      const params = matchPath(WRITES[name].path, path)
      if (params) return { name, params }
    }
  }
  const isWritable = Object.values(WRITES).some((write) => matchPath(write.path, path))
  const isReadable = Object.values(ROUTES).some((route) => matchPath(route.path, path))
  if (request.method === 'POST' && path !== '' && !isReadable) {
    throw new ProblemError('not-found', `Nothing can be posted to ${path.slice(0, 200)}; see /api/v1/openapi.json`)
  }
  response.set('Allow', isWritable ? 'GET, HEAD, POST' : 'GET, HEAD')
  throw new ProblemError('method-not-allowed', `${request.method} is not possible there`)
}

async function signIn(request: Request, response: Response, { access, log, isReadOnly }: WritesOptions): Promise<void> {
  const { value } = await readBody(request)
  const { token } = check(WRITES.signIn.request, value, 'body')
  const result = access.signIn(token, request)
  if (result === 'too-many') {
    response.set('Retry-After', '60')
    throw new ProblemError('too-many', 'Too many tries to sign in: wait a minute')
  }
  if (result === 'refused') {
    log.warn('sign-in refused', { from: request.socket.remoteAddress })
    throw new ProblemError('unauthorized', `That token was used already, or is of an earlier start: ${NEXT_SIGN_IN}`)
  }
  const actor = access.actor
  response.set('Set-Cookie', result.cookie).set('Cache-Control', 'no-store')
  response.type('application/json').send(JSON.stringify(sessionOf(actor, isReadOnly)))
}

function takePace(response: Response, { pace, actor }: { pace: Pace; actor: string }): void {
  const waitSeconds = pace.take(actor)
  if (waitSeconds === null) return
  response.set('Retry-After', String(waitSeconds))
  throw new ProblemError('too-many', `Too many requests in a minute: wait ${waitSeconds} s`)
}

function problemAnswer(error: unknown, request: Request, log: Log): Answered {
  const known = problemOf(error)
  if (!known) log.error('request failed', { path: request.path, message: messageOf(error) })
  const problem: Problem = known ?? new ProblemError('internal', 'This could not be done; the log says why').problem
  return { status: problem.status, body: JSON.stringify(problem) }
}
