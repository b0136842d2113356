import { randomUUID } from 'node:crypto'
import type { ListBody } from '../server/api/freshness.ts'
import { LIST_LIMIT_MAX } from '../server/api/lists.ts'
import { API_BASE, listPath } from '../server/api/paths.ts'
import type { Problem } from '../server/api/problem.ts'
import type { WRITES, WriteBody, WriteName, WriteRequest } from '../server/api/writes.ts'
import { CliFailure, EXIT, type ExitCode, failureOf } from './exit.ts'
import { inert } from './format/inert.ts'
import { loadTables, needsTables } from './format/width.ts'
import { type Answer, type Asked, exchange, serverOf } from './http.ts'

export type ListName = Parameters<typeof listPath>[0]
export type ListQuery = NonNullable<Parameters<typeof listPath>[1]>

/** Lists that are not shown to strangers. */
const PRIVATE_LISTS: readonly ListName[] = ['sagas']

/** Who asks: the header for the server, read when it is first needed, and what to do when there is none. */
export interface Credentials {
  readonly header: () => string | null
  readonly remedy: () => string
}

export interface ApiOptions {
  readonly signal: AbortSignal
  readonly credentials: Credentials
  /** For commands that have no end of their own: each request's. Null = none. */
  readonly requestMs?: number | null
}

/** The paths of the API's table, which would load zod; the types make a wrong one an error. */
const WRITE_PATHS: { readonly [Name in WriteName]: (typeof WRITES)[Name]['path'] } = {
  signIn: '/session',
  previewControl: '/controls:preview',
  makeControls: '/controls',
  extendControl: '/controls/:id/extend',
  liftControl: '/controls/:id/lift',
  resume: '/controls:resume',
  previewAction: '/actions:preview',
  act: '/actions',
}

/** How often a request is sent whose answer got lost on the way: its key makes it one. */
const TRIES = 3
const TRY_AGAIN_MS = 300

/** The API of one server. Every call fails as CliFailure, with a remedy and an exit code. */
export class Api {
  readonly server: URL
  readonly signal: AbortSignal
  readonly #credentials: Credentials
  readonly #requestMs: number | null

  constructor(server: URL, { signal, credentials, requestMs = null }: ApiOptions) {
    this.server = server
    this.signal = signal
    this.#credentials = credentials
    this.#requestMs = requestMs
  }

  /** The same server, for as long as another signal lasts. */
  until(signal: AbortSignal, requestMs: number | null = null): Api {
    return new Api(this.server, { signal, requestMs, credentials: this.#credentials })
  }

  /** The address of a path below /api/v1, under the server's base path. */
  url(path: string): URL {
    return new URL(`${this.server.pathname.replace(/\/+$/, '')}${API_BASE}${path}`, this.server)
  }

  async get<Body>(path: string): Promise<Body> {
    return (await this.#ask(path, {})) as Body
  }

  /** Reads what is not shown to strangers. */
  async read<Body>(path: string): Promise<Body> {
    return (await this.#ask(path, { authorization: this.#credentials.header() })) as Body
  }

  /**
   * Changes something, or asks what a change would do. Sent again with the same key when the answer got lost, which the
   * server takes as the same request.
   */
  async post<Name extends WriteName>(
    name: Name,
    request: WriteRequest<Name>,
    { id = '' }: { id?: string } = {},
  ): Promise<WriteBody<Name>> {
    const path = WRITE_PATHS[name].replace(':id', encodeURIComponent(id))
    const post = { json: JSON.stringify(request), idempotencyKey: randomUUID() }
    const asked: Asked = { authorization: this.#credentials.header(), post }
    for (let tried = 1; ; tried++) {
      try {
        return (await this.#ask(path, asked)) as WriteBody<Name>
      } catch (error) {
        if (!(error instanceof CliFailure) || !error.isLost || tried === TRIES) throw unsure(error, name)
        await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS))
      }
    }
  }

  async #ask(path: string, asked: Asked): Promise<unknown> {
    const signal =
      this.#requestMs === null ? this.signal : AbortSignal.any([this.signal, AbortSignal.timeout(this.#requestMs)])
    const answer = await exchange(this.url(path), asked, signal)
    if (needsTables(answer.body)) await loadTables()
    try {
      return readAnswer(answer, serverOf(this.server))
    } catch (error) {
      if (answer.status !== 401 || !(error instanceof CliFailure)) throw error
      throw new CliFailure(error.exit, error.message, [...error.lines, this.#credentials.remedy()])
    }
  }

  /**
   * A window of a list of any size, fetched in as many pieces as the server's limit asks for. The pieces are read one
   * after the other, so a row may move between them: one seen twice is kept once.
   */
  async list<Row extends { ref: string }>(
    name: ListName,
    query: ListQuery,
    { offset, limit }: { offset: number; limit: number },
  ): Promise<ListBody<Row>> {
    const page = (path: string) =>
      (PRIVATE_LISTS.includes(name) ? this.read : this.get).call(this, path) as Promise<ListBody<Row>>
    let body: ListBody<Row> | null = null
    const items = new Map<string, Row>()
    for (let at = offset; at < offset + limit; at += LIST_LIMIT_MAX) {
      const size = Math.min(LIST_LIMIT_MAX, offset + limit - at)
      body = await page(listPath(name, { ...query, offset: at, limit: size }))
      for (const item of body.items) items.set(item.ref, item)
      if (body.items.length < size) break
    }
    if (body === null) return page(listPath(name, { ...query, offset, limit: 1 }))
    return { ...body, offset, items: [...items.values()] }
  }
}

const PREVIEWS: readonly WriteName[] = ['previewControl', 'previewAction']

/** A change whose answer never came may have been made: that is said, and where it can be seen. */
function unsure(error: unknown, name: WriteName): unknown {
  const failure = failureOf(error)
  const mayBeDone = failure.isLost || failure.exit === EXIT.timedOut
  if (!mayBeDone || PREVIEWS.includes(name)) return error
  const line = 'it may have been done all the same: `sluice history` and `sluice controls` tell'
  return new CliFailure(failure.exit, failure.message, [...failure.lines, line])
}

/** The body of a good answer; any other is thrown as the failure that it stands for. */
export function readAnswer({ status, contentType, body }: Answer, server: string): unknown {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    const kind = inert(contentType.split(';')[0] || 'something')
    throw new CliFailure(EXIT.failed, `${server} answered ${status} with ${kind}, not JSON: is that Sluice?`)
  }
  if (status >= 200 && status < 300) return parsed
  throw problemFailure(asProblem(parsed, status))
}

/** A problem of the API as the failure it is for a person or a script. */
export function problemFailure(problem: Problem): CliFailure {
  const detail = inert(problem.detail)
  const lines = [
    ...(problem.errors ?? []).map(({ path, message }) => `  ${inert(path)}: ${inert(message)}`),
    ...(problem.candidates ?? []).map((candidate) => `  ${inert(candidate)}`),
    ...(problem.difference ?? []).map((line) => `  ${inert(line)}`),
  ]
  return new CliFailure(exitOf(problem), detail, lines)
}

const EXIT_OF_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.usage,
  401: EXIT.forbidden,
  403: EXIT.forbidden,
  404: EXIT.notFound,
  409: EXIT.conflict,
  422: EXIT.unsupported,
  503: EXIT.unreachable,
  504: EXIT.timedOut,
}

function exitOf({ code, status }: Problem): ExitCode {
  if (code === 'ambiguous' || code === 'not-found') return EXIT.notFound
  if (code === 'key-reused') return EXIT.failed
  return EXIT_OF_STATUS[status] ?? EXIT.failed
}

/** What came as a problem, with what is missing filled in. */
export function asProblem(parsed: unknown, status: number): Problem {
  const given = typeof parsed === 'object' && parsed !== null ? (parsed as Partial<Problem>) : {}
  return {
    type: 'about:blank',
    title: given.title ?? `HTTP ${status}`,
    status: given.status ?? status,
    code: given.code ?? 'internal',
    detail: given.detail ?? given.title ?? `the server answered ${status}`,
    ...(Array.isArray(given.errors) ? { errors: given.errors } : {}),
    ...(Array.isArray(given.candidates) ? { candidates: given.candidates } : {}),
    ...(Array.isArray(given.difference) ? { difference: given.difference } : {}),
  }
}
