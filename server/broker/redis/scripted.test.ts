import { beforeEach, describe, expect, it } from 'vitest'
import { startEngine, type TestClient, type TestEngine } from '../../../test/support/redis-engine.ts'
import { collectGarbage, usedBytes } from './garbage.ts'
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

describe('a small part of a large text', () => {
  const pieces: Readonly<Record<string, string>> = {
    'string.sub': 'string.sub(ARGV[1], 2, 21)',
    GETRANGE: "redis.call('set', 'all', ARGV[1]) and redis.call('getrange', 'all', 1, 20)",
    'string.sub of string.sub': 'string.sub(string.sub(ARGV[1], 1, 600000), 2, 21)',
    'string.match': "string.match(ARGV[1], ('.'):rep(20))",
    'string.find': "select(3, string.find(ARGV[1], '(' .. ('.'):rep(20) .. ')'))",
    'string.gmatch': "string.gmatch(ARGV[1], ('.'):rep(20))()",
    'string.gsub': "string.gsub(ARGV[1], '^(' .. ('.'):rep(20) .. ').*$', '%1')",
    'string.format': "string.format('%.20s', ARGV[1])",
    'cmsgpack.unpack': "cmsgpack.unpack(cmsgpack.pack({string.rep('b', 20), ARGV[1]}))[1]",
    'struct.unpack': "struct.unpack('c20', ARGV[1])",
    'struct.unpack of a string': "struct.unpack('s', string.rep('c', 20) .. '\\0' .. ARGV[1])",
    'cjson.decode': "cjson.decode('[\"' .. string.rep('d', 20) .. '\",\"' .. ARGV[1] .. '\"]')[1]",
  }
  it.each(Object.entries(pieces))('by %s does not keep all of it alive', async (_, piece) => {
    const script = `local part = ${piece} redis.call('set', KEYS[1], part) return #part`
    const large = 'x'.repeat(1_000_000)
    await client.ask('EVAL', script, '1', 'k', large)
    collectGarbage()
    const before = usedBytes()
    for (let n = 0; n < 20; n++) expect(await client.ask('EVAL', script, '1', `k${n}`, `${large}${n}`)).toBe(':20\r\n')
    collectGarbage()
    expect(usedBytes() - before).toBeLessThan(10_000_000)
  })
})

it.each([
  ["'xread', 'block', 'x', 'streams', 's'", 'xread'],
  ["'XREADGROUP', 'group', 'g', 'c', 'BLOCK', '0', 'streams', 's', '>'", 'XREADGROUP'],
])('a script that would wait by %s is told that it must not', async (words, name) => {
  const told = `-ERR ${name} command is not allowed with BLOCK option from scripts`
  expect(await client.ask('EVAL', `return redis.pcall(${words})`, '0')).toBe(`${told}\r\n`)
})

describe('the first line of a script', () => {
  const noWrites = '#!lua flags=no-writes\n'
  const refused = 'ERR Write commands are not allowed from read-only scripts.'

  it('that says it writes nothing is held to it, until it has another text', async () => {
    for (const write of ["'set', 'k', 'v'", "'del', 'k'", "'publish', 'c', 'm'", "'spublish', 'c', 'm'"]) {
      expect(await client.ask('EVAL', `${noWrites}return redis.pcall(${write})`, '0')).toBe(`-${refused}\r\n`)
    }
    expect(await client.ask('EVAL', `${noWrites}return redis.call('get', 'k')`, '0')).toBe('$-1\r\n')
    expect(await client.ask('EVAL', "#!lua\nreturn redis.call('set', 'k', 'v')", '0')).toBe('+OK\r\n')
  })

  it('counts for EVALSHA too', async () => {
    const [, sha = ''] = (await client.ask('SCRIPT', 'LOAD', `${noWrites}return redis.pcall('set', 'k', 'v')`)).split(
      '\r\n',
    )
    expect(await client.ask('EVALSHA', sha, '0')).toBe(`-${refused}\r\n`)
  })

  it('must say that it writes nothing for EVAL_RO, which a script without one need not', async () => {
    const told = '-ERR Can not execute a script with write flag using *_ro command.\r\n'
    expect(await client.ask('EVAL_RO', '#!lua\nreturn 1', '0')).toBe(told)
    expect(await client.ask('EVAL_RO', '#!lua flags=allow-oom\nreturn 1', '0')).toBe(told)
    expect(await client.ask('EVAL_RO', `${noWrites}return 1`, '0')).toBe(':1\r\n')
    expect(await client.ask('EVAL_RO', 'return 1', '0')).toBe(':1\r\n')
    expect(await client.ask('EVAL_RO', "return redis.pcall('publish', 'c', 'm')", '0')).toBe(`-${refused}\r\n`)
  })

  it('decides whether it runs above maxmemory, and may add there', async () => {
    engine.engine.isOverMemory = true
    expect(await client.ask('EVAL', '#!lua\nreturn 1', '0')).toBe(
      "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
    )
    expect(await client.ask('EVAL', `${noWrites}return 1`, '0')).toBe(':1\r\n')
    expect(await client.ask('EVAL', "#!lua flags=allow-oom\nreturn redis.call('set', 'k', 'v')", '0')).toBe('+OK\r\n')
    expect(await client.ask('EVAL', 'return 1', '0')).toBe(':1\r\n')
  })
})
