/** Sentinel, Cluster and TLS with real servers of the test's own. */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Queue, Worker } from 'bullmq'
import { Cluster } from 'ioredis'
import { afterEach, describe, expect, inject, it } from 'vitest'
import type { Source } from '../../server/domain/source.ts'
import { createJobs } from '../../server/runtime/index.ts'
import { keySlot } from '../../server/source/redis/slots.ts'
import { freePort } from '../brokers/port.ts'
import { findProgram } from '../brokers/process.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { collect, queueNamed, redisClient, redisSource } from '../support/redis.ts'
import { loadSample } from '../support/redis-sample.ts'

const brokers = inject('brokers')
const run = promisify(execFile)
const hasOpenssl = (await findProgram('openssl')) !== null

describe.skipIf(!brokers.redis)('a Redis in another form', () => {
  const after: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const undo of after.splice(0).reverse()) await undo()
  })
  const start = async (options: Parameters<typeof startRedis>[0] = {}): Promise<StartedRedis> => {
    const redis = await startRedis(options)
    after.push(() => redis.stop())
    return redis
  }
  const folder = async () => {
    const path = await mkdtemp(join(tmpdir(), 'sluice-redis-'))
    after.push(() => rm(path, { recursive: true, force: true }))
    return path
  }

  it('Sentinel: the master is asked for, and the next sentinel when one is down', async () => {
    const master = await start()
    await loadSample('bullmq-6.7.0', master.port)
    const config = join(await folder(), 'sentinel.conf')
    await writeFile(config, `sentinel monitor main 127.0.0.1 ${master.port} 1\n`)
    const port = await freePort()
    // redis-server takes the file first; what follows are its own arguments.
    const args = [config, '--sentinel', '--port', String(port), '--bind', '127.0.0.1']
    const sentinel = spawn((await findProgram('redis-server')) ?? '', args, { stdio: 'ignore' })
    after.push(async () => sentinel.kill('SIGKILL'))
    const nodes = [
      { host: '127.0.0.1', port: await freePort() },
      { host: '127.0.0.1', port },
    ]
    const source = redisSource(0, { mode: 'sentinel', nodes, master: 'main' })
    after.push(() => source.close())
    const snapshot = await eventually(() => collect(source))
    expect(queueNamed(snapshot, 'emails').depth).toBe(3)
    expect(snapshot.nodes).toMatchObject([{ name: `127.0.0.1:${master.port}`, role: 'master' }])
    const wrong = redisSource(0, { mode: 'sentinel', nodes: nodes.slice(1), master: 'other' })
    await expect(collect(wrong)).rejects.toMatchObject({ code: 'not-found' })
    await wrong.close()
  })

  it('Cluster: queues of all nodes are found and read as BullMQ counts them', async () => {
    const node = async () => {
      // The usual port of the bus, 10,000 above, may lie beyond the last port there is.
      const bus = ['--cluster-port', String(await freePort())]
      return start({ args: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', ...bus] })
    }
    const nodes = await Promise.all([node(), node(), node()])
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
    await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], { timeout: 30_000 })
    const admin = redisClient(nodes[0].port)
    after.push(async () => admin.disconnect())
    await eventually(async () => (await admin.cluster('INFO')).includes('cluster_state:ok'), { timeoutMs: 15_000 })
    for (const key of ['{}foo', 'bull:emails:meta', '{bull}:x', 'Ärger{ö}', 'a{b']) {
      expect(keySlot(key), key).toBe(await admin.cluster('KEYSLOT', key))
    }

    const cluster = new Cluster(
      addresses.map((address) => ({ host: '127.0.0.1', port: Number(address.split(':')[1]) })),
    )
    after.push(async () => cluster.disconnect())
    const queues = Array.from({ length: 12 }, (_, n) => new Queue(`{q${n}}`, { connection: cluster }))
    for (const [n, queue] of queues.entries()) {
      await queue.addBulk(Array.from({ length: n }, () => ({ name: 'ok', data: {} })))
      await queue.add('later', {}, { delay: 3_600_000 })
    }
    const settings = { mode: 'cluster' as const, nodes: nodes.map(({ port }) => ({ host: '127.0.0.1', port })) }
    const source = redisSource(0, settings)
    after.push(() => source.close())
    const snapshot = await collect(source)
    expect(snapshot.gaps).toEqual([])
    expect(snapshot.queues).toHaveLength(12)
    for (const [n, queue] of queues.entries()) {
      const counts = await queue.getJobCounts('waiting', 'delayed')
      expect(queueNamed(snapshot, `{q${n}}`)).toMatchObject({ depth: counts.waiting, delayed: counts.delayed })
      expect(counts).toMatchObject({ waiting: n, delayed: 1 })
    }
    expect(snapshot.nodes).toHaveLength(3)
    // Their slots are spread, so more than one node was read.
    expect(new Set(queues.map((queue) => Math.floor(keySlot(queue.name) / 5_462))).size).toBeGreaterThan(1)
    for (const queue of queues) await queue.close()
    await controlsInACluster(source, nodes, (end) => after.push(end))
    // A node of a cluster that is configured as if it were alone is said to be one.
    const alone = redisSource(nodes[0].port)
    after.push(() => alone.close())
    const part = await collect(alone)
    expect(part.queues.length).toBeLessThan(12)
    expect(part.gaps[0]).toMatchObject({ what: 'queues of other nodes', code: 'unsupported' })
    expect(part.gaps[1]).toMatchObject({ what: expect.stringMatching(/^\d queues of sluice$/), code: 'malformed' })
  }, 60_000)

  it.skipIf(!hasOpenssl)('TLS: read with the right authority, refused without', async () => {
    const path = await folder()
    const cert = join(path, 'cert.pem')
    const key = join(path, 'key.pem')
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert]
    await run('openssl', [...made, ...subject], { timeout: 20_000 })
    const tlsPort = await freePort()
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert]
    const redis = await start({ args: ['--tls-port', String(tlsPort), ...files, '--tls-auth-clients', 'no'] })
    await loadSample('bullmq-6.7.0', redis.port)
    const trusting = redisSource(tlsPort, { tls: { ca: await readFile(cert, 'utf8'), serverName: null } })
    after.push(() => trusting.close())
    expect(queueNamed(await collect(trusting), 'emails').depth).toBe(3)
    const wary = redisSource(tlsPort, { tls: { ca: null, serverName: null } })
    after.push(() => wary.close())
    await expect(collect(wary)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('certificate'),
    })
    const other = redisSource(redis.port, { tls: { ca: null, serverName: null } })
    after.push(() => other.close())
    const startedMs = performance.now()
    await expect(collect(other)).rejects.toMatchObject({ name: 'OpsError' })
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })

  it('a database number, a prefix of its own and two prefixes at once', async () => {
    const redis = await start()
    const connection = { host: '127.0.0.1', port: redis.port, db: 3, maxRetriesPerRequest: null }
    const usual = new Queue('emails', { connection })
    const own = new Queue('emails', { connection, prefix: 'app:v2' })
    const worker = new Worker('emails', async () => {}, { connection, prefix: 'app:v2', autorun: true })
    await usual.add('ok', {})
    await own.pause()
    await own.addBulk([
      { name: 'ok', data: {} },
      { name: 'ok', data: {} },
    ])
    await worker.waitUntilReady()
    const source = redisSource(redis.port, { db: 3, prefixes: ['bull', 'app:v2'] })
    await eventually(async () => expect((await collect(source)).workers).toHaveLength(1))
    const snapshot = await collect(source)
    expect(queueNamed(snapshot, 'emails')).toMatchObject({ depth: 1, consumers: 0 })
    expect(queueNamed(snapshot, 'app:v2:emails')).toMatchObject({ depth: 2, consumers: 1, pausedBy: 'elsewhere' })
    await worker.close(true)
    await Promise.all([usual.close(), own.close(), source.close()])
    const elsewhere = redisSource(redis.port, { db: 0 })
    expect((await collect(elsewhere)).queues).toEqual([])
    await elsewhere.close()
  })
})

/** Our own runtime on the same cluster: its queues lie on several nodes, and so do the parts of one control. */
async function controlsInACluster(
  source: Source,
  nodes: readonly { port: number }[],
  atEnd: (end: () => Promise<void>) => void,
): Promise<void> {
  const open = () => new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
  const jobs = createJobs({ redis: open })
  atEnd(() => jobs.close())
  const done: string[] = []
  const job = jobs.define({ name: 'send', args: (value) => value as string, perform: (name) => void done.push(name) })
  const names = Array.from({ length: 12 }, (_, n) => `own${n}`)
  for (const name of names) await jobs.enqueue(job, name, { queue: name })
  const target = { kind: 'job-class', source: 'redis-main', tail: 'send' } as const
  const request = {
    id: 'ctl_cluster000',
    target,
    order: { verb: 'pause' },
    reason: 'disk is full',
    actor: 'ana',
  } as const
  const signal = AbortSignal.timeout(5_000)
  await source.controls?.apply({ ...request, revision: 1, ttlMs: 60_000 }, signal)
  const worker = jobs.worker({ queues: names, leaseMs: 900 })
  await worker.start()
  await eventually(async () => {
    const { controls } = await collect(source)
    expect(controls).toMatchObject([{ missing: [], obeyedBy: [worker.id], heldBack: 12, startsSince: 0, inHand: 0 }])
    expect(controls?.[0]?.queues).toHaveLength(12)
  })
  const page = await source.jobs?.page({ queue: 'own7', state: 'held', cursor: null, limit: 5 }, signal)
  expect(page).toMatchObject({ total: 1, jobs: [{ job: 'send', args: '"own7"' }] })
  expect(done).toEqual([])
  await source.controls?.lift(request.id, target, signal)
  await eventually(() => done.length === 12)
}
