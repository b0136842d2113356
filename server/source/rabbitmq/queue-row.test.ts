import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { asObject, asObjects, type JsonObject } from './json.ts'
import { readNodes } from './node-row.ts'
import { readOverview } from './overview.ts'
import { type QueueRow, readQueueRow } from './queue-row.ts'

const SAMPLES = new URL('../../../test/support/samples/rabbitmq/', import.meta.url)

function sample(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, SAMPLES), 'utf8')).response
}

function rowsOf(name: string): Map<string, QueueRow> {
  const answer = sample(name)
  const list = asObjects(asObject(answer)?.items ?? answer) as readonly JsonObject[]
  return new Map(list.map((row) => readQueueRow(row)!).map((row) => [row.name, row]))
}

test.each(['queues-list.3.10', 'queues-detailed.4.0'])('%s: every field has its figure', (name) => {
  const rows = rowsOf(name)
  expect(rows.get('s.quorum')).toMatchObject({
    vhost: '/',
    type: 'quorum',
    state: 'running',
    ready: 3,
    unacked: 2,
    messages: 5,
    consumers: 1,
    headTimestampMs: null,
    idleSinceMs: null,
    deadLetterExchange: '',
    deadLetterKey: 's.quorum.dlq',
    counters: { published: 5, taken: 2, acked: 0, takenNoAck: 0, redelivered: 0, rejected: null },
  })
  expect(rows.get('s.stale-backlog')).toMatchObject({
    ready: 20,
    consumers: 0,
    counters: { published: 20, taken: null },
  })
  expect(rows.get('s.idle-empty')?.idleSinceMs).toBeGreaterThan(Date.UTC(2026, 10, 20))
  expect(rows.get('s.stale-backlog')?.headTimestampMs).toBeLessThan(Date.UTC(2026, 10, 20))
  expect(rows.get('s.growing')?.deadLetterExchange).toBe('amq.topic')
  expect(rows.get('s.stream')).toMatchObject({ type: 'stream', messages: 5, consumers: 0 })
})

test('single active consumer: whether one is active, and null on queues that are not of that kind', () => {
  for (const name of ['queues-list.3.10', 'queues-detailed.4.0', 'queues-list.4.0']) {
    expect(rowsOf(name).get('s.sac')?.hasActiveConsumer).toBe(true)
    expect(rowsOf(name).get('s.quorum')?.hasActiveConsumer).toBeNull()
  }
  const quorum = { vhost: '/', name: 'q', arguments: { 'x-single-active-consumer': true } }
  expect(readQueueRow({ ...quorum, single_active_consumer_ctag: 'ctag1.a' })?.hasActiveConsumer).toBe(true)
  expect(readQueueRow({ ...quorum, single_active_consumer_tag: null })?.hasActiveConsumer).toBe(false)
})

test('a field that a list of 4.0 leaves out is unknown, not zero', () => {
  expect(rowsOf('queues-list.4.0').get('s.idle-empty')).toMatchObject({ idleSinceMs: null, counters: null, ready: 0 })
})

test.each(['queues-totals.3.10', 'queues-totals.4.0'])('%s: counts without consumers, nothing of a stream', (name) => {
  const rows = rowsOf(name)
  expect(rows.get('s.unacked-stuck')).toMatchObject({ unacked: 10, consumers: null, counters: null })
  expect(rows.get('s.stream')).toMatchObject({ type: 'stream', ready: null, messages: null })
})

test('quorum queues of 4.0 tell what came back from a consumer, 3.10 does not', () => {
  expect(rowsOf('queues-detailed.4.0').get('s.quorum')?.returned).toBe(0)
  expect(rowsOf('queues-list.3.10').get('s.quorum')?.returned).toBeNull()
})

test('LavinMQ: its own words for ready and unacked, rejects counted, pauses told', () => {
  expect(rowsOf('queues.lavinmq-2.1.0').get('jobs')).toMatchObject({
    type: 'classic',
    ready: 0,
    unacked: 0,
    counters: { published: 727, acked: 727, redelivered: 2, rejected: 2 },
  })
  const paused = readQueueRow(asObject(sample('queue-paused.lavinmq-2.1.0'))!)
  expect(paused).toMatchObject({ state: 'paused', ready: 515, consumers: 1 })
})

test.each([[{ name: 'q' }], [{ vhost: '/', name: 7 }]])('%j is no queue', (row) => {
  expect(readQueueRow(row)).toBeNull()
})

test('wrong shapes inside a row are unknown, one by one', () => {
  const row = readQueueRow({
    vhost: '/',
    name: 'q',
    arguments: [],
    effective_policy_definition: [],
    messages_ready: -1,
    messages_unacknowledged: '5',
    consumers: Number.NaN,
    message_stats: 'none',
    idle_since: 'yesterday',
    head_message_timestamp: {},
  })
  expect(row).toMatchObject({
    type: 'classic',
    ready: null,
    unacked: null,
    consumers: null,
    counters: null,
    idleSinceMs: null,
    headTimestampMs: null,
    ttlMs: null,
  })
})

test('overview: product, version, and whether there are statistics', () => {
  expect(readOverview(sample('overview.3.10'))).toMatchObject({
    product: 'rabbitmq',
    version: '3.10.8',
    hasStatistics: true,
  })
  expect(readOverview(sample('overview.4.0'))).toMatchObject({ version: '4.0.5', queues: 44, connections: 9 })
  expect(readOverview(sample('overview.lavinmq-2.1.0'))).toMatchObject({ product: 'lavinmq', version: '2.1.0' })
  expect(readOverview({ status: 'ok' })).toBeNull()
})

test('nodes: memory, and each alarm in words', () => {
  const overview = readOverview(sample('overview.4.0'))!
  const [row] = asObjects(sample('nodes.4.0'))!
  expect(readNodes([row], overview)).toMatchObject([
    { name: 'rabbit@node-1', version: '4.0.5', connections: 9, alarms: [] },
  ])
  const bad = { ...row, mem_alarm: true, disk_free_alarm: true, partitions: ['rabbit@b'] }
  const down = { name: 'rabbit@b', running: false }
  expect(readNodes([bad, down], overview)).toMatchObject([
    { alarms: ['memory alarm', 'disk alarm', 'network partition'], connections: null },
    { name: 'rabbit@b', alarms: ['not running'], version: null, memoryBytes: null },
  ])
})
