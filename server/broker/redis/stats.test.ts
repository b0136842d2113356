import { beforeEach, describe, expect, it } from 'vitest'
import { request } from '../../../test/support/raw-resp.ts'
import { startEngine, type TestClient, type TestEngine } from '../../../test/support/redis-engine.ts'

let engine: TestEngine
let client: TestClient

beforeEach(() => {
  engine = startEngine()
  client = engine.connect()
})

describe('instantaneous_ops_per_sec', () => {
  const rate = async () => /instantaneous_ops_per_sec:(\d+)/.exec(await client.ask('INFO', 'stats'))?.[1]

  it('is how many commands a second ran lately, whoever sent them', async () => {
    engine.pass(1_000)
    for (let n = 0; n < 100; n++) await client.ask('SET', 'k', String(n))
    await client.say(`${request('MULTI')}${request('GET', 'k').repeat(97)}${request('EXEC')}`)
    engine.pass(2_000)
    expect(await rate()).toBe('100')
  })

  it('begins anew with CONFIG RESETSTAT, which is the first to count', async () => {
    for (let n = 0; n < 50; n++) await client.ask('SET', 'k', String(n))
    engine.pass(1_000)
    await client.ask('CONFIG', 'RESETSTAT')
    engine.pass(1_000)
    expect(await rate()).toBe('1')
  })
})

describe('a password', () => {
  const requests: readonly (readonly [request: string, shown: string])[] = [
    ['AUTH s3cret', 'AUTH (redacted)'],
    ['AUTH default s3cret', 'AUTH (redacted) (redacted)'],
    ['HELLO 2 SETNAME auth Auth default s3cret', 'HELLO 2 SETNAME auth Auth (redacted) (redacted)'],
    ['ACL SETUSER bob on >s3cret', 'ACL SETUSER (redacted) (redacted) (redacted)'],
    ['CONFIG SET maxclients 100 RequirePass s3cret', 'CONFIG SET maxclients 100 RequirePass (redacted)'],
  ]

  it.each(requests)('is not in SLOWLOG: %s', async (line, shown) => {
    await client.ask('CONFIG', 'SET', 'slowlog-log-slower-than', '0')
    await client.ask(...line.split(' '))
    expect(engine.engine.stats.slow.map(({ args }) => args.join(' '))).toContain(shown)
    expect(JSON.stringify(engine.engine.stats.slow)).not.toContain('s3cret')
  })

  it.each(requests)('is not shown by MONITOR: %s', async (line) => {
    const monitor = engine.connect()
    await monitor.ask('MONITOR')
    await client.ask(...line.split(' '))
    await client.ask('GET', 'k')
    const heard = await monitor.heard()
    expect(heard).toContain('"GET" "k"')
    expect(heard).not.toContain('s3cret')
  })

  it('is told to MONITOR as redacted, where Redis tells of the request', async () => {
    const monitor = engine.connect()
    await monitor.ask('MONITOR')
    await client.ask('AUTH', 's3cret')
    expect(await monitor.heard()).toContain('"AUTH" "(redacted)"\r\n')
  })
})
