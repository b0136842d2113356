import { expect, test } from 'vitest'
import type { LiveCounts } from './live-counts.ts'
import { countersOf, type QueueReading, queueOf, topicOf } from './queue-figures.ts'
import { readQueueRow } from './queue-row.ts'

const NOW = 1_800_000_000_000
const LIVE: LiveCounts = {
  ready: 7,
  unacked: 2,
  messages: 9,
  consumers: 1,
  taken: null,
  finished: null,
  redelivered: null,
}

function reading(fields: Record<string, unknown>, more: Partial<QueueReading> = {}): QueueReading {
  return {
    row: readQueueRow({ vhost: '/', name: 'q', type: 'classic', state: 'running', ...fields })!,
    isRowFresh: true,
    live: LIVE,
    place: undefined,
    counters: null,
    floorAtMs: null,
    atMs: NOW,
    depthOf: () => null,
    ...more,
  }
}

test('counts of this cycle win over those of the list', () => {
  const queue = queueOf(reading({ messages_ready: 1, messages_unacknowledged: 1, consumers: 0 }))
  expect(queue).toMatchObject({ depth: 7, active: 2, consumers: 1, vhost: null, system: 'rabbitmq-classic' })
})

test('an old row tells no counts', () => {
  const queue = queueOf(reading({ messages_ready: 1, consumers: 3 }, { live: null, isRowFresh: false }))
  expect(queue).toMatchObject({ depth: null, active: null, consumers: null, oldestAgeMs: null })
})

test('the age comes from the head message, is never negative, and is called an estimate', () => {
  const old = queueOf(reading({ head_message_timestamp: NOW / 1000 - 60 }))
  expect(old).toMatchObject({ oldestAgeMs: 60_000, estimated: ['oldestAgeMs'] })
  expect(queueOf(reading({ head_message_timestamp: NOW / 1000 + 60 })).oldestAgeMs).toBe(0)
  expect(queueOf(reading({}, { floorAtMs: NOW - 5_000 })).oldestAgeMs).toBe(5_000)
  expect(queueOf(reading({})).oldestAgeMs).toBeNull()
})

test('the head of an old row may be gone: then what waits is younger than both bounds', () => {
  const row = { head_message_timestamp: NOW / 1000 - 60 }
  expect(queueOf(reading(row, { isRowFresh: false, floorAtMs: NOW - 5_000 })).oldestAgeMs).toBe(5_000)
})

test('an empty queue has the age 0, and that is no estimate', () => {
  const queue = queueOf(reading({ head_message_timestamp: 1 }, { live: { ...LIVE, ready: 0 } }))
  expect(queue).toMatchObject({ oldestAgeMs: 0, estimated: [] })
})

test.each([
  ['down', 'down', 'nobody'],
  ['flow', 'flow', 'nobody'],
  ['minority', 'minority', 'nobody'],
  ['running', null, 'nobody'],
  ['paused', null, 'elsewhere'],
])('state %s is trouble %s, paused by %s', (state, trouble, pausedBy) => {
  expect(queueOf(reading({ state }))).toMatchObject({ trouble, pausedBy })
})

test('consumers of which none is active are trouble, no consumers are not', () => {
  const sac = { arguments: { 'x-single-active-consumer': true }, single_active_consumer_tag: null }
  expect(queueOf(reading({ ...sac, consumers: 2 })).trouble).toBe('no active consumer')
  expect(queueOf(reading({ ...sac, consumers: 0 })).trouble).toBeNull()
})

test('delayed and dead are the depths of the queues that serve this one, null when one is unknown', () => {
  const place = {
    deadLetter: null,
    role: 'work' as const,
    feeds: [],
    isFedByDeadLetters: true,
    deadKeys: ['d'],
    retryKeys: ['r1', 'r2'],
  }
  const depths: Record<string, number> = { d: 4, r1: 1, r2: 2 }
  const known = reading({}, { place, depthOf: (key) => depths[key] ?? null })
  expect(queueOf(known)).toMatchObject({ delayed: 3, dead: 4 })
  expect(queueOf({ ...known, depthOf: () => null })).toMatchObject({ delayed: null, dead: null })
  expect(queueOf(reading({}))).toMatchObject({ delayed: null, dead: null })
  expect(queueOf(reading({ messages_delayed: 6 })).delayed).toBe(6)
})

test('a counter without an event is 0, without statistics unknown', () => {
  const row = reading({ message_stats: { publish: 5 } }).row
  expect(countersOf(row, true)).toEqual({ added: 5, finished: 0, failed: null, redelivered: 0 })
  expect(countersOf(row, false)).toEqual({ added: null, finished: null, failed: null, redelivered: null })
})

test('what is taken without acknowledgement is finished too', () => {
  const stats = { ack: 10, deliver_no_ack: 5, get_no_ack: 1, deliver_get: 20 }
  expect(countersOf(reading({ message_stats: stats }).row, true).finished).toBe(16)
})

test('nothing published into a dead-letter queue does not mean that nothing came', () => {
  const place = { deadLetter: null, feeds: ['w'], isFedByDeadLetters: true, deadKeys: [], retryKeys: [] }
  const counters = { counters: countersOf(reading({}).row, true), isEstimated: false }
  expect(queueOf(reading({}, { counters, place: { ...place, role: 'dead-letter' } })).added).toBeNull()
  expect(queueOf(reading({}, { counters, place: { ...place, role: 'work' } })).added).toBe(0)
})

test('a stream is a topic: records that stay, readers, no depth', () => {
  const topic = topicOf(reading({ type: 'stream', vhost: 'billing' }), null)
  expect(topic).toMatchObject({ name: 'q', vhost: 'billing', system: 'rabbitmq-stream', records: 9, readers: 1 })
  expect(topicOf(reading({ type: 'stream' }), 0).readers).toBe(0)
})
