import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Problem } from '../../server/api/problem.ts'

/** A POST as it came. */
export interface FakePost {
  /** Below /api/v1. */
  readonly path: string
  readonly body: unknown
  readonly headers: IncomingHttpHeaders
}

/** What one path answers: a body, or a status with a problem or with anything else. */
export type Reply =
  | { readonly body: object }
  | { readonly status: number; readonly problem: Partial<Problem> }
  | { readonly status: number; readonly text: string; readonly type: string }
  | 'silence'

export interface FakeApi {
  readonly url: string
  /** Paths below /api/v1 that were asked for, in order. */
  readonly asked: readonly string[]
  readonly posts: readonly FakePost[]
  /** Streams open now. */
  readonly followers: () => number
  /** Sends the bodies of everything followed again. */
  publish(): void
  /** Ends all streams without a word, as a proxy does. */
  drop(): void
  close(): Promise<void>
}

const BASE = '/api/v1'

/** A server of the API's shape whose answers the test makes up: for what a real one does too seldom, or never. */
export async function startFakeApi(
  reply: (path: string, headers: IncomingHttpHeaders) => Reply,
  { base = '', port = 0, post }: { base?: string; port?: number; post?: (request: FakePost) => Reply | 'cut' } = {},
): Promise<FakeApi> {
  const asked: string[] = []
  const posts: FakePost[] = []
  const streams = new Map<ServerResponse, readonly string[]>()
  const send = (response: ServerResponse, paths: readonly string[]) => {
    for (const path of paths) {
      const answer = reply(path, {})
      if (answer === 'silence' || 'text' in answer) continue
      const [event, data] =
        'body' in answer ? ['result', { path, body: answer.body }] : ['problem', { path, problem: answer.problem }]
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    }
  }
  const server: Server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://x')
    const path = `${url.pathname.slice(base.length + BASE.length)}${url.search}`
    asked.push(path)
    let posted: FakePost | null = null
    if (request.method === 'POST') {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      posted = { path, body: JSON.parse(text), headers: request.headers }
      posts.push(posted)
    }
    if (url.pathname === `${base}${BASE}/live`) {
      const paths = url.searchParams.getAll('path')
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      streams.set(response, paths)
      response.on('close', () => streams.delete(response))
      return send(response, paths)
    }
    const answer = !url.pathname.startsWith(`${base}${BASE}`)
      ? { status: 404, text: 'not here', type: 'text/plain' }
      : posted && post
        ? post(posted)
        : reply(path, request.headers)
    if (answer === 'silence') return
    // The connection breaks after the request was taken.
    if (answer === 'cut') return void request.socket.destroy()
    if ('text' in answer) return response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.text)
    const isBody = 'body' in answer
    response.writeHead(isBody ? 200 : answer.status, {
      'content-type': isBody ? 'application/json' : 'application/problem+json',
    })
    response.end(JSON.stringify(isBody ? answer.body : { status: answer.status, ...answer.problem }))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    asked,
    posts,
    followers: () => streams.size,
    publish: () => {
      for (const [response, paths] of streams) send(response, paths)
    },
    drop: () => {
      for (const response of streams.keys()) response.destroy()
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
