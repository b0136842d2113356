import { type ClientRequest, createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { manualClock } from '../../test/support/manual-clock.ts'
import { MemorySource } from '../../test/support/memory-source.ts'
import { openRoom } from '../../test/support/room.ts'
import { READS, ROUTES } from '../api/routes.ts'
import { WRITES } from '../api/writes.ts'
import type { Board } from '../board/board.ts'
import { type Queue, UNKNOWN_QUEUE } from '../domain/queue.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import { Access } from './access.ts'
import { answer } from './answer.ts'
import { createApp } from './app.ts'
import { Live } from './live.ts'

const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }
const log = { debug() {}, info() {}, warn() {}, error() {} }
const ends: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const queue = (name: string, more: Partial<Queue> = {}): Queue => ({
  ...UNKNOWN_QUEUE,
  name,
  system: 'bullmq',
  ...more,
})

function snapshot(queues: readonly Queue[]): Snapshot {
  return {
    ...{ source: 'redis-main', kind: 'redis', takenAtMs: Date.now(), tookMs: 1, queues },
    ...{ cost: { commands: 1, bytesSent: 1, bytesRead: 1 }, nodes: [], topics: [], groups: [], runs: [], workers: [] },
    systems: [{ name: 'bullmq', version: '6.7.0', cannotTell: { retrying: 'BullMQ keeps them among the delayed' } }],
    gaps: [],
  }
}

async function start(): Promise<{
  board: Board
  live: Live
  port: number
  accept: (queues: readonly Queue[]) => void
}> {
  const room = await openRoom(clock, [], { ids: ['redis-main'] })
  const { board } = room
  const live = new Live(room, log)
  const access = new Access({ actor: 'ana', clock })
  const given = { room, access, live, log, version: '1', isReadOnly: false, allowedHosts: [], webFiles: new Map() }
  const server: Server = createServer(createApp(given))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    live.close()
    server.closeAllConnections()
    server.close()
    return room.close()
  })
  const accept = (queues: readonly Queue[]) => board.accept(snapshot(queues), { intervalMs: 60_000, nextTryAtMs: 0 })
  return { board, live, port: (server.address() as AddressInfo).port, accept }
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly headers: Record<string, unknown>
  readonly body: string
}

function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path, method, headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += chunk))
      response.on('end', () => {
        const type = String(response.headers['content-type'])
        resolve({ status: response.statusCode ?? 0, type, headers: response.headers, body })
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

const json = async (port: number, path: string) => JSON.parse((await ask(port, `/api/v1${path}`)).body)

test('what the source did not tell is null in the answer, never 0', async () => {
  const { port, accept } = await start()
  accept([queue('mail', { depth: 3 })])
  const body = await json(port, '/queues/redis-main/mail')
  expect(body.queue).toMatchObject({
    ref: 'redis-main/mail',
    depth: 3,
    active: null,
    oldestAgeMs: null,
    consumers: null,
    inPerSecond: null,
  })
  expect(body.cannotTell).toEqual({ retrying: 'BullMQ keeps them among the delayed' })
  expect(ROUTES.queue.body.safeParse(body).error).toBeUndefined()
})

test('every list and the overview answer what their schema says', async () => {
  const { port, accept } = await start()
  accept([queue('mail', { depth: 3, consumers: 0 }), queue('dead', { role: 'dead-letter', depth: 1 })])
  for (const name of ['overview', 'sources', 'queues', 'topics', 'groups', 'runs', 'workers'] as const) {
    const body = await json(port, ROUTES[name].path)
    expect(ROUTES[name].body.safeParse(body).error, name).toBeUndefined()
  }
  const { verdict, fires } = await json(port, '/overview')
  expect(verdict.sentence).toBe('1 problem · worst: redis-main/mail, 3 waiting and no consumer')
  expect(fires).toHaveLength(1)
})

test('a list is filtered, sorted and cut on the server, and counts what matched', async () => {
  const { port, accept } = await start()
  accept(Array.from({ length: 250 }, (_, index) => queue(`q${index}`, { depth: index })))
  const body = await json(port, '/queues?filter=redis-main/q1*&sort=-depth&limit=2&offset=1&trend=1')
  expect(body.total).toBe(111)
  expect(body.items.map(({ depth }: { depth: number }) => depth)).toEqual([198, 197])
  expect(body.items[0].trend).toHaveLength(60)
  expect((await ask(port, '/api/v1/queues?limit=201')).status).toBe(400)
})

test('the first window of 10,000 queues, sparklines included, is at most 100 KB before compression', async () => {
  const { port, accept } = await start()
  const name = (index: number) => `a-queue-with-quite-a-long-name-${index}`
  const figures = {
    depth: 123_456,
    active: 12,
    delayed: 1_234,
    dead: 56,
    oldestAgeMs: 1_234_567,
    added: 123_456_789,
    consumers: 12,
  }
  accept(Array.from({ length: 10_000 }, (_, index) => queue(name(index), figures)))
  const { body } = await ask(port, '/api/v1/queues?limit=100&trend=1')
  expect(JSON.parse(body)).toMatchObject({ total: 10_000 })
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(100_000)
})

test('names that need escaping and names shared by two systems keep their identity', async () => {
  const { port, accept } = await start()
  accept([queue('a/b'), queue('audit', { vhost: 'billing' }), queue('twice'), queue('twice', { system: 'sidekiq' })])
  expect((await json(port, '/queues/redis-main/a%252Fb')).queue.ref).toBe('redis-main/a%2Fb')
  expect((await json(port, '/queues/redis-main/billing%2Faudit')).queue.ref).toBe('redis-main/billing/audit')
  const ambiguous = await ask(port, '/api/v1/queues/redis-main/twice')
  expect([ambiguous.status, JSON.parse(ambiguous.body).candidates]).toEqual([
    409,
    ['redis-main/bullmq:twice', 'redis-main/sidekiq:twice'],
  ])
  expect((await json(port, '/queues/redis-main/sidekiq:twice')).queue.system).toBe('sidekiq')
})

test.each([
  ['/api/v1/queues?sort=nonsense', 400, 'bad-request'],
  ['/api/v1/queues?unknown=1', 400, 'bad-request'],
  ['/api/v1/queues?limit=1&limit=2', 400, 'bad-request'],
  ['/api/v1/queues?__proto__=1', 400, 'bad-request'],
  [`/api/v1/queues?filter=${'a'.repeat(300)}`, 400, 'bad-request'],
  ['/api/v1/queues/redis-main/%E0%A4%A', 400, 'bad-request'],
  ['/api/v1/queues/nowhere/mail', 404, 'not-found'],
  ['/api/v1/queues/redis-main/nothing', 404, 'not-found'],
  ['/api/v1/nonsense', 404, 'not-found'],
  ['/api/v2/queues', 404, 'not-found'],
  ['/api/v1/live', 400, 'bad-request'],
  ['/assets/../../etc/passwd.js', 404, 'not-found'],
] as const)('%s is a problem with status %d', async (path, status, code) => {
  const { port, accept } = await start()
  accept([queue('mail')])
  const answer = await ask(port, path)
  expect([answer.status, answer.type]).toEqual([status, 'application/problem+json; charset=utf-8'])
  expect(JSON.parse(answer.body)).toMatchObject({ status, code })
})

test('it answers only under its own names, only to its own pages, and only to reads', async () => {
  const { port } = await start()
  expect((await ask(port, '/api/v1/overview', { headers: { host: 'evil.example' } })).status).toBe(421)
  expect((await ask(port, '/api/v1/overview', { headers: { origin: 'http://evil.example' } })).status).toBe(403)
  expect(
    (
      await ask(port, '/api/v1/overview', {
        headers: { host: `localhost:${port}`, origin: `http://localhost:${port}` },
      })
    ).status,
  ).toBe(200)
  expect((await ask(port, '/api/v1/overview', { method: 'POST' })).status).toBe(405)
})

test('every answer carries the security headers and names no framework', async () => {
  const { port } = await start()
  const { headers } = await ask(port, '/api/v1/overview')
  expect(headers['content-security-policy']).toContain("default-src 'none';script-src 'self'")
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  })
  expect(headers['x-powered-by']).toBeUndefined()
})

test('the OpenAPI document describes every route', async () => {
  const { port } = await start()
  const document = await json(port, '/openapi.json')
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths)).toHaveLength(
    new Set([...Object.values(ROUTES), ...Object.values(READS), ...Object.values(WRITES)].map(({ path }) => path))
      .size + 1,
  )
  expect(document.paths['/api/v1/queues/{source}/{name}'].get.responses['200']).toBeDefined()
})

test('it is ready only after every source was tried', async () => {
  const { board, port } = await start()
  expect([(await ask(port, '/livez')).status, (await ask(port, '/readyz')).status]).toEqual([200, 503])
  board.fail('redis-main', { error: { code: 'unreachable', message: 'refused' }, pending: false, nextTryAtMs: null })
  expect((await ask(port, '/readyz')).status).toBe(200)
  expect((await json(port, '/overview')).verdict).toMatchObject({ severity: 'unknown', problems: 0 })
})

function follow(
  port: number,
  paths: readonly string[],
): { events: { event: string; data: Record<string, unknown> }[]; asked: ClientRequest } {
  const events: { event: string; data: Record<string, unknown> }[] = []
  const path = `/api/v1/live?${paths.map((one) => `path=${encodeURIComponent(one)}`).join('&')}`
  const asked = request({ port, host: '127.0.0.1', path }, (response) => {
    let text = ''
    response.on('data', (chunk) => {
      text += chunk
      const frames = text.split('\n\n')
      text = frames.pop() ?? ''
      for (const frame of frames) {
        const [event = '', data = ''] = frame.split('\n')
        events.push({ event: event.slice(7), data: JSON.parse(data.slice(6)) })
      }
    })
    response.on('error', () => {})
  })
  asked.on('error', () => {})
  asked.end()
  ends.push(() => void asked.destroy())
  return { events, asked }
}

test('a follower gets the same body as the GET at once, again when it changed, and not when it did not', async () => {
  const { port, accept, live } = await start()
  accept([queue('mail', { depth: 1 })])
  const { events } = follow(port, ['/queues', '/queues/redis-main/nothing'])
  await vi.waitFor(() => expect(events.map(({ event }) => event)).toEqual(['result', 'problem']))
  const { asOfMs: _, ...got } = await json(port, '/queues')
  expect(events[0]?.data).toMatchObject({ path: '/queues', body: got })
  accept([queue('mail', { depth: 2 })])
  const depths = () =>
    events
      .filter(({ data }) => data.path === '/queues')
      .map(({ data }) => (data.body as { items: { depth: number }[] }).items[0]?.depth)
  await vi.waitFor(() => expect(depths()).toEqual([1, 2]), 3_000)
  const second = follow(port, ['/queues'])
  await vi.waitFor(() => expect(second.events.some(({ data }) => data.path === '/queues')).toBe(true))
  expect(depths()).toEqual([1, 2])
  second.asked.destroy()
  await vi.waitFor(() => expect(live.readers).toBe(1))
  live.close()
  await vi.waitFor(() => expect(events.at(-1)?.event).toBe('bye'))
})

test('a reader that never reads holds at most one body per path, and others are not hurt', async () => {
  const { port, accept } = await start()
  const many = (depth: number) => Array.from({ length: 200 }, (_, index) => queue(`q${index}`, { depth }))
  accept(many(0))
  const asked = request({ port, host: '127.0.0.1', path: '/api/v1/live?path=/queues%3Flimit=200' }, (response) =>
    response.pause(),
  )
  asked.on('error', () => {})
  asked.end()
  ends.push(() => void asked.destroy())
  const { events } = follow(port, ['/queues?limit=1'])
  for (let depth = 1; depth <= 4; depth++) {
    accept(many(depth))
    await vi.waitFor(
      () =>
        expect(JSON.stringify(events.findLast(({ event }) => event === 'result')?.data)).toContain(`"depth":${depth}`),
      3_000,
    )
  }
})

test('a run is answered with its last hour, what can be done with it, and the controls that concern it', async () => {
  const clock = manualClock()
  const source = new MemorySource(clock)
  const room = await openRoom(clock, [source])
  ends.push(() => room.close())
  const run = {
    id: 'r/1',
    job: 'walk',
    queue: 'mail',
    system: 'sluice',
    status: 'running',
    attempt: 1,
    interruptions: 0,
  } as const
  const more = { tickTotal: 100, cursor: '7', startedAtMs: 0, tickedAtMs: 0, runningMs: 1_000, error: null }
  for (const tickCount of [10, 40]) {
    source.runs = [{ ...run, ...more, tickCount, perSecond: 2 }]
    clock.advance(15_000)
    room.collect()
  }
  const wish = {
    targets: ['redis-main/mail', 'run/redis-main/r%2F1', 'redis-main/sms'],
    order: { verb: 'pause' } as const,
    ttlMs: 60_000,
  }
  const { fingerprint } = room.controls.preview(wish)
  await room.controls.make({ ...wish, reason: 'for a test', fingerprint }, 'ana')
  const queue = ROUTES.queue.body.parse(answer(room, '/queues/redis-main/mail'))
  expect(queue.runs.map(({ ref, status }) => `${ref} ${status}`)).toEqual(['run/redis-main/r%2F1 running'])
  const body = ROUTES.run.body.parse(answer(room, '/runs/redis-main/r%252F1'))
  expect(body.run).toMatchObject({ ref: 'run/redis-main/r%2F1', tickCount: 40 })
  expect(body.moves).toEqual(['pause', 'throttle', 'cancel'])
  expect(body.controls.map(({ target }) => target).sort()).toEqual(['redis-main/mail', 'run/redis-main/r%2F1'])
  expect(body.history.series.tickCount?.slice(-2)).toEqual([10, 40])
  source.runs = [{ ...run, ...more, tickCount: 40, tickedAtMs: clock.nowMs() - 90_000, startedAtMs: 0 }]
  clock.advance(15_000)
  room.collect()
  expect(ROUTES.overview.body.parse(answer(room, '/overview')).fires).toMatchObject([
    {
      kind: 'run',
      ref: 'run/redis-main/r%2F1',
      severity: 'warning',
      reasons: ['stalled: no item finished for 1 m 45 s'],
    },
  ])
  const later = { ...run, ...more, tickCount: 1, startedAtMs: 1_000 }
  source.runs = [
    { ...later, id: 'done', status: 'succeeded' },
    { ...later, id: 'new', status: 'running' },
    { ...run, ...more, id: 'old', tickCount: 1, status: 'queued' },
    { ...run, ...more, tickCount: 40, status: 'failed' },
  ]
  room.collect()
  const listed = ROUTES.runs.body.parse(answer(room, '/runs')).items
  expect(listed.map(({ id }) => id)).toEqual(['old', 'new', 'r/1', 'done'])
  expect(ROUTES.run.body.parse(answer(room, '/runs/redis-main/r%252F1')).moves).toEqual(['retry'])
  expect(() => answer(room, '/runs/redis-main/nothing')).toThrow('has no run')
  expect(() => answer(room, '/history')).toThrow('cannot be followed')
})

test('a run names its own queue and saga where another system has a queue of the same name', async () => {
  const clock = manualClock()
  const source = new MemorySource(clock)
  const room = await openRoom(clock, [source])
  ends.push(() => room.close())
  const more = { attempt: 1, interruptions: 0, tickCount: 1, tickTotal: null, cursor: null, startedAtMs: 0 }
  const run = { ...more, id: 'r1', job: 'walk', queue: 'mail', status: 'running', tickedAtMs: 0, runningMs: 1 } as const
  source.runs = [{ ...run, system: 'sluice', error: null, saga: 's1' }]
  room.collect()
  const told = () => ROUTES.run.body.parse(answer(room, '/runs/redis-main/r1')).run
  expect(told()).toMatchObject({ queueRef: 'redis-main/mail', saga: 'saga/redis-main/mail/s1' })
  source.queues = [
    { name: 'mail', system: 'sluice' },
    { name: 'mail', system: 'bullmq' },
  ]
  room.collect()
  expect(told()).toMatchObject({ queueRef: 'redis-main/sluice:mail', saga: 'saga/redis-main/sluice:mail/s1' })
  const { queueRef } = told()
  const queue = ROUTES.queue.body.parse(answer(room, `/queues/${queueRef}`))
  expect([queue.queue.system, queue.runs.map(({ id }) => id)]).toEqual(['sluice', []])
})
