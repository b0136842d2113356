import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { garbageServer, refusingPort, silentServer } from '../support/hostile.ts'
import { startServing, type TestServing } from '../support/serving.ts'

/** Sources that fail in every way, beside one that is well: what people see of them, and how soon. */

const brokers = inject('brokers')
const PROMISE_MS = 5_000

interface Hostile {
  readonly ends: (() => Promise<void>)[]
  readonly sources: Record<string, unknown>
  readonly codes: Record<string, string>
}

async function hostileSources(): Promise<Hostile> {
  const silent = await silentServer()
  const garbage = await garbageServer(7)
  const refusing = await refusingPort()
  const urls = (name: string, { host, port }: { host: string; port: number }) => ({
    [`redis-${name}`]: `redis://${host}:${port}`,
    [`rabbit-${name}`]: {
      url: `amqp://${host}:${port}`,
      management: `http://${host}:${port}`,
      prometheus: `http://${host}:${port}`,
    },
    [`kafka-${name}`]: `kafka://${host}:${port}`,
  })
  const kinds = ['redis', 'rabbit', 'kafka']
  const coded = (name: string, code: string) => Object.fromEntries(kinds.map((kind) => [`${kind}-${name}`, code]))
  return {
    ends: [silent.stop, garbage.stop],
    sources: { ...urls('silent', silent), ...urls('garbage', garbage), ...urls('closed', refusing) },
    codes: { ...coded('silent', 'timeout'), ...coded('garbage', 'malformed'), ...coded('closed', 'unreachable') },
  }
}

describe.skipIf(brokers.redis === null)('beside a Redis that is well', () => {
  let redis: StartedRedis
  let locked: StartedRedis
  let hostile: Hostile
  let serving: TestServing
  let startedMs = 0

  beforeAll(async () => {
    redis = await startRedis()
    locked = await startRedis({ args: ['--requirepass', 'xq-locked'] })
    hostile = await hostileSources()
    startedMs = performance.now()
    const rabbitmq = brokers.rabbitmq && {
      'rabbit-locked': {
        url: brokers.rabbitmq.amqpUrl.replace(/\/\/.*@/, '//guest:xq-rabbit@'),
        management: brokers.rabbitmq.managementUrl,
      },
    }
    serving = await startServing({
      'redis-well': redis.url,
      'redis-locked': { url: locked.url, password: 'xq-given' },
      ...rabbitmq,
      ...hostile.sources,
    })
  })

  afterAll(async () => {
    await serving?.close()
    for (const end of hostile?.ends ?? []) await end()
    await redis?.stop()
    await locked?.stop()
  })

  test('each of them is stale with its own cause within five seconds', async () => {
    const expected = {
      ...hostile.codes,
      'redis-locked': 'refused',
      ...(brokers.rabbitmq && { 'rabbit-locked': 'refused' }),
    }
    await eventually(
      async () => {
        const { sources } = await serving.get('overview')
        const bad = sources.filter(({ source }) => source !== 'redis-well')
        expect(Object.fromEntries(bad.map(({ source, error }) => [source, error?.code]))).toEqual(expected)
        expect(bad.filter(({ state }) => state !== 'stale')).toEqual([])
      },
      { timeoutMs: PROMISE_MS },
    )
    expect(performance.now() - startedMs).toBeLessThan(PROMISE_MS + 1_000)
  })

  test('the well one is not slowed down: it is read at its own pace all the while', async () => {
    const first = (await serving.get('source', '/sources/redis-well')).source.observedAtMs ?? 0
    await eventually(
      async () => {
        const { source } = await serving.get('source', '/sources/redis-well')
        expect((source.observedAtMs ?? 0) - first).toBeGreaterThan(5_000)
        expect(source.state).toBe('live')
      },
      { timeoutMs: 9_000 },
    )
  })

  test('no password is in any answer', async () => {
    const texts = await Promise.all(
      ['/sources', '/overview', '/sources/redis-locked'].map(async (path) =>
        (await fetch(`${serving.url}/api/v1${path}`)).text(),
      ),
    )
    expect(texts.join()).not.toMatch(/xq-/)
  })

  test('a Redis that is killed is marked with its age within five seconds, and recovers by itself', async () => {
    await redis.stop()
    await eventually(
      async () => {
        const { sources } = await serving.get('overview')
        const well = sources.find(({ source }) => source === 'redis-well')
        expect(well).toMatchObject({ state: 'stale', error: { code: 'unreachable' } })
        expect(well?.observedAtMs).not.toBeNull()
      },
      { timeoutMs: PROMISE_MS },
    )
    redis = await startRedis({ port: redis.port })
    await eventually(
      async () => {
        const { source } = await serving.get('source', '/sources/redis-well')
        expect(source).toMatchObject({ state: 'live', error: null })
      },
      { timeoutMs: 15_000 },
    )
  })
})
