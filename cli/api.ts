import type { ListBody } from '../server/api/freshness.ts'
import type { LIST_LIMIT_MAX } from '../server/api/list-query.ts'
import { API_BASE, listPath } from '../server/api/paths.ts'
import type { Problem } from '../server/api/problem.ts'
import { CliFailure, EXIT, type ExitCode } from './exit.ts'
import { inert } from './format/inert.ts'
import { loadTables, needsTables } from './format/width.ts'
import { type Answer, get, serverOf } from './http.ts'

/** Rows in one window: the server's limit, restated here because importing its schema would load zod. */
export const WINDOW_ROWS: typeof LIST_LIMIT_MAX = 200

export type ListName = Parameters<typeof listPath>[0]
export type ListQuery = NonNullable<Parameters<typeof listPath>[1]>

/** The API of one server. Every call fails as CliFailure, with a remedy and an exit code. */
export class Api {
  readonly server: URL
  readonly signal: AbortSignal

  constructor(server: URL, signal: AbortSignal) {
    this.server = server
    this.signal = signal
  }

  /** The address of a path below /api/v1, under the server's base path. */
  url(path: string): URL {
    return new URL(`${this.server.pathname.replace(/\/+$/, '')}${API_BASE}${path}`, this.server)
  }

  async get<Body>(path: string): Promise<Body> {
    const answer = await get(this.url(path), this.signal)
    if (needsTables(answer.body)) await loadTables()
    return readAnswer(answer, serverOf(this.server)) as Body
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
    let body: ListBody<Row> | null = null
    const items = new Map<string, Row>()
    for (let at = offset; at < offset + limit; at += WINDOW_ROWS) {
      const size = Math.min(WINDOW_ROWS, offset + limit - at)
      body = await this.get<ListBody<Row>>(listPath(name, { ...query, offset: at, limit: size }))
      for (const item of body.items) items.set(item.ref, item)
      if (body.items.length < size) break
    }
    if (body === null) return this.get<ListBody<Row>>(listPath(name, { ...query, offset, limit: 1 }))
    return { ...body, offset, items: [...items.values()] }
  }
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
  }
}
