import { gzip } from 'node:zlib'
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import helmet from 'helmet'
import { API_BASE } from '../api/paths.ts'
import type { ControlRoom } from '../board/control-room.ts'
import { messageOf } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import type { Access } from './access.ts'
import { answer } from './answer.ts'
import type { Live } from './live.ts'
import { openApi } from './openapi.ts'
import { ProblemError, problemOf } from './problem-error.ts'
import { reads } from './reads.ts'
import type { WebFile } from './web-files.ts'
import { writes } from './writes.ts'

export interface AppOptions {
  readonly room: ControlRoom
  readonly access: Access
  /** Every write is refused. */
  readonly isReadOnly: boolean
  readonly live: Live
  readonly log: Log
  readonly version: string
  /** Host names by which it may be asked, besides loopback. */
  readonly allowedHosts: readonly string[]
  readonly webFiles: ReadonlyMap<string, WebFile>
}

/** Smaller bodies are not worth compressing. */
const GZIP_MIN_BYTES = 1_024

export function createApp(options: AppOptions): Express {
  const { room, access, isReadOnly, live, log, version, allowedHosts, webFiles } = options
  const { board } = room
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', false)
  app.set('query parser', false)
  app.use(securityHeaders(), hostCheck(allowedHosts))
  const write = writes({ room, access, isReadOnly, log, clock: board.clock })
  app.use((request, response, next) =>
    request.method === 'GET' || request.method === 'HEAD' ? next() : write(request, response, next),
  )
  app.get(['/livez', '/healthz'], (_request, response) => void response.type('text').send('ok\n'))
  app.get('/readyz', (_request, response) => {
    const tried = board.ages().every(({ state }) => state !== 'waiting')
    response
      .status(tried ? 200 : 503)
      .type('text')
      .send(tried ? 'ok\n' : 'sources have not been tried yet\n')
  })
  const document = openApi(version)
  app.get(`${API_BASE}/openapi.json`, (request, response) => sendJson(request, response, document))
  app.get(`${API_BASE}/live`, (request, response) => live.open(request, response))
  const read = reads({ room, access, isReadOnly })
  app.get(/^\/api\//, async (request, response) => {
    if (!request.path.startsWith(API_BASE)) throw new ProblemError('not-found', `The API is at ${API_BASE}`)
    const path = request.originalUrl.slice(API_BASE.length)
    sendJson(request, response, (await read(request, path)) ?? answer(room, path))
  })
  app.use(webPage(webFiles))
  app.use(problems(log))
  return app
}

function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'connect-src': ["'self'"],
        'font-src': ["'self'"],
        'frame-ancestors': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'require-trusted-types-for': ["'script'"],
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
    originAgentCluster: true,
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: false,
    xContentTypeOptions: true,
    xDnsPrefetchControl: { allow: false },
    xDownloadOptions: false,
    xFrameOptions: { action: 'deny' },
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: true,
    xXssProtection: false,
  })
}

/** Refuses other names than its own (DNS rebinding) and pages of other origins. */
function hostCheck(allowedHosts: readonly string[]): RequestHandler {
  const allowed = new Set(['127.0.0.1', 'localhost', '[::1]', ...allowedHosts.map((host) => host.toLowerCase())])
  return (request, _response, next) => {
    const host = request.headers.host?.toLowerCase() ?? ''
    const name = host.replace(/:\d+$/, '')
    if (!allowed.has(name)) {
      throw new ProblemError('misdirected', 'Sluice is not served under that name; add it to server.allowedHosts')
    }
    const { origin } = request.headers
    // Other methods are refused where it is also written down.
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (isRead && origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
      throw new ProblemError('forbidden', 'Pages of other origins may not read this')
    }
    next()
  }
}

function webPage(files: ReadonlyMap<string, WebFile>): RequestHandler {
  return (request, response) => {
    // A topic may be called `orders.eu`: below the pages of one thing a dot makes no file.
    const isPage =
      !/\.\w+$/.test(request.path) || /^\/(queues|groups|topics|sources|runs|sagas|controls|jobs)\/./.test(request.path)
    const file = files.get(request.path) ?? (isPage ? files.get('/index.html') : undefined)
    if (!file) {
      const detail = files.size === 0 ? 'The web page is not built: run npm run build' : `There is no ${request.path}`
      throw new ProblemError('not-found', detail)
    }
    response.set('Content-Type', file.type).set('ETag', file.etag).set('Vary', 'Accept-Encoding')
    response.set('Cache-Control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    if (request.headers['if-none-match'] === file.etag) return void response.status(304).end()
    if (!request.acceptsEncodings('gzip')) return void response.end(file.body)
    response.set('Content-Encoding', 'gzip').end(file.gzip)
  }
}

function sendJson(request: Request, response: Response, body: object): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response
    .set('Content-Type', 'application/json; charset=utf-8')
    .set('Cache-Control', 'no-store')
    .set('Vary', 'Accept-Encoding')
  if (bytes.length < GZIP_MIN_BYTES || !request.acceptsEncodings('gzip')) return void response.end(bytes)
  gzip(bytes, { level: 1 }, (error, packed) => {
    if (error) return void response.end(bytes)
    response.set('Content-Encoding', 'gzip').end(packed)
  })
}

function problems(log: Log): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const known = problemOf(error)
    if (!known) log.error('request failed', { path: request.path, message: messageOf(error) })
    const problem = known ?? new ProblemError('internal', 'This could not be answered; the log says why').problem
    if (response.headersSent) return void response.destroy()
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  }
}
