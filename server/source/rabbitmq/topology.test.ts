import { expect, test } from 'vitest'
import { type Exchange, matchesTopic } from './exchange.ts'
import { type QueueRow, readQueueRow } from './queue-row.ts'
import { keyOf, readTopology } from './topology.ts'

interface Drawn {
  readonly dlx?: string
  readonly key?: string
  readonly ttl?: number
  readonly consumers?: number
  readonly taken?: number
  readonly policy?: Record<string, unknown>
}

function drawn(queues: Record<string, Drawn>): Map<string, QueueRow> {
  const rows = Object.entries(queues).map(([name, { dlx, key, ttl, consumers = 0, taken, policy = {} }]) => {
    const args = { 'x-dead-letter-exchange': dlx, 'x-dead-letter-routing-key': key, 'x-message-ttl': ttl }
    return readQueueRow({
      vhost: 'v',
      name,
      arguments: args,
      effective_policy_definition: policy,
      consumers,
      ...(taken !== undefined && { message_stats: { deliver_get: taken } }),
    })!
  })
  return new Map(rows.map((row) => [keyOf('v', row.name), row]))
}

function placesOf(queues: Record<string, Drawn>, exchanges: Record<string, Exchange | null> = {}) {
  const read = new Map(Object.entries(exchanges).map(([name, exchange]) => [keyOf('v', name), exchange]))
  const { places, unread } = readTopology(drawn(queues), read)
  return { at: (name: string) => places.get(keyOf('v', name)), unread }
}

const bound = (destination: string, routingKey: string, isQueue = true) => ({ destination, routingKey, isQueue })

test('work, retry and dead-letter queue by the default exchange', () => {
  const { at } = placesOf({
    work: { dlx: '', key: 'work.retry', consumers: 2, taken: 9 },
    'work.retry': { dlx: '', key: 'work', ttl: 1000 },
    other: { dlx: '', key: 'other.dead' },
    'other.dead': {},
  })
  expect(at('work')).toMatchObject({
    role: 'work',
    deadLetter: { exchange: '', routingKey: 'work.retry', queues: ['work.retry'] },
    retryKeys: [keyOf('v', 'work.retry')],
    deadKeys: [],
  })
  expect(at('work.retry')).toMatchObject({ role: 'retry', feeds: ['work'] })
  expect(at('other')).toMatchObject({ role: 'work', deadKeys: [keyOf('v', 'other.dead')], retryKeys: [] })
  expect(at('other.dead')).toMatchObject({ role: 'dead-letter', feeds: ['other'], isFedByDeadLetters: true })
})

test('a dead-letter queue that two queues share is the dead figure of neither', () => {
  const { at } = placesOf({ a: { dlx: '', key: 'd' }, b: { dlx: '', key: 'd' }, d: {} })
  expect(at('a')?.deadKeys).toEqual([])
  expect(at('d')).toMatchObject({ role: 'dead-letter', feeds: ['a', 'b'] })
})

test('a work queue with a TTL whose consumers are gone does not become a retry queue', () => {
  const { at } = placesOf({ work: { dlx: '', key: 'dead', ttl: 60_000, taken: 5 }, dead: {} })
  expect(at('work')).toMatchObject({ role: 'work', deadKeys: [keyOf('v', 'dead')] })
  expect(at('dead')?.role).toBe('dead-letter')
})

test('two queues that look like retry queues of each other are neither', () => {
  const { at } = placesOf({ a: { dlx: '', key: 'b', ttl: 1 }, b: { dlx: '', key: 'a', ttl: 1 } })
  expect([at('a')?.role, at('b')?.role]).toEqual(['work', 'work'])
})

test('a policy names the exchange as an argument does, and the argument wins', () => {
  const policy = { 'dead-letter-exchange': '', 'dead-letter-routing-key': 'dead' }
  const { at } = placesOf({ a: { policy }, b: { dlx: '', key: 'elsewhere', policy }, dead: {}, elsewhere: {} })
  expect(at('a')?.deadLetter?.queues).toEqual(['dead'])
  expect(at('b')?.deadLetter?.queues).toEqual(['elsewhere'])
})

test('the default exchange without a key leads nowhere that could be told', () => {
  const { at, unread } = placesOf({ a: { dlx: '' } })
  expect(at('a')?.deadLetter).toEqual({ exchange: '', routingKey: null, queues: [] })
  expect(unread).toEqual([])
})

test('an exchange that was not read yet is asked for; one that is gone leads nowhere', () => {
  expect(placesOf({ a: { dlx: 'x' } }).unread).toEqual([keyOf('v', 'x')])
  expect(placesOf({ a: { dlx: 'x' } }, { x: null }).at('a')?.deadLetter?.queues).toEqual([])
})

test('bindings are followed by key, and from exchange to exchange, also in a circle', () => {
  const exchanges: Record<string, Exchange> = {
    x: { type: 'topic', bindings: [bound('dead', 'a.#'), bound('not', 'b.*'), bound('y', '#', false)] },
    y: { type: 'fanout', bindings: [bound('copy', ''), bound('x', '', false)] },
  }
  const { at } = placesOf({ a: { dlx: 'x', key: 'a.b' }, dead: {}, not: {}, copy: {} }, exchanges)
  expect(at('a')?.deadLetter?.queues.toSorted()).toEqual(['copy', 'dead'])
})

test('a fanout to very many queues tells of none of them', () => {
  const names = Array.from({ length: 60 }, (_, n) => `d${n}`)
  const exchange = { type: 'fanout', bindings: names.map((name) => bound(name, '')) }
  const queues = Object.fromEntries(names.map((name) => [name, {}]))
  expect(placesOf({ a: { dlx: 'x' }, ...queues }, { x: exchange }).at('a')?.deadLetter?.queues).toEqual([])
})

test('a chain of 5,000 dead-letter queues that ends in its own beginning is read in a moment', () => {
  const chain = Array.from({ length: 5_000 }, (_, n) => [`q${n}`, { dlx: '', key: `q${(n + 1) % 5_000}` }] as const)
  expect(placesOf(Object.fromEntries(chain)).at('q0')?.deadLetter?.queues).toEqual(['q1'])
})

test.each([
  ['#', '', true],
  ['#', 'a.b', true],
  ['*', '', false],
  ['a.*', 'a.b', true],
  ['a.*', 'a', false],
  ['a.*', 'a.b.c', false],
  ['a.#', 'a', true],
  ['#.c', 'a.b.c', true],
  ['#.b.#', 'a.c', false],
  ['', '', true],
  ['', 'a', false],
  ['a.b', 'a.b', true],
  ['a.b', 'a.c', false],
])('topic pattern %j and key %j: %s', (pattern, key, matches) => {
  expect(matchesTopic(pattern, key)).toBe(matches)
})
