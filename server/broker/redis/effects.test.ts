import { beforeEach, describe, expect, it } from 'vitest'
import { request } from '../../../test/support/raw-resp.ts'
import { startEngine, type TestEngine } from '../../../test/support/redis-engine.ts'
import type { Effect, Journal } from './journal-port.ts'

/** Keeps frames, and can refuse, or let answers wait. */
class KeptFrames implements Journal {
  readonly frames: (readonly Effect[])[] = []
  refusal: string | null = null
  readonly figures = {
    ...{ lastSaveAtMs: 0, lastSaveOk: true, isSaving: false, changesSinceSave: 0, journalBytes: 0, lastWriteOk: true },
  }
  waiting: Promise<void> | null = null
  /** So many frames were written. */
  written = 0

  append(frame: readonly Effect[]): void {
    this.frames.push(frame)
  }
  flushed(): Promise<void> | null {
    this.written = this.frames.length
    return this.waiting
  }
  beforeChange(): void {}
  compact(): Promise<void> | null {
    return null
  }
  async close(): Promise<void> {}
}

let engine: TestEngine
let kept: KeptFrames

beforeEach(() => {
  engine = startEngine()
  kept = new KeptFrames()
  engine.engine.journal = kept
})

/** The frames, each as lines. */
function frames(): readonly string[][] {
  return kept.frames.map((frame) => frame.map(({ db, args }) => `${db} ${args.join(' ')}`))
}

describe('the journal is given', () => {
  it('what changed, one frame for a command, and nothing for one that changed nothing', async () => {
    const client = engine.connect()
    for (const line of ['SET k v', 'GET k', 'DEL none', 'SADD s a', 'SADD s a', 'LPUSH k x'])
      await client.ask(...line.split(' '))
    expect(frames()).toEqual([['0 SET k v'], ['0 SADD s a']])
  })

  it('absolute times, and a removal when the time is over', async () => {
    const client = engine.connect()
    const nowMs = engine.clock.nowMs()
    await client.ask('SET', 'k', 'v')
    await client.ask('PEXPIRE', 'k', '500')
    engine.pass(300)
    await client.ask('EXPIRE', 'k', '-1')
    await client.ask('SET', 'l', 'v', 'PX', '200')
    engine.pass(1_000)
    const atMs = nowMs + 500
    expect(frames()).toEqual([
      ['0 SET k v'],
      [`0 PEXPIREAT k ${atMs}`],
      ['0 DEL k'],
      [expect.stringMatching(new RegExp(`^0 SET l v PXAT ${nowMs + 500}$`))],
      ['0 DEL l'],
    ])
  })

  it('the end of a key before the one that takes its name, which lives on', async () => {
    const client = engine.connect()
    await client.ask('SET', 'k', 'a', 'PX', '5')
    engine.clock.advance(7)
    expect(await client.ask('SET', 'k', 'b', 'KEEPTTL')).toBe('+OK\r\n')
    expect(await client.say(request('GET', 'k') + request('TTL', 'k'))).toBe('$1\r\nb\r\n:-1\r\n')
    expect(frames().slice(1)).toEqual([['0 DEL k', '0 SET k b KEEPTTL']])
  })

  it('a transaction as one frame, with its databases', async () => {
    const client = engine.connect()
    const steps = ['MULTI', 'SET a 1', 'SELECT 2', 'INCR n', 'GET n', 'EXEC']
    await client.say(steps.map((step) => request(...step.split(' '))).join(''))
    expect(frames()).toEqual([['0 SET a 1', '2 INCR n']])
  })

  it('what a waiting client took, as a frame of its own after that of the push', async () => {
    const [client, other] = [engine.connect(), engine.connect()]
    await client.ask('BLPOP', 'l', '0')
    await other.ask('RPUSH', 'l', 'a', 'b')
    expect(frames()).toEqual([['0 RPUSH l a b'], [expect.stringMatching(/^0 LPOP l/)]])
  })

  it('nothing that another run would do otherwise', async () => {
    const client = engine.connect()
    await client.ask('SADD', 's', 'a', 'b', 'c')
    await client.ask('SPOP', 's')
    await client.ask('XADD', 'x', '*', 'f', 'v')
    await client.ask('INCRBYFLOAT', 'n', '0.5')
    const words = frames()
      .flat()
      .map((line) => line.split(' ')[1])
    expect(words).not.toContain('SPOP')
    expect(words).not.toContain('INCRBYFLOAT')
    expect(frames()[2]?.[0]).not.toContain('*')
  })
})

it('what was kept, done again in another engine, makes the same keys', async () => {
  const client = engine.connect()
  const lines = [
    ...[
      'SET a 1',
      'INCR a',
      'APPEND a 0',
      'LPUSH l 1 2 3',
      'RPOP l',
      'HSET h a 1 b 2',
      'HINCRBY h a 5',
      'SADD s x y z',
      'SPOP s',
    ],
    ...['ZADD z 1 a 2 b', 'ZPOPMIN z', 'XADD x * f v', 'EXPIRE a 1000', 'RENAME l m', 'COPY h i', 'SETBIT bits 7 1'],
    ...['MOVE bits 1', 'SWAPDB 0 3', 'SELECT 3', 'SET after swap', 'GETDEL after', 'SET e v EX 5', 'PERSIST e'],
  ]
  for (const line of lines) await client.ask(...line.split(' '))
  const again = startEngine()
  for (const frame of kept.frames) again.engine.replay(frame)
  const content = async (one: TestEngine) => {
    const reader = one.connect()
    const texts: string[] = []
    for (const db of [0, 1, 3]) {
      await reader.ask('SELECT', String(db))
      const keys = [...(one.engine.dbs[db]?.keys() ?? [])].toSorted()
      for (const key of keys)
        texts.push(`${db} ${key} ${await reader.ask('PEXPIRETIME', key)} ${await reader.ask('DUMP', key)}`)
    }
    return texts
  }
  expect(await content(again)).toEqual(await content(engine))
})

it('a journal that refuses makes writes fail in its words, and leaves reads alone', async () => {
  const client = engine.connect()
  await client.ask('SET', 'k', 'v')
  kept.refusal = 'MISCONF the disk is full'
  expect(await client.ask('SET', 'k', 'w')).toBe('-MISCONF the disk is full\r\n')
  expect(await client.ask('GET', 'k')).toBe('$1\r\nv\r\n')
})

it('a journal that refuses ends a transaction that would write, and leaves one that reads alone', async () => {
  const [client, other] = [engine.connect(), engine.connect()]
  await client.say(request('MULTI') + request('GET', 'k') + request('SET', 'k', 'v'))
  await other.say(request('MULTI') + request('GET', 'k'))
  kept.refusal = 'MISCONF the disk is full'
  expect(await client.say(request('EXEC') + request('GET', 'k'))).toBe(
    '-EXECABORT Transaction discarded because of: MISCONF the disk is full\r\n$-1\r\n',
  )
  expect(await other.ask('EXEC')).toBe('*1\r\n$-1\r\n')
  expect(frames()).toEqual([])
})

it('what nobody is answered for is written too, and a failure of that harms nobody', async () => {
  const client = engine.connect()
  await client.say(request('CLIENT', 'REPLY', 'OFF') + request('SET', 'k', 'v', 'PX', '50'))
  expect([kept.frames.length, kept.written]).toEqual([1, 1])
  engine.pass(1_000)
  expect([kept.frames.length, kept.written]).toEqual([2, 2])
  kept.waiting = Promise.reject(new Error('no space'))
  await client.ask('SET', 'k', 'v')
  expect([kept.frames.length, kept.written, client.isClosed]).toEqual([3, 3, false])
})

describe('answers that wait for the disk', () => {
  it('leave together once it is synced, in order', async () => {
    const client = engine.connect()
    let synced: () => void = () => {}
    kept.waiting = new Promise((resolve) => {
      synced = resolve
    })
    expect(await client.say(request('SET', 'k', 'v') + request('GET', 'k'))).toBe('')
    expect(await client.ask('PING')).toBe('')
    kept.waiting = null
    synced()
    expect(await client.heard()).toBe('+OK\r\n$1\r\nv\r\n+PONG\r\n')
  })

  it('wait for their own sync, not for one that began before them', async () => {
    const [client, other] = [engine.connect(), engine.connect()]
    const syncs: (() => void)[] = []
    const nextSync = () => {
      kept.waiting = new Promise((resolve) => syncs.push(resolve))
    }
    nextSync()
    expect(await client.say(request('SET', 'k', 'v') + request('BLPOP', 'l', '0') + request('QUIT'))).toBe('')
    nextSync()
    expect(await other.ask('RPUSH', 'l', 'x')).toBe('')
    syncs[0]?.()
    expect(await client.heard()).toBe('+OK\r\n')
    syncs[1]?.()
    expect(await client.heard()).toBe('*2\r\n$1\r\nl\r\n$1\r\nx\r\n+OK\r\n')
    expect(client.isClosed).toBe(true)
    expect(await other.heard()).toBe(':1\r\n')
  })

  it('that came in between are sent before the connection ends', async () => {
    const [client, other] = [engine.connect(), engine.connect()]
    const syncs: (() => void)[] = []
    kept.waiting = new Promise((resolve) => syncs.push(resolve))
    await client.say(request('SUBSCRIBE', 'c'))
    kept.waiting = null
    await other.ask('PUBLISH', 'c', 'm')
    await other.ask('CLIENT', 'KILL', 'ID', '1')
    syncs[0]?.()
    expect(await client.heard()).toMatch(/subscribe.*message/s)
    expect(client.isClosed).toBe(true)
  })

  it('never leave when it cannot be synced', async () => {
    const client = engine.connect()
    kept.waiting = Promise.reject(new Error('no space'))
    expect(await client.ask('SET', 'k', 'v')).toBe('')
    expect(client.isClosed).toBe(true)
  })
})
