import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type ManualClock, manualClock } from '../../test/support/manual-clock.ts'
import { MemorySource } from '../../test/support/memory-source.ts'
import { openRoom, type TestRoom } from '../../test/support/room.ts'
import { READS, ROUTES } from '../api/routes.ts'
import { WRITES } from '../api/writes.ts'
import type { Job } from '../domain/job.ts'
import { Access } from './access.ts'
import { createApp } from './app.ts'
import { Live } from './live.ts'

interface Started {
  readonly clock: ManualClock
  readonly source: MemorySource
  readonly room: TestRoom
  readonly access: Access
  readonly port: number
  readonly told: string[]
  /** As a program of this user, unless the headers say otherwise; null leaves one out. */
  send(path: string, body: unknown, headers?: Record<string, string | null>, method?: string): Promise<Answer>
}

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape, looked into by tests
  readonly body: any
}

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function start({ isReadOnly = false } = {}): Promise<Started> {
  const clock = manualClock()
  const source = new MemorySource(clock)
  const room = await openRoom(clock, [source])
  room.collect()
  const access = new Access({ actor: 'ana', clock })
  const told: string[] = []
  const tell = (event: string, fields?: Record<string, unknown>) => void told.push(`${event} ${JSON.stringify(fields)}`)
  const log = { debug: tell, info: tell, warn: tell, error: tell }
  const live = new Live(room, log)
  const given = { room, access, live, log, version: '1', isReadOnly, allowedHosts: [], webFiles: new Map() }
  const server: Server = createServer(createApp(given))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(async () => {
    live.close()
    server.closeAllConnections()
    server.close()
    await room.close()
  })
  const { port } = server.address() as AddressInfo
  let keys = 0
  const send: Started['send'] = (path, body, headers = {}, method = 'POST') => {
    const all = {
      'content-type': 'application/json',
      authorization: `Bearer ${access.bearerToken}`,
      'idempotency-key': `key-${++keys}`,
      ...headers,
    }
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) as Record<
      string,
      string
    >
    return ask({
      port,
      path: `/api/v1${path}`,
      method,
      headers: given,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  }
  return { clock, source, room, access, port, told, send }
}

function ask({
  body,
  ...options
}: {
  port: number
  path: string
  method: string
  headers: Record<string, string>
  body: string
}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', ...options }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => {
        const isJson = String(response.headers['content-type']).includes('json')
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: isJson ? JSON.parse(text) : text,
        })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const PAUSE = { targets: ['redis-main/mail'], order: { verb: 'pause' } }

async function fingerprint({ send }: Started, wish: object = PAUSE): Promise<string> {
  return (await send('/controls:preview', wish)).body.fingerprint
}

async function pause(started: Started, headers: Record<string, string | null> = {}): Promise<Answer> {
  const body = { ...PAUSE, reason: 'bounces everywhere', fingerprint: await fingerprint(started) }
  return started.send('/controls', body, headers)
}

const paths = Object.entries(WRITES).map(([name, { path, isWrite }]) => ({
  name,
  isWrite,
  path: path.replace(':id', 'ctl_0123456789'),
}))

test.each(paths)(
  '$name does nothing for strangers, other pages, other types, or without a key',
  async ({ name, path, isWrite }) => {
    const { send, source, room } = await start()
    const status = async (headers: Record<string, string | null>) => (await send(path, {}, headers)).status
    if (name !== 'signIn') {
      expect(await status({ authorization: null })).toBe(401)
      expect(await status({ authorization: 'Bearer x' })).toBe(401)
      expect(await status({ authorization: 'Basic YTpi' })).toBe(401)
      expect(await status({ authorization: null, cookie: 'sluice_1=x' })).toBe(401)
    }
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await status({ 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(await status({ origin: 'https://evil.example' })).toBe(403)
    expect(await status({ origin: 'null' })).toBe(403)
    expect(await status({ host: 'evil.example' })).toBe(421)
    expect(await status({ 'content-type': 'text/plain' })).toBe(415)
    expect(await status({ 'content-type': 'application/x-www-form-urlencoded' })).toBe(415)
    if (isWrite) {
      expect(await status({ 'idempotency-key': null })).toBe(400)
      expect(await status({ 'idempotency-key': 'x'.repeat(129) })).toBe(400)
    }
    expect(source.calls).toEqual([])
    const refused = room.ledger.page({ offset: 0, limit: 100, filter: '' }).items.filter(({ act }) => act === 'refuse')
    expect(refused).toHaveLength(4)
    expect(refused[3]).toMatchObject({
      outcome: 'refused',
      detail: `POST /api/v1${path}: Pages of other origins may not act here: Sec-Fetch-Site cross-site`,
    })
  },
)

test.each(paths)(
  '$name refuses unknown keys, prototypes, depth and size, each with its reason',
  async ({ name, path }) => {
    const { send } = await start()
    const keyed = (body: unknown) => send(path, body, name === 'signIn' ? { authorization: null } : {})
    expect((await keyed({ nonsense: 1 })).status).toBe(400)
    expect((await keyed('{"__proto__":{"x":1}}')).status).toBe(400)
    expect((await keyed('{"constructor":{"prototype":{"x":1}}}')).status).toBe(400)
    expect(Reflect.get({}, 'x')).toBeUndefined()
    expect((await keyed('['.repeat(10_000))).body.detail).toContain('nested deeper')
    expect((await keyed('nonsense')).body.detail).toBe('The body is not JSON')
    expect((await keyed(' '.repeat(65_537))).status).toBe(413)
    const unsized = await send(path, ' '.repeat(70_000), { 'transfer-encoding': 'chunked' })
    expect(unsized.status).toBe(413)
  },
)

test('no GET changes anything, and what cannot be posted to says so', async () => {
  const { send, source, room } = await start()
  const all = [...Object.values(ROUTES), ...Object.values(READS), ...Object.values(WRITES)].map(({ path }) =>
    path.replace(/:(source|name|id)/g, 'x'),
  )
  for (const path of all) expect((await send(path, '', {}, 'GET')).status, path).not.toBe(500)
  expect([...source.calls, ...room.ledger.page({ offset: 0, limit: 10 }).items]).toEqual([])
  expect((await send('/queues', {})).status).toBe(405)
  expect((await send('/nonsense', {})).status).toBe(404)
  expect((await send('/controls', {}, { 'content-length': '2' }, 'DELETE')).status).toBe(405)
  expect((await send('/controls', {}, {}, 'PUT')).headers.allow).toBe('GET, HEAD, POST')
})

test('a pause goes from preview to effect and to its end, by one API', async () => {
  const started = await start()
  const { send, room, clock } = started
  const made = await pause(started)
  expect(made.status).toBe(200)
  const { id } = made.body.controls[0]
  expect(made.body.controls[0]).toMatchObject({ phase: 'requested', actor: 'ana', reason: 'bounces everywhere' })
  clock.advance(100)
  room.collect()
  expect((await send(`/controls/${id}`, '', {}, 'GET')).body.control).toMatchObject({ phase: 'in-effect' })
  const list = (await send('/controls?state=living', '', { authorization: null }, 'GET')).body
  expect(list).toMatchObject({ total: 1, problems: 0, fault: null })
  expect((await send('/overview', '', {}, 'GET')).body.verdict.sentence).toBe('All clear · 1 source live · 1 paused')
  const more = await send(`/controls/${id}/extend`, { ttlMs: 60_000, revision: 1 })
  expect(more.body.controls[0]).toMatchObject({ revision: 2 })
  expect((await send(`/controls/${id}/extend`, { ttlMs: 60_000, revision: 1 })).body).toMatchObject({
    status: 409,
    code: 'conflict',
  })
  expect((await send(`/controls/${id}/lift`, {})).body.controls[0]).toMatchObject({ phase: 'lifted', endedBy: 'ana' })
  expect((await send('/controls/ctl_nothing/lift', {})).status).toBe(404)
  const history = (await send('/history', '', {}, 'GET')).body
  expect(history.items.map(({ act, actor }: { act: string; actor: string }) => `${act} ${actor}`)).toEqual([
    'lift ana',
    'extend ana',
    'pause ana',
  ])
  expect(history).toMatchObject({ isIntact: true, fault: null })
  expect(history.items[0]).not.toHaveProperty('wanted')
})

test('asked twice with one key it is done once, also at the same moment; another body under that key is refused', async () => {
  const started = await start()
  const { send, source } = started
  const body = { ...PAUSE, reason: 'bounces everywhere', fingerprint: await fingerprint(started) }
  const key = { 'idempotency-key': 'one-key' }
  const [a, b] = await Promise.all([send('/controls', body, key), send('/controls', body, key)])
  const c = await send('/controls', body, key)
  expect([b.text, c.text]).toEqual([a.text, a.text])
  expect(source.calls).toEqual(['apply pause mail 1'])
  const other = await send('/controls', { ...body, reason: 'something else entirely' }, key)
  expect(other.body).toMatchObject({ status: 422, code: 'key-reused' })
})

test('what failed on the way may be tried again under its key', async () => {
  const started = await start()
  const { send, source } = started
  const { id } = (await pause(started)).body.controls[0]
  source.trouble = 'silence'
  const key = { 'idempotency-key': 'one-key' }
  expect((await send(`/controls/${id}/lift`, {}, key)).body).toMatchObject({ status: 504, code: 'timeout' })
  expect((await send(`/controls/${id}/lift`, {}, key)).body).toMatchObject({ status: 504 })
})

test('after 30 writes in a minute one has to wait, and is told how long', async () => {
  const started = await start()
  const { send, clock } = started
  for (let at = 0; at < 30; at++) expect((await send('/controls/ctl_x/lift', {})).status).toBe(404)
  clock.advance(20_000)
  const refused = await send('/controls/ctl_x/lift', {})
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '40'])
  clock.advance(40_000)
  expect((await send('/controls/ctl_x/lift', {})).status).toBe(404)
})

test('the token of the start signs one browser in, once; the cookie is for our own pages only', async () => {
  const { send, access, port } = await start()
  expect((await send('/session', '', { authorization: null }, 'GET')).body).toMatchObject({
    actor: null,
    mayWrite: false,
  })
  const signIn = (token: string) => send('/session', { token }, { authorization: null, 'idempotency-key': null })
  expect((await signIn('wrong')).status).toBe(401)
  const used = access.oneTimeToken
  const signed = await signIn(used)
  expect(signed.body).toEqual({ actor: 'ana', mayWrite: true, why: null })
  const cookie = String(signed.headers['set-cookie'])
  expect(cookie).toMatch(new RegExp(`^sluice_${port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`))
  const asBrowser = {
    authorization: null,
    cookie: cookie.split(';')[0] ?? '',
    origin: `http://127.0.0.1:${port}`,
    'sec-fetch-site': 'same-origin',
  }
  expect((await send('/session', '', { ...asBrowser, origin: null }, 'GET')).body).toMatchObject({
    actor: 'ana',
    mayWrite: true,
  })
  expect((await send('/controls:preview', PAUSE, asBrowser)).status).toBe(200)
  expect(
    (await send('/controls:preview', PAUSE, { ...asBrowser, cookie: `${asBrowser.cookie}; ${asBrowser.cookie}` }))
      .status,
  ).toBe(401)
  expect((await signIn(used)).body).toMatchObject({ status: 401, code: 'unauthorized' })
  expect((await signIn(access.oneTimeToken)).body).toMatchObject({ actor: 'ana' })
})

test('a browser that was silent for long has to sign in again', async () => {
  const { send, access, clock } = await start()
  const signed = await send('/session', { token: access.oneTimeToken })
  const headers = { authorization: null, cookie: String(signed.headers['set-cookie']).split(';')[0] ?? '' }
  clock.advance(11 * 3_600_000)
  expect((await send('/session', '', headers, 'GET')).body.actor).toBe('ana')
  clock.advance(12 * 3_600_000 + 1)
  expect((await send('/session', '', headers, 'GET')).body.actor).toBeNull()
})

test('guessing the token is slow', async () => {
  const { send, access } = await start()
  for (let at = 0; at < 10; at++) expect((await send('/session', { token: `guess-${at}` })).status).toBe(401)
  expect((await send('/session', { token: access.oneTimeToken })).status).toBe(429)
})

test('looking is free but for payloads and people', async () => {
  const { send } = await start()
  const status = async (path: string) => (await send(path, '', { authorization: null }, 'GET')).status
  for (const path of ['/overview', '/controls', '/runs', '/session', '/queues/redis-main/mail'])
    expect(await status(path)).toBe(200)
  for (const path of ['/history', '/jobs/redis-main/mail', '/failures/redis-main/mail'])
    expect(await status(path)).toBe(401)
})

const DEAD = {
  ...{
    job: 'send',
    state: 'dead' as const,
    tags: [],
    enqueuedAtMs: 1,
    atMs: 2,
    attempt: 3,
    interruptions: 0,
    crashes: 0,
  },
  ...{ error: 'boom', deadReason: null, worker: null, argsBytes: 30, version: 1 },
} satisfies Omit<Job, 'id' | 'args'>

test('jobs are shown page by page, without their secrets', async () => {
  const { send, source } = await start()
  source.jobList = ['a', 'b', 'c'].map((id) => ({ ...DEAD, id, args: '{"to":"x","password":"hunter2"}' }))
  const page = (await send('/jobs/redis-main/mail?state=dead&limit=2', '', {}, 'GET')).body
  expect(page).toMatchObject({ total: 3, next: '2', ref: 'redis-main/mail' })
  expect(page.items[0].args).toBe('{"to":"x","password":"[redacted 7 chars]"}')
  expect((await send('/jobs/redis-main/nothing', '', {}, 'GET')).status).toBe(404)
  expect((await send('/jobs/redis-main/mail?limit=1000', '', {}, 'GET')).status).toBe(400)
})

test('acting is done to what the preview froze; discarding needs the queue’s name', async () => {
  const { send, source, room } = await start()
  source.jobList = Array.from({ length: 150 }, (_, at) => ({ ...DEAD, id: `j${at}`, args: null }))
  const wish = { act: 'discard', queue: 'redis-main/mail', state: 'dead' }
  const preview = (await send('/actions:preview', wish)).body
  expect(preview).toMatchObject({
    total: 150,
    isIrreversible: true,
    sentence: 'Would discard 150 jobs of redis-main/mail',
  })
  source.jobList.push({ ...DEAD, id: 'later', args: null })
  const apply = { ...wish, reason: 'bounces everywhere', fingerprint: preview.fingerprint }
  expect((await send('/actions', apply)).body.detail).toContain('confirm with the queue’s name, mail')
  expect((await send('/actions', { ...apply, confirm: 'mail' })).body).toMatchObject({ done: 150 })
  expect(source.jobList.map(({ id }) => id)).toEqual(['later'])
  expect((await send('/actions', { ...apply, confirm: 'mail' })).body).toMatchObject({ status: 409, code: 'changed' })
  expect(room.ledger.page({ offset: 0, limit: 1 }).items[0]).toMatchObject({
    act: 'discard',
    detail: 'discarded 150 of 150',
    outcome: 'done',
  })
})

test('a server that only reads refuses every write and says why', async () => {
  const { send, source } = await start({ isReadOnly: true })
  for (const { path } of paths.filter(({ isWrite }) => isWrite))
    expect((await send(path, {})).body).toMatchObject({
      status: 403,
      detail: 'This server only reads: server.readOnly is set',
    })
  expect((await send('/session', '', {}, 'GET')).body).toMatchObject({ mayWrite: false })
  expect(source.calls).toEqual([])
})

test('no secret is in a log line, an answer, or the ledger', async () => {
  const started = await start()
  const { send, access, told, room } = started
  const used = access.oneTimeToken
  const signed = await send('/session', { token: used })
  await pause(started)
  await send('/session', { token: 'wrong' })
  const answers = [
    (await send('/history', '', {}, 'GET')).text,
    (await send('/session', '', {}, 'GET')).text,
    signed.text,
  ]
  const everything = [...told, ...answers, JSON.stringify(room.ledger.page({ offset: 0, limit: 100 }))].join('\n')
  const cookie = /=([\w-]+);/.exec(String(signed.headers['set-cookie']))?.[1] ?? 'none'
  for (const secret of [used, access.oneTimeToken, access.bearerToken, cookie]) expect(everything).not.toContain(secret)
})

test('a full minute of refused requests leaves at most 30 lines', async () => {
  const { send, room } = await start()
  for (let at = 0; at < 40; at++) await send('/controls', {}, { origin: 'https://evil.example' })
  expect(room.ledger.page({ offset: 0, limit: 100 }).total).toBe(30)
})
