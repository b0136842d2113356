import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { entriesOf, expectEveryStop } from '../../../../test/support/every-stop.ts'
import { seeded } from '../../../domain/seeded.ts'
import { fromHttpPages, type HttpCursor, type HttpPages } from './http-pages.ts'
import { ThrottledError } from './throttled-error.ts'

const SEED = Number(process.env.SLUICE_SEED ?? 20_261_121)

interface Body {
  readonly items: readonly number[]
  readonly next: string | null
}

let servers: Server[] = []
let asked: string[] = []
let answer: (request: IncomingMessage, response: ServerResponse) => void
let url: string

beforeEach(async () => {
  asked = []
  answer = (_, response) => send(response, { items: [1], next: null })
  url = await listen((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
})
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  servers = []
})

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function send(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response
    .writeHead(status, headers)
    .end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body))
}

const pages = (more: Partial<HttpPages<number>> = {}): HttpPages<number> => ({
  url: `${url}/orders`,
  items: ({ body }) => (body as Body).items,
  next: ({ body }) => (body as Body).next,
  ...more,
})
const read = (more: Partial<HttpPages<number>> = {}, cursor: HttpCursor | null = null) =>
  entriesOf(fromHttpPages(pages(more), cursor))
const fail = (more: Partial<HttpPages<number>> = {}, cursor: HttpCursor | null = null) =>
  read(more, cursor).then(
    () => expect.fail('it should fail'),
    (error: unknown) => error as Error & { code?: string; delayMs?: number },
  )

test(`random pages, empty ones too, resume at every stop (seed ${SEED})`, async () => {
  const chance = seeded(SEED)
  for (let round = 0; round < 12; round += 1) {
    let id = 0
    const all = Array.from({ length: 1 + Math.floor(chance() * 4) }, () =>
      Array.from({ length: Math.floor(chance() * 4) }, () => (id += 1)),
    )
    const address = (at: number) => (chance() < 0.5 ? `?page=${at}` : `/orders?page=${at}`)
    answer = (request, response) => {
      const at = Number(new URL(request.url ?? '', url).searchParams.get('page') ?? 0)
      send(response, { items: all[at], next: at + 1 < all.length ? address(at + 1) : null })
    }
    const entries = await expectEveryStop((cursor: HttpCursor | null) => fromHttpPages(pages(), cursor))
    expect(entries.map(({ item }) => item)).toEqual(all.flat())
  }
})

test('a stop at the end of a page does not read it again, and one at the very end reads nothing', async () => {
  answer = ({ url: path }, response) => send(response, { items: [1, 2], next: path === '/orders' ? '?page=2' : null })
  const entries = await read()
  asked = []
  await read({}, entries[1]?.cursor)
  expect(asked).toEqual(['/orders?page=2'])
  asked = []
  expect(await read({}, entries[3]?.cursor as HttpCursor)).toEqual([])
  expect(asked).toEqual([])
})

test('secrets go with every request, and neither into a cursor, a page nor an error', async () => {
  const seen: unknown[] = []
  answer = ({ url: path, headers }, response) => {
    seen.push([path, headers.authorization])
    const isFirst = !path?.includes('after')
    send(response, isFirst ? { items: [1, 2], next: `${url}/orders?after=2&key=s3cr3t` } : 'x', isFirst ? 200 : 400)
  }
  const more = {
    headers: async () => ({ authorization: 'Bearer t0ken' }),
    params: { key: 's3cr3t' },
    items: (page: { body: unknown; url: string }) => {
      expect(page.url).not.toContain('s3cr3t')
      return (page.body as Body).items
    },
  }
  const entries: unknown[] = []
  const reading = (async () => {
    for await (const entry of fromHttpPages(pages(more), null)) entries.push(entry)
  })()
  const error = await reading.catch((thrown: Error) => thrown)
  expect(entries).toEqual([
    { item: 1, cursor: { page: `${url}/orders`, done: 1 } },
    { item: 2, cursor: { page: `${url}/orders?after=2`, done: 0 } },
  ])
  expect(String(error)).toContain(`${url}/orders: status 400`)
  expect(String(error)).not.toMatch(/s3cr3t|t0ken|after/)
  expect(seen).toEqual([
    ['/orders?key=s3cr3t', 'Bearer t0ken'],
    ['/orders?after=2&key=s3cr3t', 'Bearer t0ken'],
  ])
})

test.each([
  [429, { 'retry-after': '7' }, 7_000],
  [429, { 'retry-after': '0' }, 1_000],
  [429, { 'retry-after': '99999999' }, 3_600_000],
  [429, {}, 30_000],
  [429, { 'retry-after': 'soon' }, 30_000],
  [503, { 'retry-after': '20' }, 20_000],
  [429, { date: 'Wed, 21 Oct 2015 07:28:00 GMT', 'retry-after': 'Wed, 21 Oct 2015 07:28:45 GMT' }, 45_000],
] as [number, Record<string, string>, number][])(
  'status %i with %j makes the run step aside',
  async (status, headers, delayMs) => {
    answer = (_, response) => send(response, 'slow down', status, headers)
    const error = await fail()
    expect(error).toBeInstanceOf(ThrottledError)
    expect(error.delayMs).toBe(delayMs)
  },
)

test.each([
  [400, 'refused'],
  [401, 'refused'],
  [403, 'refused'],
  [404, 'not-found'],
  [410, 'not-found'],
  [500, 'unreachable'],
  [503, 'unreachable'],
])('status %i is an error %s, and is not asked again here', async (status, code) => {
  answer = (_, response) => send(response, 'a long story', status)
  expect(await fail()).toMatchObject({ code, message: `${url}/orders: status ${status}` })
  expect(asked).toHaveLength(1)
})

test('a redirect within the origin is followed, and the next page is relative to where it led', async () => {
  answer = ({ url: path }, response) => {
    if (path === '/orders') send(response, '', 302, { location: '/v2/orders' })
    else if (path === '/v2/orders') send(response, { items: [1], next: 'more' })
    else send(response, { items: [2], next: null })
  }
  expect((await read()).map(({ item }) => item)).toEqual([1, 2])
  expect(asked).toEqual(['/orders', '/v2/orders', '/v2/more'])
})

test.each([
  ['another port', (other: string) => `${other}/x`, 'refused'],
  ['a file', () => 'file:///etc/passwd', 'invalid'],
  ['a password', () => url.replace('//', '//user:pass@'), 'invalid'],
  ['nowhere', () => 'http://:0:x', 'invalid'],
  ['itself', () => '/orders', 'malformed'],
])('a redirect to %s is refused, and nobody else is asked', async (_, to, code) => {
  let foreign = 0
  const other = await listen((_request, response) => {
    foreign += 1
    response.end()
  })
  answer = (_request, response) => send(response, '', 307, { location: to(other) })
  expect(await fail()).toMatchObject({ code })
  expect(foreign).toBe(0)
  // The same for the next page, and for a cursor from before.
  answer = (_request, response) => send(response, { items: [], next: to(other) })
  expect(await fail()).toMatchObject({ code })
  if (code === 'refused') expect(await fail({}, { page: `${other}/x`, done: 0 })).toMatchObject({ code })
  expect(foreign).toBe(0)
})

test('an allowed origin is read, without the headers and parameters that were meant for the first', async () => {
  const seen: unknown[] = []
  const other = await listen(({ headers, url: path }, response) => {
    seen.push([path, headers.authorization])
    send(response, { items: [2], next: null })
  })
  answer = (_, response) => send(response, { items: [1], next: `${other}/more` })
  const secrets = { headers: { authorization: 'Bearer t0ken' }, params: { key: 's3cr3t' }, origins: [other] }
  expect((await read(secrets)).map(({ item }) => item)).toEqual([1, 2])
  expect(seen).toEqual([['/more', undefined]])
})

test.each([
  [
    'that says its length',
    (response: ServerResponse) => send(response, 'x'.repeat(2_000), 200, { 'content-length': '2000' }),
  ],
  [
    'that does not',
    (response: ServerResponse) => void response.write('x'.repeat(900), () => response.end('x'.repeat(900))),
  ],
  [
    'that is small only while packed',
    (response: ServerResponse) =>
      send(response, gzipSync('x'.repeat(1_000_000)).subarray(0), 200, { 'content-encoding': 'gzip' }),
  ],
])('a body %s is cut at the limit', async (_, reply) => {
  answer = (_request, response) => reply(response)
  expect(await fail({ pageBytesMax: 1_500 })).toMatchObject({
    code: 'malformed',
    message: `${url}/orders: the body is longer than 1500 bytes`,
  })
})

test.each([
  ['no answer', () => {}],
  ['half a body', (_: IncomingMessage, response: ServerResponse) => void response.write('{')],
])('%s ends at the deadline, and with the execution', async (_, reply) => {
  answer = reply
  expect(await fail({ timeoutMs: 50 })).toMatchObject({ code: 'timeout' })
  const execution = new AbortController()
  const failing = fail({ signal: execution.signal })
  execution.abort()
  expect(await failing).toMatchObject({ code: 'closed' })
})

test.each([
  ['no JSON', Buffer.from('{"canary'), /the body is no JSON$/],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), /the body is not UTF-8$/],
])('%s is an error that quotes nothing', async (_, body, message) => {
  answer = (_request, response) => send(response, body)
  expect((await fail()).message).toMatch(message)
})

test('text is read when it is said, and an empty answer has no body', async () => {
  const bodies: unknown[] = []
  const items = ({ body }: { readonly body: unknown }) => {
    bodies.push(body)
    return []
  }
  const next = () => null
  answer = (_, response) => send(response, 'a,b')
  await read({ parse: 'text', items, next })
  answer = (_, response) => send(response, '', 204)
  await read({ items, next })
  expect(bodies).toEqual(['a,b', null])
})

test('a server that is gone, or goes in the middle of a body, is an error that says how', async () => {
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{', () => response.destroy())
  }
  expect((await fail()).message).toContain('its body ended early')
  await new Promise((resolve) => servers[0]?.close(resolve))
  expect(await fail()).toMatchObject({ code: 'unreachable', message: `${url}/orders: ECONNREFUSED` })
})

test('pages that lead nowhere end in an error instead of never', async () => {
  answer = (_, response) => send(response, { items: [1], next: '/orders' })
  expect((await fail()).message).toContain('`next` gave the same page again')
  let page = 0
  const endless = async () => {
    page += 1
    return Response.json({ items: [], next: `?page=${page}` })
  }
  expect((await fail({ fetch: endless })).message).toContain('1000 pages in a row have no items')
})

test.each(['file:///etc/passwd', 'nowhere', 'https://user:pass@example.com/', 'data:application/json,[]'])(
  '%s is no first page',
  async (first) => {
    expect(await fail({ url: first })).toMatchObject({ code: 'invalid' })
    expect(asked).toEqual([])
  },
)

test('items that are no array, and a fetch that follows redirects, are told', async () => {
  expect((await fail({ items: () => undefined as unknown as [] })).message).toContain('`items` gave no array')
  answer = ({ url: path }, response) =>
    path === '/x' ? send(response, { items: [], next: null }) : send(response, '', 302, { location: '/x' })
  const following = (to: URL, init: RequestInit) => fetch(to, { ...init, redirect: 'follow' })
  expect((await fail({ fetch: following })).message).toContain('followed a redirect itself')
})
