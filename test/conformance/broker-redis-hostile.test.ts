/** The embedded engine as a process of its own, among clients that mean it no good: it stands, stays small and serves others. */
import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seeded } from '../../server/domain/seeded.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { request } from '../support/raw-resp.ts'
import { redisClient } from '../support/redis.ts'

let redis: StartedRedis
let good: Redis

beforeAll(async () => {
  redis = await startRedis({ engine: 'embedded' })
  good = redisClient(redis.port)
  await good.set('kept', 'yes')
})
afterAll(async () => {
  good.disconnect()
  await redis.stop()
})

async function residentMb(): Promise<number> {
  const [, pages] = (await readFile(`/proc/${redis.pid}/statm`, 'utf8')).split(' ')
  return (Number(pages) * 4_096) / 1e6
}

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(redis.port, '127.0.0.1')
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
    socket.on('error', () => {})
  })
}

/** What comes back until the server closes, or for `ms` at most. */
async function said(bytes: string | Buffer, ms = 1_000): Promise<{ text: string; isClosed: boolean }> {
  const socket = await open()
  let text = ''
  socket.on('data', (chunk) => {
    if (text.length < 10_000) text += chunk.toString('latin1')
  })
  const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)))
  socket.write(bytes)
  const isClosed = await Promise.race([closed, delay(ms, false)])
  socket.destroy()
  return { text, isClosed }
}

/** Others are served, at once. */
async function isWell(): Promise<void> {
  const startedMs = performance.now()
  expect(await good.get('kept')).toBe('yes')
  expect(performance.now() - startedMs).toBeLessThan(2_000)
}

test.each([
  ['a bulk of 2 GB', '*1\r\n$2147483647\r\n', /^-ERR Protocol error: invalid bulk length/],
  ['an array of a billion', '*1000000000\r\n', /^-ERR Protocol error: invalid multibulk length/],
  ['a negative bulk', '*1\r\n$-5\r\n', /^-ERR Protocol error: invalid bulk length/],
  ['no bulk at all', '*1\r\n:5\r\n', /^-ERR Protocol error: expected '\$', got ':'/],
  ['arrays in arrays, 100,000 deep', '*1\r\n'.repeat(100_000), /^-ERR Protocol error: expected '\$', got '\*'/],
  ['a line of 1 MB without an end', 'A'.repeat(1_000_000), /^-ERR Protocol error: too big inline request/],
])('%s: a named error within a second, and the door', async (_, bytes, error) => {
  const before = await residentMb()
  const { text, isClosed } = await said(bytes)
  expect(text).toMatch(error)
  expect(isClosed).toBe(true)
  expect((await residentMb()) - before).toBeLessThan(60)
  await isWell()
})

test('ten thousand mutated requests over two hundred connections: nothing falls over, nothing grows', async () => {
  const random = seeded(20_261_121)
  const before = await residentMb()
  const commands = [
    request('SET', 'm', 'v', 'EX', '10'),
    request('ZADD', 'z', '1', 'a', '2', 'b'),
    request('XADD', 's', '*', 'f', 'v'),
    request('EVAL', 'return redis.call("get", KEYS[1])', '1', 'm'),
    request('HELLO', '3'),
    request('SORT', 'l', 'BY', 'w_*', 'GET', '#'),
  ]
  for (let n = 0; n < 200; n += 1) {
    const socket = await open()
    socket.resume()
    for (let at = 0; at < 50; at += 1) {
      const bytes = Buffer.from(commands[Math.floor(random() * commands.length)] ?? '', 'latin1')
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      socket.write(bytes)
    }
    await new Promise((resolve) => socket.end(() => resolve(null)))
    socket.destroy()
  }
  await isWell()
  expect((await residentMb()) - before).toBeLessThan(150)
})

test.each([
  ['an endless loop', 'while true do end', /killed: it ran longer than/],
  ['an endless loop inside pcall', 'while true do pcall(function() while true do end end) end', /ran longer than/],
  [
    'an endless loop in a metamethod',
    'return setmetatable({}, {__index=function() while true do end end}).x',
    /ran longer than/,
  ],
  [
    'a pattern that backtracks',
    'return string.find(string.rep("a", 30000), string.rep("a*", 300) .. "b")',
    /longer|complex/i,
  ],
  [
    'a long row of slow commands',
    'for n = 1, 500 do local t = {} for i = 1, 1000 do t[i] = "x" end redis.call("rpush", "slow", unpack(t)) end ' +
      'for n = 1, 8000 do redis.call("lpos", "slow", "y") end',
    /killed: it ran longer than/,
  ],
  ['a string bomb', 'local s = "x" while true do s = s .. s end', /memory/i],
  ['string.rep of 10 GB', 'return #string.rep("x", 10000000000)', /memory|too large|overflow/i],
  ['a table bomb', 'local t = {} while true do t[#t + 1] = {} end', /memory|longer/i],
  ['recursion without end', 'local function f() return 1 + f() end return f()', /stack overflow/i],
  ['os.execute', 'return os.execute("true")', /attempt to (call|index)|nonexistent global/i],
])(
  'a script that is %s ends with an error, and the next command is answered',
  { timeout: 30_000 },
  async (_, lua, error) => {
    const client = redisClient(redis.port)
    const before = await residentMb()
    await expect(client.eval(lua, 0)).rejects.toThrow(error)
    client.disconnect()
    await isWell()
    expect((await residentMb()) - before).toBeLessThan(400)
  },
)

test('a client that asks for much and never reads is dropped, and costs little until then', async () => {
  await good.set('big', 'x'.repeat(100_000))
  const before = await residentMb()
  const deaf = await open()
  deaf.pause()
  const request = '*2\r\n$3\r\nGET\r\n$3\r\nbig\r\n'.repeat(1_000)
  for (let n = 0; n < 20; n += 1) deaf.write(request)
  await delay(1_000)
  await isWell()
  expect((await residentMb()) - before).toBeLessThan(150)
  deaf.destroy()
})

test('five thousand idle connections: they are held, counted and cost little; others are served', async () => {
  const before = await residentMb()
  const idle: Socket[] = []
  try {
    for (let n = 0; n < 50; n += 1) idle.push(...(await Promise.all(Array.from({ length: 100 }, open))))
    await eventually(async () => expect(await good.info('clients')).toMatch(/connected_clients:500\d/))
    await isWell()
    expect((await residentMb()) - before).toBeLessThan(200)
  } finally {
    for (const socket of idle) socket.destroy()
  }
  await eventually(async () => expect(await good.info('clients')).toMatch(/connected_clients:1\b/))
})
