import { beforeEach, describe, expect, it } from 'vitest'
import { request } from '../../../test/support/raw-resp.ts'
import { startEngine, type TestEngine } from '../../../test/support/redis-engine.ts'
import { encode } from './encode.ts'
import { PushReply, type Reply } from './reply.ts'

let engine: TestEngine

beforeEach(() => {
  engine = startEngine()
})

const two = (...items: readonly Reply[]) => encode(new PushReply(items), 2)
const three = (...items: readonly Reply[]) => encode(new PushReply(items), 3)

describe('a subscriber', () => {
  it('hears its channels and its patterns, in RESP2 as arrays and in RESP3 as pushes', async () => {
    const [old, modern, other] = [engine.connect(), engine.connect(), engine.connect()]
    await modern.ask('HELLO', '3')
    expect(await old.ask('SUBSCRIBE', 'news', 'mail')).toBe(two('subscribe', 'news', 1) + two('subscribe', 'mail', 2))
    expect(await modern.ask('PSUBSCRIBE', 'n*s')).toBe(three('psubscribe', 'n*s', 1))
    expect(await other.ask('PUBLISH', 'news', 'x')).toBe(':2\r\n')
    expect(await old.heard()).toBe(two('message', 'news', 'x'))
    expect(await modern.heard()).toBe(three('pmessage', 'n*s', 'news', 'x'))
    expect(await other.ask('PUBLISH', 'nobody', 'x')).toBe(':0\r\n')
  })

  it('hears messages in the order in which they were sent, also its own', async () => {
    const client = engine.connect()
    await client.ask('HELLO', '3')
    await client.ask('SUBSCRIBE', 'c')
    const heard = await client.say(request('PUBLISH', 'c', '1') + request('PUBLISH', 'c', '2'))
    expect(heard).toBe(`${three('message', 'c', '1')}:1\r\n${three('message', 'c', '2')}:1\r\n`)
  })

  it('of RESP2 may only say what a subscriber may', async () => {
    const client = engine.connect()
    await client.ask('SUBSCRIBE', 'c')
    expect(await client.ask('GET', 'k')).toBe(
      "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n",
    )
    expect(await client.ask('PING')).toBe(encode(['pong', ''], 2))
    expect(await client.ask('UNSUBSCRIBE')).toBe(two('unsubscribe', 'c', 0))
    expect(await client.ask('GET', 'k')).toBe('$-1\r\n')
  })

  it('is answered once for each name it leaves, and once when there is none', async () => {
    const client = engine.connect()
    expect(await client.ask('UNSUBSCRIBE')).toBe(two('unsubscribe', null, 0))
    await client.ask('SUBSCRIBE', 'a', 'b')
    expect(await client.ask('UNSUBSCRIBE', 'x', 'a')).toBe(two('unsubscribe', 'x', 2) + two('unsubscribe', 'a', 1))
    expect(await client.ask('PUNSUBSCRIBE')).toBe(two('punsubscribe', null, 1))
  })

  it('is counted, and forgotten with its connection', async () => {
    const [client, other] = [engine.connect(), engine.connect()]
    await client.say(request('SUBSCRIBE', 'a') + request('PSUBSCRIBE', 'b*') + request('SSUBSCRIBE', 's'))
    expect(await other.ask('PUBSUB', 'NUMSUB', 'a', 'x')).toBe(encode(['a', 1, 'x', 0], 2))
    expect(await other.ask('PUBSUB', 'CHANNELS')).toBe(encode(['a'], 2))
    expect(await other.ask('PUBSUB', 'NUMPAT')).toBe(':1\r\n')
    expect(await other.ask('SPUBLISH', 's', 'm')).toBe(':1\r\n')
    client.leave()
    await other.heard()
    expect(await other.ask('PUBLISH', 'a', 'm')).toBe(':0\r\n')
    expect(await other.ask('PUBSUB', 'NUMPAT')).toBe(':0\r\n')
  })
})
