import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { Queue, Worker } from 'bullmq'
import { findProgram } from '../brokers/process.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { redisClient } from '../support/redis.ts'

const ROUNDS = 3
const COMMANDS = 'set,get,incr,lpush,rpop,sadd,hset,zadd'
/** Requests per command, by how many a client sends at once. */
const REQUESTS = new Map([
  [1, 60_000],
  [16, 200_000],
])
const GOALS = new Map([
  [1, 0.8],
  [16, 0.4],
])
const JOBS = 5_000
const KEYS = 200_000
const VALUE = 'v'.repeat(100)

/** The embedded engine beside redis-server, both in memory only, in turns: `redis-benchmark`, BullMQ, and what a key costs. */
export async function run(): Promise<void> {
  const benchmark = await findProgram('redis-benchmark')
  if (benchmark === null) {
    console.log('redis-benchmark is not installed: nothing to compare with')
    return
  }
  const ours = await startRedis({ engine: 'embedded' })
  const theirs = await startRedis({ engine: 'server' })
  try {
    for (const pipeline of REQUESTS.keys()) await commands(benchmark, pipeline, { ours, theirs })
    await bullmq({ ours, theirs })
  } finally {
    await ours.stop()
    await theirs.stop()
  }
  await memory()
}

interface Pair {
  readonly ours: StartedRedis
  readonly theirs: StartedRedis
}

async function commands(benchmark: string, pipeline: number, { ours, theirs }: Pair): Promise<void> {
  const rates = { ours: new Map<string, number[]>(), theirs: new Map<string, number[]>() }
  // One round more, for warming up: ours is compiled while it runs.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [who, { port }] of [['ours', ours] as const, ['theirs', theirs] as const]) {
      const args = ['-p', String(port), '-t', COMMANDS, '-n', String(REQUESTS.get(pipeline)), '-c', '50', '--csv']
      const { stdout } = await promisify(execFile)(benchmark, [...args, '-P', String(pipeline), '-r', '100000'])
      for (const line of stdout.split('\n').slice(1)) {
        const [name, rate] = line.split(',').map((cell) => cell.replaceAll('"', ''))
        if (name && rate && round > 0) rates[who].set(name, [...(rates[who].get(name) ?? []), Number(rate)])
      }
    }
  }
  console.log(
    `redis-benchmark -c 50 -P ${pipeline}, median of ${ROUNDS} warm rounds (goal ≥ ${GOALS.get(pipeline)} ×):`,
  )
  for (const [name, own] of rates.ours) print(name, median(own), median(rates.theirs.get(name) ?? []), 'requests/s')
}

async function bullmq({ ours, theirs }: Pair): Promise<void> {
  const adds = { ours: [] as number[], theirs: [] as number[] }
  const processes = { ours: [] as number[], theirs: [] as number[] }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [who, { port }] of [['ours', ours] as const, ['theirs', theirs] as const]) {
      const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null }
      const queue = new Queue(`bench-${round}`, { connection })
      await queue.waitUntilReady()
      const added = performance.now()
      await Promise.all(Array.from({ length: JOBS }, (_, n) => queue.add('noop', { n })))
      adds[who].push((JOBS / (performance.now() - added)) * 1_000)
      const begun = performance.now()
      let done = 0
      const worker = new Worker(`bench-${round}`, async () => null, { connection, concurrency: 50, autorun: false })
      const all = new Promise<void>((resolve) => {
        worker.on('completed', () => {
          done += 1
          if (done === JOBS) resolve()
        })
      })
      void worker.run()
      await all
      processes[who].push((JOBS / (performance.now() - begun)) * 1_000)
      await worker.close()
      await queue.close()
    }
  }
  console.log(`BullMQ 6.7, ${JOBS} jobs, concurrency 50, median of ${ROUNDS} (goal ≥ 0.6 ×):`)
  print('add', median(adds.ours), median(adds.theirs), 'jobs/s')
  print('process', median(processes.ours), median(processes.theirs), 'jobs/s')
}

/** Each new, so that nothing is left of what was measured before. */
async function memory(): Promise<void> {
  const used: number[] = []
  for (const engine of ['embedded', 'server'] as const) {
    const { port, pid, stop } = await startRedis({ engine })
    const client = redisClient(port)
    const before = await residentBytes(pid)
    for (let n = 0; n < KEYS; n += 1_000) {
      const pipeline = client.pipeline()
      for (let at = n; at < n + 1_000; at += 1) pipeline.set(`key:${at}`, VALUE)
      await pipeline.exec()
    }
    used.push((await residentBytes(pid)) - before)
    client.disconnect()
    await stop()
  }
  const [mine = 0, peer = 0] = used
  console.log(`${KEYS} keys of ${VALUE.length} bytes, growth of the process:`)
  console.log(
    `  ${(mine / 1e6).toFixed(0)} MB, redis-server ${(peer / 1e6).toFixed(0)} MB: ${(mine / peer).toFixed(2)} ×`,
  )
}

async function residentBytes(pid: number): Promise<number> {
  const [, pages] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')
  return Number(pages) * 4_096
}

function print(name: string, mine: number, peer: number, unit: string): void {
  const figures = `${Math.round(mine).toLocaleString('en')}, redis-server ${Math.round(peer).toLocaleString('en')} ${unit}`
  console.log(`  ${name.padEnd(26)} ${(mine / peer).toFixed(2)} ×  (${figures})`)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
