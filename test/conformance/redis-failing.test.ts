/** A Redis in trouble, or something that is no Redis: one OpsError within 5 s, never a crash, and recovery by itself. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import type { OpsCode } from '../../server/domain/errors.ts'
import { Secret } from '../../server/domain/secret.ts'
import type { Source } from '../../server/domain/source.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import {
  answeringServer,
  closingServer,
  dripServer,
  garbageServer,
  type HostileServer,
  refusingPort,
  silentServer,
} from '../support/hostile.ts'
import { collect, queueNamed, redisClient, redisSource } from '../support/redis.ts'
import { loadSample } from '../support/redis-sample.ts'

const brokers = inject('brokers')
const crashes: unknown[] = []
const onCrash = (error: unknown) => crashes.push(error)

beforeAll(() => {
  process.on('uncaughtException', onCrash)
  process.on('unhandledRejection', onCrash)
})
afterAll(() => {
  process.off('uncaughtException', onCrash)
  process.off('unhandledRejection', onCrash)
  expect(crashes).toEqual([])
})

/** Collects once from `port`; how it failed and after how long. */
async function failureOf(port: number): Promise<{ code: string; message: string; tookMs: number }> {
  const source = redisSource(port)
  const startedMs = performance.now()
  try {
    await collect(source)
    return { code: 'none', message: '', tookMs: 0 }
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return { code, message, tookMs: performance.now() - startedMs }
  } finally {
    await source.close()
  }
}

describe('something that is no Redis', () => {
  const deep = Buffer.from('*1\r\n'.repeat(100_000))
  const cases: readonly [string, () => Promise<HostileServer>, OpsCode][] = [
    ['silence', silentServer, 'timeout'],
    ['garbage', () => garbageServer(7), 'malformed'],
    ['a connection closed at once', closingServer, 'unreachable'],
    ['$2147483647', () => answeringServer('$2147483647\r\n'), 'malformed'],
    ['*1000000000', () => answeringServer('*1000000000\r\n'), 'malformed'],
    ['100,000 nested arrays', () => answeringServer(deep), 'malformed'],
    ['$-5', () => answeringServer('$-5\r\n'), 'malformed'],
    ['a line without an end', () => answeringServer(Buffer.alloc(1 << 20, '+')), 'malformed'],
    ['a drip of one byte at a time', () => dripServer(Buffer.from('$400\r\n'), 20), 'timeout'],
    ['more answers than questions', () => answeringServer('$-1\r\n'.repeat(50)), 'malformed'],
    ['RESP3 frames', () => answeringServer('%1\r\n+a\r\n+b\r\n'), 'malformed'],
    ['an HTTP server', () => answeringServer('HTTP/1.1 400 Bad Request\r\n\r\n'), 'malformed'],
    ['a server that is full', () => answeringServer('-ERR max number of clients reached\r\n'), 'refused'],
    ['numbers that are none', () => answeringServer(':12abc\r\n'), 'malformed'],
  ]

  it.each(cases)('%s ends in one error within 5 s', async (_, start, code) => {
    const server = await start()
    const failure = await failureOf(server.port)
    expect(failure).toMatchObject({ code })
    expect(failure.tookMs).toBeLessThan(code === 'timeout' ? 4_500 : 1_000)
    // That server does not read, so it cannot notice that we have let go.
    if (start !== closingServer) await eventually(() => server.open() === 0)
    await server.stop()
  })

  it('200 mutated answers of a real server: never a crash, never a hang, no growth', async () => {
    const real = '+OK\r\n$11\r\nrole:master\r\n*2\r\n$1\r\n0\r\n*1\r\n$11\r\nbull:a:meta\r\n$2\r\nOK\r\n'
    const before = process.memoryUsage().rss
    for (let seed = 1; seed <= 200; seed += 1) {
      const bytes = Buffer.from(real)
      const at = (seed * 7919) % bytes.length
      bytes[at] = (seed * 104_729) % 256
      const server = await answeringServer(seed % 3 === 0 ? bytes.subarray(0, at) : bytes)
      const source = redisSource(server.port)
      await source.collect({ signal: AbortSignal.timeout(150), watched: [] }).catch(() => {})
      await source.close()
      await server.stop()
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  })

  it('a port where nobody listens is unreachable at once', async () => {
    const { port } = await refusingPort()
    const failure = await failureOf(port)
    expect(failure.code).toBe('unreachable')
    expect(failure.message).toContain('connection refused')
  })

  it('an aborted collect ends at once', async () => {
    const server = await silentServer()
    const source = redisSource(server.port)
    const startedMs = performance.now()
    await expect(source.collect({ signal: AbortSignal.timeout(100), watched: [] })).rejects.toMatchObject({
      code: 'timeout',
    })
    expect(performance.now() - startedMs).toBeLessThan(1_000)
    await source.close()
    await server.stop()
  })
})

describe.skipIf(!brokers.redis)('a Redis in trouble', () => {
  const opened: { close?(): Promise<unknown>; stop?(): Promise<unknown> }[] = []
  const open = (
    port: number,
    ...more: Parameters<typeof redisSource> extends [number, ...infer Rest] ? Rest : never
  ) => {
    const source: Source = redisSource(port, ...more)
    opened.push(source)
    return source
  }
  const start = async (options: Parameters<typeof startRedis>[0] = {}): Promise<StartedRedis> => {
    const redis = await startRedis(options)
    opened.push(redis)
    return redis
  }

  afterEach(async () => {
    for (const one of opened.splice(0)) await (one.close?.() ?? one.stop?.())
  })

  it('a wrong password is refused, and appears in no message', async () => {
    const redis = await start({ args: ['--requirepass', 'right'] })
    const wrong = open(redis.port, { password: new Secret('s3cr3t-canary') })
    const error = await collect(wrong).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'refused' })
    expect(JSON.stringify([String(error), error, (error as Error).cause, (error as Error).stack])).not.toContain(
      'canary',
    )
    await expect(collect(open(redis.port))).rejects.toMatchObject({ code: 'refused' })
    await expect(collect(open(redis.port, { password: new Secret('right') }))).resolves.toMatchObject({ gaps: [] })
  })

  it('a password that a server does not want is no reason to turn away', async () => {
    const redis = await start()
    await expect(collect(open(redis.port, { password: new Secret('any') }))).resolves.toMatchObject({ gaps: [] })
  })

  it('a database number that does not exist is named', async () => {
    const redis = await start()
    await expect(collect(open(redis.port, { db: 99 }))).rejects.toMatchObject({ code: 'invalid' })
  })

  it('killed: unreachable; started again: the next collect reads it', async () => {
    const redis = await start()
    await loadSample('bullmq-6.7.0', redis.port)
    const source = open(redis.port)
    expect(queueNamed(await collect(source), 'emails').depth).toBe(3)
    process.kill(redis.pid, 'SIGKILL')
    await expect(collect(source)).rejects.toMatchObject({ code: 'unreachable' })
    await expect(collect(source)).rejects.toMatchObject({ code: 'unreachable' })
    await redis.stop()
    const again = await start({ port: redis.port })
    await loadSample('bullmq-5.81.5', again.port)
    const snapshot = await collect(source)
    expect(queueNamed(snapshot, 'emails').depth).toBe(3)
    expect(snapshot.systems).toMatchObject([{ version: '5.81.5' }])
  })

  it('stopped (SIGSTOP): a time-out within 5 s; continued: the next collect reads it', async () => {
    const redis = await start()
    await loadSample('bullmq-6.7.0', redis.port)
    const source = open(redis.port)
    await collect(source)
    process.kill(redis.pid, 'SIGSTOP')
    const startedMs = performance.now()
    await expect(collect(source)).rejects.toMatchObject({ code: 'timeout' })
    expect(performance.now() - startedMs).toBeLessThan(3_000)
    await expect(collect(source)).rejects.toMatchObject({ code: 'timeout' })
    process.kill(redis.pid, 'SIGCONT')
    expect(queueNamed(await collect(source), 'emails').depth).toBe(3)
  })

  it('held up by a script of somebody else: told so, then read again', async () => {
    const redis = await start({ args: ['--busy-reply-threshold', '20'] })
    const source = open(redis.port)
    await collect(source)
    const killer = redisClient(redis.port)
    await killer.ping()
    const busy = redisClient(redis.port)
    busy.on('error', () => {})
    const running = busy.eval("while redis.call('TIME') do end", 0).catch(() => {})
    const seen = await eventually(async () => {
      const outcome = await collect(source).catch((error: { code: string; message: string }) => error)
      if (!('code' in outcome)) throw new Error('it was read')
      return outcome
    })
    expect(seen).toMatchObject({ code: 'unreachable', message: expect.stringContaining('held up by a script') })
    await killer.call('SCRIPT', 'KILL')
    await running
    await expect(collect(source)).resolves.toMatchObject({ gaps: [] })
    busy.disconnect()
    killer.disconnect()
  })

  it('a connection killed by the server is replaced at the next collect but one', async () => {
    const redis = await start()
    const source = open(redis.port)
    await collect(source)
    const admin = redisClient(redis.port)
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await collect(source).catch(() => {})
    await expect(collect(source)).resolves.toMatchObject({ gaps: [] })
    await admin.quit()
  })

  it('memory near its limit, and a policy that evicts jobs, are alarms', async () => {
    const redis = await start({ args: ['--maxmemory', '1mb', '--maxmemory-policy', 'allkeys-lru'] })
    const [node] = (await collect(open(redis.port))).nodes
    expect(node?.memoryLimitBytes).toBe(1_048_576)
    expect(node?.alarms).toEqual(expect.arrayContaining(['maxmemory-policy allkeys-lru can evict jobs']))
    expect(node?.alarms).toHaveLength(2)
  })

  it('closing ends a collect that is waiting', async () => {
    const server = await silentServer()
    const source = redisSource(server.port)
    const startedMs = performance.now()
    const waiting = collect(source).then(
      () => null,
      (error: unknown) => error,
    )
    await eventually(() => server.open() === 1)
    await source.close()
    expect(await waiting).toMatchObject({ name: 'OpsError' })
    expect(performance.now() - startedMs).toBeLessThan(1_500)
    await eventually(() => server.open() === 0)
    await server.stop()
  })

  it('after close nothing is read any more', async () => {
    const redis = await start()
    const source = redisSource(redis.port)
    await collect(source)
    await source.close()
    await source.close()
    await expect(collect(source)).rejects.toMatchObject({ code: 'closed' })
  })
})
