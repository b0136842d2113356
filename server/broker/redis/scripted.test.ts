import { beforeEach, describe, expect, it } from 'vitest'
import { startEngine, type TestClient, type TestEngine } from '../../../test/support/redis-engine.ts'
import { createScriptEngine } from './lua/script-engine.ts'

let engine: TestEngine
let client: TestClient

beforeEach(() => {
  const scripts = createScriptEngine({ timeLimitMs: 5_000, memoryLimitBytes: 64_000_000, cachedScripts: 10 })
  engine = startEngine({ scripts })
  client = engine.connect()
})

describe('a script above maxmemory', () => {
  beforeEach(() => {
    engine.engine.isOverMemory = true
  })

  it('is refused what adds while it has written nothing, whatever it has read or was refused', async () => {
    const script =
      "redis.call('get', 'k') redis.pcall('del') redis.pcall('set', 'k', '0') return redis.call('set', 'k', '1')"
    expect(await client.ask('EVAL', script, '0')).toMatch(/^-OOM command not allowed when used memory > 'maxmemory'\. /)
  })

  it('goes on to its end once it has written', async () => {
    const script = "redis.call('del', 'none') redis.call('set', 'a', '1') return redis.call('set', 'b', '1')"
    expect(await client.ask('EVAL', script, '0')).toBe('+OK\r\n')
  })

  it('is judged anew each time', async () => {
    await client.ask('EVAL', "return redis.call('del', 'none')", '0')
    expect(await client.ask('EVAL', "return redis.call('set', 'k', '1')", '0')).toMatch(/^-OOM /)
  })
})
