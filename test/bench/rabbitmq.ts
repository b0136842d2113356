/** 5,000 queues on a real RabbitMQ: our steady refresh against the bare list of queues that other dashboards ask for. */
import { performance } from 'node:perf_hooks'
import { Secret } from '../../server/domain/secret.ts'
import type { Snapshot } from '../../server/domain/snapshot.ts'
import { HttpPeer } from '../../server/source/rabbitmq/http-peer.ts'
import type { RabbitmqAddress } from '../brokers/brokers.ts'
import { rabbitmq, startRabbitmq } from '../brokers/rabbitmq.ts'
import { eventually } from '../support/eventually.ts'
import { collect, createQueues, createVhost, rabbitmqSource } from '../support/rabbitmq.ts'

const QUEUES = 5_000
const ROUNDS = 8

interface Measured {
  readonly what: string
  readonly requests: number
  /** On the wire, zipped: 5,000 queues that are all alike zip better than any real ones. */
  readonly bytesRead: number
  /** Unzipped: what the broker writes and the reader parses. */
  readonly plainBytes: number
  /** Best and median of the rounds. */
  readonly bestMs: number
  readonly medianMs: number
}

/** Prints one line per way of reading, and the ratios. Says so and returns where RabbitMQ is not installed. */
export async function run(): Promise<void> {
  const software = await rabbitmq.software()
  if ('why' in software) {
    console.log(`rabbitmq: not measured, ${software.why}`)
    return
  }
  const broker = await startRabbitmq()
  try {
    await createVhost(broker, 'bench')
    await createQueues(broker, 'bench', QUEUES)
    const steady = await measureSteady(broker)
    const bare = await measureBare(broker)
    console.log(`RabbitMQ ${software.version}, ${QUEUES} classic queues, ${ROUNDS} rounds each, one run`)
    for (const { what, requests, bytesRead, plainBytes, bestMs, medianMs } of [steady, bare]) {
      const sizes = `${kb(plainBytes)}, ${kb(bytesRead)} zipped`
      const figures = `${requests} requests, ${sizes}, best ${bestMs.toFixed(0)} ms, median ${medianMs.toFixed(0)} ms`
      console.log(`  ${what}: ${figures}`)
    }
    const times = (bare.medianMs / steady.medianMs).toFixed(1)
    const sizes = (bare.plainBytes / steady.plainBytes).toFixed(1)
    console.log(
      `  ratio bare / ours: time ${times} ×, bytes ${sizes} ×, zipped ${(bare.bytesRead / steady.bytesRead).toFixed(1)} ×`,
    )
  } finally {
    await broker.stop()
  }
}

async function measureSteady(broker: RabbitmqAddress): Promise<Measured> {
  const source = rabbitmqSource(broker)
  try {
    await eventually(async () => (await collect(source)).queues.length === QUEUES, { timeoutMs: 60_000 })
    const steady: Snapshot[] = []
    // Now and then the full list is due, which is not the steady refresh.
    while (steady.length < ROUNDS) {
      const snapshot = await collect(source)
      if (snapshot.cost.commands === 3) steady.push(snapshot)
    }
    const { cost } = steady[0] as Snapshot
    const plainBytes = await metricsBytes(broker)
    return measured('our steady refresh', { ...cost, plainBytes, tookMs: steady.map(({ tookMs }) => tookMs) })
  } finally {
    await source.close()
  }
}

async function measureBare(broker: RabbitmqAddress): Promise<Measured> {
  const login = { username: broker.username, password: new Secret(broker.password) }
  const peer = new HttpPeer({ url: broker.managementUrl, login, tls: null })
  const tookMs: number[] = []
  let plainBytes = 0
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const startMs = performance.now()
      const body = await peer.get('/api/queues', { signal: AbortSignal.timeout(60_000), timeoutMs: 60_000 })
      plainBytes = Buffer.byteLength(body)
      JSON.parse(body)
      tookMs.push(performance.now() - startMs)
    }
    const bytesRead = peer.cost.bytesRead / ROUNDS
    return measured('bare GET /api/queues', { commands: 1, bytesRead, plainBytes, tookMs })
  } finally {
    peer.close()
  }
}

/** Nearly all of our refresh: the metrics. Overview and nodes are 5 kB. */
async function metricsBytes(broker: RabbitmqAddress): Promise<number> {
  const peer = new HttpPeer({ url: broker.prometheusUrl, login: null, tls: null })
  try {
    const path = '/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count'
    return Buffer.byteLength(await peer.get(path, { signal: AbortSignal.timeout(60_000), timeoutMs: 60_000 }))
  } finally {
    peer.close()
  }
}

interface Rounds {
  readonly commands: number
  readonly bytesRead: number
  readonly plainBytes: number
  readonly tookMs: readonly number[]
}

function measured(what: string, { commands, bytesRead, plainBytes, tookMs }: Rounds): Measured {
  const sorted = tookMs.toSorted((one, other) => one - other)
  const medianMs = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return { what, requests: commands, bytesRead, plainBytes, bestMs: sorted[0] ?? Number.NaN, medianMs }
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`
}
