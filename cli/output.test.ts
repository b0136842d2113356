import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { groupBody, groupList } from '../server/api/group.ts'
import { overviewBody } from '../server/api/overview.ts'
import { queueBody, queueList } from '../server/api/queue.ts'
import { sourceBody } from '../server/api/source.ts'
import { topicBody } from '../server/api/topic.ts'
import * as bodies from '../test/support/api-bodies.ts'
import { runCli } from '../test/support/cli-run.ts'
import { type FakeApi, type Reply, startFakeApi } from '../test/support/fake-api.ts'

const EVIL = bodies.aQueueRow({
  ref: 'redis-main/\x1b[31mevil\x07\n\u202e',
  name: '\x1b[31mevil',
  reasons: ['\x1b]0;owned\x07'],
})
const UNKNOWN = bodies.aQueueRow({
  ref: 'redis-main/quiet',
  depth: null,
  oldestAgeMs: null,
  inPerSecond: null,
  drain: 'unknown',
  drainMs: null,
})
const QUEUES = [
  bodies.aQueueRow({ depth: 77_412 }),
  UNKNOWN,
  EVIL,
  ...Array.from({ length: 447 }, (_, at) => bodies.aQueueRow({ ref: `redis-main/q${at}` })),
]

function reply(path: string): Reply {
  const url = new URL(`http://x${path}`)
  const offset = Number(url.searchParams.get('offset') ?? 0)
  const limit = Number(url.searchParams.get('limit') ?? 100)
  if (limit > 200) return { status: 400, problem: { code: 'bad-request', detail: 'limit is at most 200' } }
  const list = (items: object[]): Reply => ({
    body: { ...bodies.freshness(), total: items.length, offset, items: items.slice(offset, offset + limit) },
  })
  if (url.pathname === '/overview') return { body: bodies.anOverview() }
  if (url.pathname === '/queues') return list(QUEUES)
  if (url.pathname === '/groups') return list([bodies.aGroupRow()])
  if (url.pathname === '/sources') return list([bodies.aSourceRow()])
  if (url.pathname === '/queues/redis-main/emails') return { body: bodies.aQueueBody(QUEUES[0]!) }
  if (url.pathname === '/queues/rabbit-1/a%252Fb')
    return { body: bodies.aQueueBody(bodies.aQueueRow({ ref: 'rabbit-1/a%2Fb' })) }
  if (url.pathname === '/groups/kafka-eu/orders') return { body: bodies.aGroupBody(bodies.aGroupRow()) }
  if (url.pathname === '/topics/kafka-eu/orders.eu') return { body: bodies.aTopicBody(bodies.aTopicRow()) }
  if (url.pathname === '/sources/redis-main') return { body: bodies.aSourceBody(bodies.aSourceRow()) }
  return { status: 404, problem: { code: 'not-found', detail: `nothing at ${path}` } }
}

let api: FakeApi
beforeEach(async () => {
  api = await startFakeApi(reply)
})
afterEach(() => api.close())

const sluice = (argv: string[], more: Parameters<typeof runCli>[1] = {}) => runCli(argv, { server: api.url, ...more })
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a pipe must not get
const ACTIVE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]/

describe('in a pipe', () => {
  const COMMANDS = [
    ['status'],
    ['list', 'queues', '--limit', 'all'],
    ['list', 'groups'],
    ['list', 'sources', '-o', 'wide'],
    ['describe', 'redis-main/emails'],
    ['describe', 'group/kafka-eu/orders'],
    ['describe', 'topic/kafka-eu/orders.eu'],
    ['describe', 'redis-main'],
    ['lag', 'orders', '--by', 'topic'],
    ['lag', 'orders', '--by', 'member'],
  ]
  test.each(
    COMMANDS.flatMap((argv) =>
      ['table', 'plain', 'json', 'jsonl', 'yaml', 'name'].map((output) => [argv, output] as const),
    ),
  )('%j -o %s has no escape sequence, and every line is whole', async (argv, output) => {
    const { code, stdout } = await sluice([...argv.filter((word) => !['-o', 'wide'].includes(word)), '-o', output])
    expect(code).toBe(0)
    expect(stdout).not.toMatch(ACTIVE)
    expect(stdout).toMatch(/\n$/)
  })

  test('a table has tabs, one header, all digits, and a dash for what is unknown', async () => {
    const { stdout } = await sluice(['list', 'queues', '--fields', 'severity,ref,depth,oldestAgeMs', '--limit', '3'])
    expect(stdout).toBe(
      'STATE\tQUEUE\tDEPTH\tOLDEST\nfine\tredis-main/emails\t77412\t1.4s\nfine\tredis-main/quiet\t—\t—\nfine\tredis-main/\\x1b[31mevil\\x07\\n\\u202e\t12\t1.4s\n',
    )
  })

  test('a forced colour is obeyed, and NO_COLOR is', async () => {
    expect((await sluice(['list', 'queues', '--limit', '1'], { tty: true })).stdout).toContain('\x1b[')
    expect(
      (await sluice(['list', 'queues', '--limit', '1'], { tty: true, env: { NO_COLOR: '1' } })).stdout,
    ).not.toContain('\x1b')
    expect(
      (await sluice(['list', 'queues', '--limit', '1'], { tty: true, env: { TERM: 'dumb' } })).stdout,
    ).not.toContain('\x1b')
  })

  test('talk goes to stderr, and -q silences it', async () => {
    const loud = await sluice(['list', 'queues', '--limit', '2'])
    expect(loud.stderr).toMatch(
      /^rabbit-1: last seen .* \(2m08s ago\) · 127\.0\.0\.1:5672: connection refused, next try in 8s\n2 of 450 queues shown: --limit all, or --offset 2 for the next\n$/,
    )
    expect((await sluice(['list', 'queues', '--limit', '2', '-q'])).stderr).toBe('')
  })
})

describe('on a terminal', () => {
  test.each([40, 80, 100, 160])('no line of a table is wider than %d cells, and names stay whole', async (columns) => {
    const { stdout } = await sluice(['list', 'queues', '--limit', '2', '--color', 'never'], { tty: true, columns })
    const lines = stdout.trimEnd().split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
    expect(lines[1]).toContain('redis-main/emails')
    expect(lines[1]).toContain('77.4k')
  })

  test('a name gives way before a figure is cut in two', async () => {
    const { stdout } = await sluice(['list', 'queues', '--limit', '3', '--color', 'never'], { tty: true, columns: 34 })
    const lines = stdout.trimEnd().split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(34)
    expect(lines[1]).toMatch(/redis-main…? .* 77\.4k$/)
  })

  test('--ascii leaves nothing but ASCII', async () => {
    for (const argv of [['status'], ['list', 'queues'], ['describe', 'redis-main/emails'], ['lag']]) {
      const { stdout } = await sluice([...argv, '--ascii', '--color', 'never'], { tty: true })
      expect(stdout).toMatch(/^[\n\x20-\x7e]+$/)
    }
  })

  test('a locale that is not UTF-8 gets ASCII', async () => {
    const { stdout } = await sluice(['status', '--color', 'never'], { tty: true, env: { LANG: 'C' } })
    expect(stdout).toMatch(/^!! 2 problems/)
  })
})

describe('JSON is the body of the API', () => {
  test.each([
    [['status'], overviewBody],
    [['list', 'queues', '--limit', '3'], queueList],
    [['list', 'groups'], groupList],
    [['describe', 'redis-main/emails'], queueBody],
    [['describe', 'queue/redis-main/emails'], queueBody],
    [['describe', 'rabbit-1/a%2Fb'], queueBody],
    [['describe', 'group/kafka-eu/orders'], groupBody],
    [['describe', 'topic/kafka-eu/orders.eu'], topicBody],
    [['describe', 'redis-main'], sourceBody],
    [['lag'], groupList],
  ])('%j', async (argv, schema) => {
    const json = JSON.parse((await sluice([...argv, '--json'])).stdout)
    expect(schema.parse(json)).toEqual(json)
    expect(parse((await sluice([...argv, '-o', 'yaml'])).stdout)).toEqual(json)
  })

  test('an unknown figure is null, never 0', async () => {
    const { items } = JSON.parse((await sluice(['list', 'queues', '--limit', '2', '--json'])).stdout)
    expect(items[1]).toMatchObject({ depth: null, oldestAgeMs: null, inPerSecond: null })
  })

  test('a list longer than the window is read in windows, once each', async () => {
    const { items, total } = JSON.parse((await sluice(['list', 'queues', '--limit', 'all', '--json'])).stdout)
    expect({ rows: items.length, total }).toEqual({ rows: 450, total: 450 })
    expect(api.asked.filter((path) => path.startsWith('/queues'))).toHaveLength(3)
    expect(JSON.parse((await sluice(['list', 'queues', '--limit', '250', '--json'])).stdout).items).toHaveLength(250)
  })

  test('--fields keeps the freshness and cuts the items', async () => {
    const json = JSON.parse(
      (await sluice(['list', 'queues', '--limit', '2', '--json', '--fields', 'ref,depth'])).stdout,
    )
    expect(json.sources).toHaveLength(3)
    expect(json.items).toEqual([
      { ref: 'redis-main/emails', depth: 77_412 },
      { ref: 'redis-main/quiet', depth: null },
    ])
  })

  test('jsonl is one item a line, name one reference a line', async () => {
    const lines = (await sluice(['list', 'queues', '--limit', '3', '-o', 'jsonl'])).stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).ref)).toEqual(QUEUES.slice(0, 3).map(({ ref }) => ref))
    expect((await sluice(['list', 'queues', '--limit', '2', '-o', 'name'])).stdout).toBe(
      'redis-main/emails\nredis-main/quiet\n',
    )
  })
})

test('flags stand before or after the command', async () => {
  const after = await sluice(['list', 'queues', '--limit', '2', '-o', 'name'])
  expect(await sluice(['-o', 'name', 'list', '--limit', '2', 'queues'])).toEqual(after)
})

test('a filter, an order and a window are the ones of the API', async () => {
  await sluice([
    'list',
    'queues',
    '--filter',
    '*-mail',
    '--source',
    'redis-main',
    '--system',
    'bullmq',
    '--faults',
    '--sort',
    '-depth',
    '--limit',
    '7',
    '--offset',
    '20',
  ])
  expect(api.asked).toEqual([
    '/queues?filter=*-mail&source=redis-main&system=bullmq&severity=faults&sort=-depth&offset=20&limit=7',
  ])
})

test('a server under a base path is asked there', async () => {
  const based = await startFakeApi(reply, { base: '/ops/q' })
  for (const server of [based.url, `${based.url}/`]) expect((await runCli(['status'], { server })).code).toBe(0)
  await based.close()
})

test('lag cut by member finds the one that does nothing', async () => {
  const { stdout } = await sluice([
    'lag',
    'kafka-eu/orders',
    '--by',
    'member',
    '--fields',
    'member,partitions,lag,unknown',
  ])
  expect(stdout).toBe(
    'MEMBER\tPARTITIONS\tLAG RECORDS\tUNKNOWN\nmailer-3\t1\t310114\t0\nmailer-1\t1\t120\t0\n·\t1\t—\t1\nidle-9\t0\t—\t0\n',
  )
})

describe('--watch', () => {
  test('a pipe gets one body a line for each change, until it is interrupted', async () => {
    const interrupt = new AbortController()
    let lines = 0
    const { code, stdout } = await sluice(['list', 'queues', '--limit', '2', '-o', 'jsonl', '--watch=1ms'], {
      interrupt: interrupt.signal,
      onWrite: () => {
        lines++
        if (lines < 3) api.publish()
        else interrupt.abort()
      },
    })
    expect(code).toBe(130)
    for (const line of stdout.trimEnd().split('\n')) expect(queueList.parse(JSON.parse(line)).items).toHaveLength(2)
    expect(api.followers()).toBe(0)
  })

  test('a terminal is repainted in place, and a lost stream is said and polled', async () => {
    const interrupt = new AbortController()
    let frames = 0
    const { stdout } = await sluice(['list', 'queues', '--limit', '2', '--watch=1ms'], {
      tty: true,
      interrupt: interrupt.signal,
      onWrite: (text) => {
        frames++
        if (frames === 1) api.drop()
        if (text.includes('live updates lost')) interrupt.abort()
      },
    })
    expect(stdout).toContain('\x1b[5A\r')
    expect(stdout).not.toContain('\x1b[3J')
    expect(stdout).not.toContain('\x1b[?1049h')
  })
})
