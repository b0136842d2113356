import { type OpsCode, OpsError } from '../../../domain/errors.ts'
import { within } from './deadline.ts'
import { ThrottledError } from './throttled-error.ts'

export interface HttpPage {
  /** Where it was found, after redirects; without the `params` given. */
  readonly url: string
  /** Parsed JSON, or the text. Null for status 204. */
  readonly body: unknown
  readonly headers: Headers
}

export interface HttpReading {
  /**
   * Sent with every request, and never kept in the cursor. An object goes to the origin of `url` alone; a function is
   * asked for each address, so that a token can be a fresh one, and decides itself what another origin may know.
   */
  readonly headers?: HttpHeaders | ((url: URL) => HttpHeaders | Promise<HttpHeaders>)
  /** Secrets in the query, by name: added to every request to the origin of `url`, taken out of every address kept. */
  readonly params?: Readonly<Record<string, string>>
  /** Other origins that pages and redirects may lead to: `https://files.example.com`. (Default: none) */
  readonly origins?: readonly string[]
  /** What a body is; both in UTF-8. (Default: `json`) */
  readonly parse?: 'json' | 'text'
  /** For a proxy or a certificate of one's own; it must honour `redirect` and `signal`. (Default: that of Node) */
  readonly fetch?: (url: URL, init: RequestInit) => Promise<Response>
  /** For a page with its redirects and its body, ms. (Default: 30,000) */
  readonly timeoutMs?: number
  /** Longest body, bytes, unpacked. (Default: 16,777,216) */
  readonly pageBytesMax?: number
  /** How long to step aside at status 429 that does not tell, ms. (Default: 30,000) */
  readonly throttleMs?: number
  /** Ends a request in hand: give it `context.signal`. */
  readonly signal?: AbortSignal
}

export type HttpHeaders = Readonly<Record<string, string>>

const OP = 'fromHttpPages'
const REDIRECTS_MAX = 5
const URL_CHARACTERS_MAX = 8_192
const BODY_BYTES_MAX = 16_777_216
/** A server that says 0 or has another clock must not be asked in a loop; one that says a year is asked each hour. */
const [RETRY_AFTER_LEAST_MS, RETRY_AFTER_MOST_MS] = [1_000, 3_600_000]

/** Where an address stands, and the first page: what may be asked is judged by where that is. */
export interface Standing {
  readonly base: URL
  readonly first: URL
}

/** An address that may be asked, relative to `base`. Throws OpsError `invalid`, or `refused` for another origin. */
export function allowedUrl(
  to: string | URL,
  { base, first }: Standing,
  { origins = [], params = {} }: HttpReading,
): URL {
  const refuse = (code: OpsCode, what: string) => new OpsError(code, OP, `${placeOf(base)}: ${what}`)
  if (!URL.canParse(String(to), base)) throw refuse('invalid', 'it leads to no address')
  const url = new URL(String(to), base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refuse('invalid', `expected an address with http: or https:, got ${url.protocol}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('invalid', 'an address must not hold a password; send it by `headers`')
  }
  if (url.origin !== first.origin && !origins.includes(url.origin)) {
    throw refuse('refused', `it leads to ${url.origin}, which is not in \`origins\``)
  }
  for (const name of Object.keys(params)) if (url.searchParams.has(name)) url.searchParams.delete(name)
  url.hash = ''
  if (url.href.length > URL_CHARACTERS_MAX) {
    throw refuse('invalid', `it leads to an address of ${url.href.length} characters`)
  }
  return url
}

/**
 * One page. Throws ThrottledError when the server asks for time (429, or 503 with Retry-After); OpsError `timeout`,
 * `unreachable` (also 5xx), `not-found`, `refused` (other 4xx, a redirect to another origin), `malformed` (no JSON, no
 * UTF-8, too long). Messages name origin and path, never the query.
 */
export async function readPage(url: URL, first: URL, reading: HttpReading): Promise<HttpPage> {
  const deadline = { timeoutMs: reading.timeoutMs ?? 30_000, op: OP, what: placeOf(url), signal: reading.signal }
  return within(deadline, async (signal) => {
    const { response, url: found } = await answer(url, first, { ...reading, signal })
    try {
      requireOk(response, found, reading)
      const body = response.status === 204 ? null : await bodyOf(response, found, reading)
      return { url: found.href, body, headers: response.headers }
    } catch (error) {
      // An unread body would keep its connection; why it is given up is told already.
      response.body?.cancel().catch(() => {})
      throw error
    }
  })
}

/** The first answer that is no redirect. */
async function answer(start: URL, first: URL, reading: HttpReading): Promise<{ response: Response; url: URL }> {
  let url = start
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const response = await request(url, first, reading)
    const location = response.headers.get('location')
    if (response.redirected) throw new OpsError('invalid', OP, `${placeOf(url)}: \`fetch\` followed a redirect itself`)
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return { response, url }
    response.body?.cancel().catch(() => {})
    url = allowedUrl(location, { base: url, first }, reading)
  }
  throw new OpsError('malformed', OP, `${placeOf(start)}: more than ${REDIRECTS_MAX} redirects`)
}

async function request(url: URL, first: URL, reading: HttpReading): Promise<Response> {
  const { headers = {}, params = {}, parse = 'json', signal = null, fetch = globalThis.fetch } = reading
  const isHome = url.origin === first.origin
  const own = typeof headers === 'function' ? await headers(url) : isHome ? headers : {}
  const sent = new URL(url)
  if (isHome) for (const [name, value] of Object.entries(params)) sent.searchParams.set(name, value)
  const sentHeaders = new Headers(parse === 'json' ? { accept: 'application/json' } : {})
  for (const [name, value] of Object.entries(own)) sentHeaders.set(name, value)
  try {
    return await fetch(sent, { method: 'GET', redirect: 'manual', headers: sentHeaders, signal })
  } catch (error) {
    throw new OpsError('unreachable', OP, `${placeOf(url)}: ${reasonOf(error)}`)
  }
}

function requireOk(response: Response, url: URL, { throttleMs = 30_000 }: HttpReading): void {
  const { status, headers } = response
  if (status >= 200 && status <= 299) return
  const said = retryAfterMs(headers)
  if (status === 429 || (status === 503 && said !== null)) {
    throw new ThrottledError(said ?? throttleMs, `${placeOf(url)}: status ${status}`)
  }
  const code = status === 404 || status === 410 ? 'not-found' : status >= 500 ? 'unreachable' : 'refused'
  throw new OpsError(code, OP, `${placeOf(url)}: status ${status}`)
}

/** Retry-After = HTTP-date / delay-seconds (RFC 9110, 10.2.3); a date is read by the server's own clock. */
function retryAfterMs(headers: Headers): number | null {
  const said = headers.get('retry-after')
  if (said === null) return null
  const ms = /^\d+$/.test(said) ? Number(said) * 1_000 : Date.parse(said) - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(ms) ? null : Math.min(RETRY_AFTER_MOST_MS, Math.max(RETRY_AFTER_LEAST_MS, ms))
}

async function bodyOf(response: Response, url: URL, reading: HttpReading): Promise<unknown> {
  const text = await textOf(response, url, reading.pageBytesMax ?? BODY_BYTES_MAX)
  if (reading.parse === 'text') return text
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the body.
    throw new OpsError('malformed', OP, `${placeOf(url)}: the body is no JSON`)
  }
}

async function textOf(response: Response, url: URL, bytesMax: number): Promise<string> {
  const tooLong = () => new OpsError('malformed', OP, `${placeOf(url)}: the body is longer than ${bytesMax} bytes`)
  if (Number(response.headers.get('content-length') ?? 0) > bytesMax) throw tooLong()
  const parts: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const part of response.body ?? []) {
      bytes += part.length
      if (bytes > bytesMax) throw tooLong()
      parts.push(part)
    }
  } catch (error) {
    if (error instanceof OpsError) throw error
    throw new OpsError('unreachable', OP, `${placeOf(url)}: its body ended early: ${reasonOf(error)}`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
  } catch {
    throw new OpsError('malformed', OP, `${placeOf(url)}: the body is not UTF-8`)
  }
}

/** Without its query, which may hold secrets. */
export function placeOf(url: URL): string {
  return `${url.origin}${url.pathname}`
}

/** `fetch failed` says nothing; what is below it has a code. */
function reasonOf(error: unknown): string {
  const cause = (error as { readonly cause?: { readonly code?: unknown } } | null)?.cause
  return typeof cause?.code === 'string' ? cause.code : 'the request failed'
}
