import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { type ManualClock, manualClock } from '../../../test/support/manual-clock.ts'
import { Secret } from '../../domain/secret.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { Source } from '../../domain/source.ts'
import { openRabbitmq } from './open.ts'

const SAMPLES = new URL('../../../test/support/samples/rabbitmq/', import.meta.url)
const METRICS = '/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count'

/** A server that answers from the samples of one version, by the path without its columns. */
interface Recorded {
  readonly url: string
  /** Requests so far, columns left out. */
  readonly asked: string[]
  /** Status and body of a path from now on. */
  answer(path: string, status: number, body: unknown): void
  /** Requests of a path get no answer until the returned function is called. */
  hold(path: string): () => void
}

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const FULL = '/api/queues?columns'
const TOTALS = '/api/queues?disable_stats=true&enable_queue_totals=true&columns'

async function recorded(version: string): Promise<Recorded> {
  const answers = new Map<string, { status: number; body: unknown }>()
  const holding = new Map<string, (() => void)[]>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/(columns)=.*$/, '$1')
    asked.push(path)
    const respond = (): void => {
      const { status, body } = answers.get(path) ?? { status: 404, body: {} }
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
    }
    const held = holding.get(path)
    if (held) held.push(respond)
    else respond()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const answer: Recorded['answer'] = (path, status, body) => answers.set(path, { status, body })
  const hold: Recorded['hold'] = (path) => {
    holding.set(path, [])
    return () => {
      for (const respond of holding.get(path) ?? []) respond()
      holding.delete(path)
    }
  }
  const rows = sample(`queues-list.${version}`) as { items: unknown[] }
  answer('/api/overview', 200, sample(`overview.${version}`))
  answer('/api/nodes?columns', 200, sample(`nodes.${version}`))
  answer(FULL, 200, rows.items)
  answer(TOTALS, 200, (sample(`queues-totals.${version}`) as { items: unknown[] }).items)
  answer(METRICS, 200, metricsOf(rows.items))
  answer(`${METRICS}&family=queue_delivery_metrics`, 200, metricsOf(rows.items))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, answer, hold }
}

function sample(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, SAMPLES), 'utf8')).response
}

/** What the Prometheus port says of the same queues. */
function metricsOf(rows: readonly unknown[]): string {
  const lines = ['rabbitmq_build_info{} 1']
  for (const row of rows as readonly Record<string, unknown>[]) {
    const labels = `{vhost="${row.vhost}",queue="${row.name}"}`
    lines.push(`rabbitmq_detailed_queue_messages_ready${labels} ${row.messages_ready}`)
    lines.push(`rabbitmq_detailed_queue_messages_unacked${labels} ${row.messages_unacknowledged}`)
    lines.push(`rabbitmq_detailed_queue_messages${labels} ${row.messages}`)
    lines.push(`rabbitmq_detailed_queue_consumers${labels} ${row.consumers}`)
  }
  return lines.join('\n')
}

function opened(management: string, prometheus: readonly string[]): { source: Source; clock: ManualClock } {
  const clock = manualClock()
  const password = new Secret('guest')
  const login = { username: 'guest', password, tls: null }
  const source = openRabbitmq(
    {
      kind: 'rabbitmq',
      amqp: { host: '127.0.0.1', port: 1, vhost: '/', ...login },
      management: { url: management, ...login },
      prometheus,
      queues: [],
    },
    { id: 'rabbit-1', clock, log: quiet },
  )
  closers.unshift(() => source.close())
  return { source, clock }
}

const collect = (source: Source, watched: readonly string[] = []): Promise<Snapshot> =>
  source.collect({ signal: AbortSignal.timeout(5_000), watched })

const queueIn = ({ queues }: Snapshot, name: string) => queues.find((queue) => queue.name === name)

test.each(['3.10', '4.0'])('%s: one snapshot holds queues, streams as topics, nodes and systems', async (version) => {
  const { url } = await recorded(version)
  const snapshot = await collect(opened(url, [url]).source)
  expect(queueIn(snapshot, 's.quorum')).toMatchObject({ system: 'rabbitmq-quorum', depth: 3, active: 2, consumers: 1 })
  expect(queueIn(snapshot, 's.quorum')?.deadLetter?.queues).toEqual(['s.quorum.dlq'])
  expect(queueIn(snapshot, 's.quorum.dlq')).toMatchObject({ role: 'dead-letter', feeds: ['s.quorum'] })
  expect(queueIn(snapshot, 's.busy')).toMatchObject({ redelivered: 0, consumers: 1 })
  expect(snapshot.topics).toMatchObject([{ name: 's.stream', records: 5, readers: 0, added: 5 }])
  expect(snapshot.systems.map(({ name }) => name)).toEqual(['rabbitmq-classic', 'rabbitmq-quorum', 'rabbitmq-stream'])
  expect(snapshot.nodes).toMatchObject([{ name: 'rabbit@node-1', alarms: [] }])
  expect(snapshot.cost.commands).toBeGreaterThanOrEqual(4)
})

test('a steady refresh asks for overview, nodes and metrics; the list only at its own pace, never bare', async () => {
  const { url, asked } = await recorded('3.10')
  const { source, clock } = opened(url, [url])
  await collect(source)
  // Listing took no time on this clock, so it is due each cycle; with 1 s of a list it is due each 50 s.
  asked.length = 0
  clock.advance(5_000)
  await collect(source)
  expect(asked).toEqual(['/api/overview', '/api/nodes?columns', METRICS, FULL])
  expect(asked.every((path) => path !== '/api/queues')).toBe(true)
})

test('without the Prometheus port counts come in totals mode, consumers from the list; the port is tried again later', async () => {
  const { url, asked } = await recorded('3.10')
  const { source, clock } = opened(url, [`${url}/closed`])
  const first = await collect(source)
  expect(queueIn(first, 's.unacked-stuck')).toMatchObject({ active: 10, consumers: 1 })
  expect(first.topics).toMatchObject([{ name: 's.stream', records: 5 }])
  asked.length = 0
  clock.advance(5_000)
  await collect(source)
  expect(asked).toEqual(['/api/overview', '/api/nodes?columns', TOTALS, FULL])
  clock.advance(60_000)
  asked.length = 0
  await collect(source)
  expect(asked).toContain(`/closed${METRICS}`)
})

test('consumers that nobody tells are null, with a gap that says why', async () => {
  const { url, answer } = await recorded('3.10')
  const { source, clock } = opened(url, [`${url}/closed`])
  await collect(source)
  answer(FULL, 500, {})
  clock.advance(20_000)
  const snapshot = await collect(source)
  expect(queueIn(snapshot, 's.unacked-stuck')).toMatchObject({ active: 10, consumers: null })
  expect(snapshot.gaps.map(({ what }) => what)).toEqual(['types, counters and ages of queues', 'consumers of queues'])
})

test('more nodes than ports: totals mode, as the ports would tell only of some queues', async () => {
  const { url, asked, answer } = await recorded('3.10')
  answer('/api/nodes?columns', 200, [
    { name: 'a', running: true },
    { name: 'b', running: true },
  ])
  await collect(opened(url, [url]).source)
  expect(asked).toContain(TOTALS)
  expect(asked).not.toContain(METRICS)
})

test('ports that leave running queues out are given up for totals mode', async () => {
  const { url, asked, answer } = await recorded('3.10')
  answer('/api/nodes?columns', 401, { reason: 'Not monitor user' })
  const { source, clock } = opened(url, [url])
  await collect(source)
  answer(METRICS, 200, metricsOf([{ vhost: '/', name: 's.busy', messages_ready: 1 }]))
  clock.advance(5_000)
  const cut = await collect(source)
  expect(queueIn(cut, 's.quorum')?.depth).toBe(3)
  clock.advance(5_000)
  await collect(source)
  expect(asked.at(-2)).toBe(TOTALS)
})

test('a queue that was deleted leaves with the next metrics, a new one comes with the next list', async () => {
  const { url, answer } = await recorded('3.10')
  const { source, clock } = opened(url, [url])
  await collect(source)
  const { items } = sample('queues-list.3.10') as { items: Record<string, unknown>[] }
  const changed = [...items.filter(({ name }) => name !== 's.idle-empty'), { ...items[0], name: 's.new' }]
  answer(METRICS, 200, metricsOf(changed))
  answer(FULL, 200, changed)
  clock.advance(5_000)
  const snapshot = await collect(source)
  expect(queueIn(snapshot, 's.idle-empty')).toBeUndefined()
  expect(queueIn(snapshot, 's.new')).toBeDefined()
})

test('deliveries that 4.0 still tells of a deleted queue do not keep it on the screen', async () => {
  const { url, answer } = await recorded('4.0')
  const { source, clock } = opened(url, [url])
  await collect(source)
  const { items } = sample('queues-list.4.0') as { items: Record<string, unknown>[] }
  const left = items.filter(({ name }) => name !== 's.busy')
  const ghost = 'rabbitmq_detailed_queue_messages_acked_total{vhost="/",queue="s.busy"} 1736'
  answer(`${METRICS}&family=queue_delivery_metrics`, 200, `${metricsOf(left)}\n${ghost}`)
  answer(FULL, 500, {})
  clock.advance(5_000)
  expect(queueIn(await collect(source), 's.busy')).toBeUndefined()
})

test('a lesser user: what it may not read is a gap, the rest is there', async () => {
  const { url, answer } = await recorded('3.10')
  answer('/api/nodes?columns', 401, { error: 'not_authorised', reason: 'Not monitor user' })
  answer('/api/whoami', 200, { name: 'm', tags: ['management'] })
  answer('/api/health/checks/alarms', 503, {
    status: 'failed',
    alarms: [{ node: 'rabbit@node-1', resource: 'memory' }],
  })
  const snapshot = await collect(opened(url, [url]).source)
  expect(snapshot.queues.length).toBe(9)
  expect(snapshot.gaps).toMatchObject([{ code: 'refused', message: expect.stringContaining('(management)') }])
  expect(snapshot.nodes).toMatchObject([{ name: 'rabbit@node-1', version: '3.10.8', alarms: ['memory alarm'] }])
})

test('queues in virtual hosts that the user may not see are counted in a gap', async () => {
  const { url, answer } = await recorded('3.10')
  answer(FULL, 200, [])
  const snapshot = await collect(opened(url, [url]).source)
  expect(snapshot.queues).toEqual([])
  expect(snapshot.gaps).toMatchObject([{ what: '10 queues', code: 'refused' }])
})

test('statistics turned off: counters are unknown, not zero', async () => {
  const { url, answer } = await recorded('3.10')
  answer('/api/overview', 200, { ...(sample('overview.3.10') as object), disable_stats: true })
  const snapshot = await collect(opened(url, [url]).source)
  expect(queueIn(snapshot, 's.busy')).toMatchObject({ added: null, finished: null, redelivered: null })
  expect(snapshot.gaps).toMatchObject([{ what: 'counters of queues' }])
})

test.each([
  ['wrong password', 401, { reason: 'Login failed' }, 'refused'],
  ['something else on the port', 200, '<html>hello</html>', 'malformed'],
  ['another API', 200, { status: 'ok' }, 'malformed'],
  ['a redirect', 302, '', 'malformed'],
  ['starting', 503, '', 'unreachable'],
])('%s: refused as a whole, and read again when it is over', async (_, status, body, code) => {
  const { url, answer } = await recorded('3.10')
  const { source } = opened(url, [url])
  answer('/api/overview', status, body)
  await expect(collect(source)).rejects.toMatchObject({ name: 'OpsError', code })
  answer('/api/overview', 200, sample('overview.3.10'))
  expect((await collect(source)).queues.length).toBe(9)
})

test('queues that cannot be listed at all reject, rather than vanish', async () => {
  const { url, answer } = await recorded('3.10')
  const { source } = opened(url, [url])
  answer(FULL, 500, {})
  await expect(collect(source)).rejects.toMatchObject({ code: 'unreachable' })
})

test('a list that takes long is taken when it comes; until then queues are shown with what is known', async () => {
  const { url, answer, hold } = await recorded('3.10')
  const { source, clock } = opened(url, [url])
  const release = hold(FULL)
  const first = await collect(source)
  expect(queueIn(first, 's.quorum')).toMatchObject({ system: 'rabbitmq-quorum', depth: 3, consumers: 1, added: null })
  expect(first.gaps).toMatchObject([{ what: 'counters and ages of queues', code: 'timeout' }])
  release()
  answer(TOTALS, 500, {})
  clock.advance(5_000)
  await eventually(async () => {
    const { queues, gaps } = await collect(source)
    expect(queues.find(({ name }) => name === 's.quorum')).toMatchObject({ added: 5, deadLetter: { exchange: '' } })
    expect(gaps).toEqual([])
  })
})

test('a watched queue is read in full each cycle while the list is not', async () => {
  const { url, asked, answer } = await recorded('3.10')
  const { source, clock } = opened(url, [url])
  await collect(source)
  answer(FULL, 500, {})
  const [row] = (sample('queues-list.3.10') as { items: Record<string, unknown>[] }).items
  answer('/api/queues/%2F/s.busy?columns', 200, { ...row, message_stats: { publish: 5_000, ack: 4_990 } })
  clock.advance(20_000)
  asked.length = 0
  const snapshot = await collect(source, ['s.busy', 'nowhere', 'a/b/c', '%E0%A4%A'])
  expect(queueIn(snapshot, 's.busy')).toMatchObject({ depth: 0, consumers: 1 })
  expect(asked.filter((path) => path.startsWith('/api/queues/'))).toEqual(['/api/queues/%2F/s.busy?columns'])
})
