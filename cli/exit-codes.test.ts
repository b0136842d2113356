import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import * as bodies from '../test/support/api-bodies.ts'
import { runCli } from '../test/support/cli-run.ts'
import { type FakeApi, type Reply, startFakeApi } from '../test/support/fake-api.ts'
import { CliFailure, EXIT } from './exit.ts'

let api: FakeApi | null = null
async function serving(reply: (path: string) => Reply): Promise<string> {
  api = await startFakeApi(reply)
  return api.url
}
afterEach(async () => {
  await api?.close()
  api = null
})

const problem = (status: number, more: object = {}): Reply => ({
  status,
  problem: { code: 'internal', detail: 'because', ...more },
})
const overview = (more: Parameters<typeof bodies.anOverview>[0]): Reply => ({ body: bodies.anOverview(more) })
const FINE = { severity: 'fine', sentence: 'All clear', problems: 0 } as const
const LIVE = bodies.freshness([bodies.aSourceAge()])
const sources: Reply = { body: { ...LIVE, total: 1, offset: 0, items: [bodies.aSourceRow()] } }
const groups = (...items: ReturnType<typeof bodies.aGroupRow>[]): Reply => ({
  body: { ...bodies.freshness([bodies.KAFKA_AGE]), total: items.length, offset: 0, items },
})

describe('0 and 10: a condition ends with 10 only under --exit-code', () => {
  test.each([
    ['all is clear', overview({ verdict: FINE, ...LIVE }), 0],
    ['something burns', overview(LIVE), 10],
    ['something burns, and a source is unknown', overview({}), 10],
    [
      'all that can be seen is fine, and a source is unknown',
      overview({ verdict: { ...FINE, severity: 'unknown' } }),
      7,
    ],
  ])('status when %s', async (_, reply, code) => {
    const server = await serving((path) => (path.startsWith('/sources') ? sources : reply))
    expect((await runCli(['status'], { server })).code).toBe(0)
    expect((await runCli(['status', '--exit-code'], { server })).code).toBe(code)
  })

  test.each([
    [['--max', '10k'], 9_999, 60_000, 0],
    [['--max', '10k'], 10_001, 60_000, 10],
    [['--max', '5m'], 10, 300_001, 10],
    [['--max', '5m'], 10, 300_000, 0],
    [['--max', '5m'], 10, null, 7],
    [['--max', '10k'], null, 0, 7],
  ])('lag %s of a group %s records and %s ms behind', async (args, lag, lagMs, code) => {
    const server = await serving(() => groups(bodies.aGroupRow({ lag, lagMs })))
    expect((await runCli(['lag', ...args], { server })).code).toBe(0)
    expect((await runCli(['lag', ...args, '--exit-code'], { server })).code).toBe(code)
  })

  test('lag of a stale source cannot be told, whatever its last values were', async () => {
    const server = await serving(() => groups(bodies.aGroupRow({ severity: 'unknown', lag: 5 })))
    expect((await runCli(['lag', '--max', '10k', '--exit-code'], { server })).code).toBe(7)
  })
})

describe('2: usage, and nothing was asked of the server', () => {
  test.each([
    [['lst'], 'did you mean list?'],
    [['list'], 'kind'],
    [['list', 'queus'], 'did you mean queues?'],
    [['list', 'queues', '--sort', 'dept'], 'did you mean depth?'],
    [['list', 'queues', '--fields', 'ref,dept'], 'did you mean depth?'],
    [['list', 'queues', '--limit', '0'], '--limit'],
    [['list', 'queues', '--severity', 'bad'], '--severity'],
    [['list', 'queues', '--faults', '--severity', 'fine'], 'exclude'],
    [['list', 'queues', '--watch', '-o', 'json'], 'jsonl'],
    [['list', 'queues', '--watch=soon'], '--watch'],
    [['list', 'queues', '--nonsense'], '--nonsense'],
    [['status', '-o', 'xml'], 'expected one of'],
    [['status', '--json', '-o', 'yaml'], 'exclude'],
    [['status', '--server', 'localhost:7380'], 'http://host:port'],
    [['describe', 'job-class/redis-main/Mailer'], 'not a reference'],
    [['lag', '--max', 'much'], '--max'],
    [['top'], 'needs a terminal'],
    [['serve', '--port', '99999'], '--port'],
  ])('%j', async (argv, said) => {
    const server = await serving(() => problem(500))
    const { code, stdout, stderr } = await runCli(argv, { server })
    expect({ code, stdout, asked: api?.asked }).toEqual({ code: 2, stdout: '', asked: [] })
    expect(stderr).toContain(said)
  })
})

describe('what the server answers', () => {
  test.each([
    [400, 2],
    [401, 4],
    [403, 4],
    [404, 5],
    [409, 8],
    [422, 6],
    [429, 1],
    [500, 1],
    [503, 7],
    [504, 124],
  ])('%d ends with %d, and says why', async (status, code) => {
    const server = await serving(() => problem(status))
    const run = await runCli(['list', 'queues'], { server })
    expect({ ...run, stderr: run.stderr.split('\n')[0] }).toEqual({ code, stdout: '', stderr: 'sluice: because' })
  })

  test('5: a name that two systems have is told with its candidates', async () => {
    const candidates = ['redis-main/bullmq:emails', 'redis-main/sidekiq:emails']
    const server = await serving(() => problem(409, { code: 'ambiguous', detail: 'two have it', candidates }))
    const { code, stderr } = await runCli(['describe', 'redis-main/emails'], { server })
    expect(code).toBe(5)
    for (const candidate of candidates) expect(stderr).toContain(candidate)
  })

  test('5: a name without its source is told with the things that it may have meant', async () => {
    const server = await serving((path) => {
      if (path.startsWith('/sources/'))
        return problem(404, { code: 'not-found', detail: 'No source is called "emails"' })
      const items = path.startsWith('/queues') ? [bodies.aQueueRow()] : []
      return { body: { ...LIVE, total: items.length, offset: 0, items } }
    })
    const { code, stderr } = await runCli(['describe', 'emails'], { server })
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: 'sluice: No source is called "emails"; did you mean\n  redis-main/emails\n',
    })
  })

  test('5: a group name in two sources is ambiguous', async () => {
    const server = await serving(() =>
      groups(bodies.aGroupRow(), bodies.aGroupRow({ ref: 'group/kafka-us/orders', source: 'kafka-us' })),
    )
    const { code, stderr } = await runCli(['lag', 'orders'], { server })
    expect(code).toBe(5)
    expect(stderr).toContain('group/kafka-us/orders')
    expect((await runCli(['lag', 'kafka-us/orders'], { server })).code).toBe(0)
  })

  test('1: an answer that is not the API is not taken for it', async () => {
    const server = await serving(() => ({ status: 200, text: '<html>', type: 'text/html; charset=utf-8' }))
    const { code, stderr } = await runCli(['status'], { server })
    expect(code).toBe(1)
    expect(stderr).toContain('answered 200 with text/html, not JSON: is that Sluice?')
  })
})

describe('7: what cannot be reached', () => {
  test('a closed port names the cause and the remedy', async () => {
    const server = await serving(() => problem(500))
    await api?.close()
    api = null
    const { code, stderr } = await runCli(['status'], { server })
    expect({ code, stderr }).toEqual({
      code: 7,
      stderr: `sluice: cannot reach ${server} (connection refused): start it with \`sluice serve\`, or name another with --server\n`,
    })
  })

  test('something that does not speak HTTP', async () => {
    const garbage = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1')
    await new Promise((resolve) => garbage.once('listening', resolve))
    const address = garbage.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { code, stderr } = await runCli(['status', '--server', `http://127.0.0.1:${port}`])
    garbage.close()
    expect(code).toBe(7)
    expect(stderr).toContain('its answer is not HTTP')
  })

  test('a password in the address of the server is never said', async () => {
    const { stderr } = await runCli(['status', '--server', 'http://ana:hunter2@127.0.0.1:1'])
    expect(stderr).toContain('http://127.0.0.1:1')
    expect(stderr).not.toContain('hunter2')
  })
})

test('124: a server that never answers is left after --timeout', async () => {
  const server = await serving(() => 'silence')
  const { code, stderr } = await runCli(['status', '--timeout', '100ms'], { server })
  expect(code).toBe(124)
  expect(stderr).toContain('--timeout')
})

test('130: an interrupt ends a question, without a word', async () => {
  const interrupt = new AbortController()
  const server = await serving(() => {
    interrupt.abort(new CliFailure(EXIT.interrupted, ''))
    return 'silence'
  })
  expect(await runCli(['status'], { server, interrupt: interrupt.signal })).toEqual({
    code: 130,
    stdout: '',
    stderr: '',
  })
})

describe('78: a configuration that is wrong', () => {
  const mistakes = [
    { path: 'sources.redis-main.url', expected: 'redis://…', found: '"localhost"' },
    { path: 'server.port', expected: 'a number', found: null },
  ]
  const parts = { readConfig: async () => ({ ok: false as const, file: '/etc/sluice.yaml', mistakes }) }

  test.each([[['config', 'check']], [['config', 'print']]])('%j tells every mistake', async (argv) => {
    expect(await runCli(argv, { parts })).toEqual({
      code: 78,
      stdout: '',
      stderr:
        'config sources.redis-main.url: expected redis://…, found "localhost"\nconfig server.port: expected a number, found nothing\n2 mistakes in /etc/sluice.yaml\n',
    })
  })

  test('where it is can be asked for even so', async () => {
    expect(await runCli(['config', 'path'], { parts })).toEqual({ code: 0, stdout: '/etc/sluice.yaml\n', stderr: '' })
  })
})

test.each([[['--version']], [['version']], [['-V']]])('%j prints the version and nothing else', async (argv) => {
  expect(await runCli(argv)).toEqual({ code: 0, stdout: '0.0.0-test\n', stderr: '' })
})

test('help begins with examples, and names every command', async () => {
  const { code, stdout } = await runCli(['--help'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Examples:\n {2}sluice /)
  for (const name of ['serve', 'status', 'list', 'describe', 'lag', 'top', 'config', 'version'])
    expect(stdout).toContain(`\n  ${name}`)
})

test('demo takes the word incident, a time for it, and no other word', async () => {
  const asked: object[] = []
  const demo = async (options: object) => {
    asked.push(options)
    return EXIT.done
  }
  const code = async (...argv: string[]) => (await runCli(['demo', ...argv], { parts: { demo } })).code
  expect([await code(), await code('incident'), await code('incident', '--incident-after', '2m')]).toEqual([0, 0, 0])
  expect(asked).toEqual([{}, { incidentAfter: 20_000 }, { incidentAfter: 120_000 }])
  expect([await code('accident'), await code('--incident-after', 'soon'), await code('--port', '70000')]).toEqual([
    2, 2, 2,
  ])
})
