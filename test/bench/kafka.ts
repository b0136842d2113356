import { connect, type Socket } from 'node:net'
import { type ISocketFactory, Kafka, logLevel } from 'kafkajs'
import type { Snapshot } from '../../server/domain/snapshot.ts'
import { startKafka } from '../brokers/kafka.ts'
import { commitAll, openTestKafka } from '../support/kafka.ts'

const GROUPS = 1_000
const PARTITIONS = 10
const REFRESHES = 7

interface Measured {
  readonly name: string
  readonly requests: number
  readonly bytes: number
  readonly ms: number
  readonly cpuMs: number
}

/**
 * One refresh of 1,000 groups × 10 partitions on one broker: ours beside what kafkajs's admin needs to learn the same
 * (list the groups, describe them, fetch the offsets of each, the ends of the topic). Requests and bytes are counted on
 * each side's own connections, in one run against one broker; times are the best of several.
 */
export async function run(): Promise<void> {
  const kafka = await startKafka()
  const source = openTestKafka(kafka.bootstrap)
  try {
    await fill(kafka.bootstrap)
    const first = await measure('sluice, the first refresh', 1, () => refresh())
    const ours = await measure('sluice, a steady refresh', REFRESHES, () => refresh())
    const theirs = await measureKafkajs(kafka.bootstrap)
    console.log(`${GROUPS} groups × ${PARTITIONS} partitions, one broker, one refresh:`)
    for (const one of [first, ours, theirs]) print(one, ours)
    if (ours.requests > 20) throw new Error(`${ours.requests} requests a refresh: at most 20 are promised`)
  } finally {
    await source.close()
    await kafka.stop()
  }

  async function refresh() {
    const snapshot: Snapshot = await source.collect({ signal: AbortSignal.timeout(5_000), watched: [] })
    const positions = snapshot.groups.reduce((sum, group) => sum + group.positions.length, 0)
    if (positions !== GROUPS * PARTITIONS || snapshot.gaps.length > 0)
      throw new Error(`${positions} positions were read`)
    const { commands, bytesSent, bytesRead } = snapshot.cost
    return { requests: commands, bytes: bytesSent + bytesRead }
  }
}

async function fill(bootstrap: string): Promise<void> {
  const client = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING })
  const [admin, producer] = [client.admin(), client.producer()]
  await admin.connect()
  await producer.connect()
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: PARTITIONS }], waitForLeaders: true })
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    await producer.send({ topic: 'orders', messages: Array.from({ length: 100 }, () => ({ value: 'x', partition })) })
  }
  const offsets = Array.from({ length: PARTITIONS }, (_, partition) => [partition, 50] as const)
  await commitAll(
    bootstrap,
    Array.from({ length: GROUPS }, (_, i) => ({ group: `group-${i}`, topic: 'orders', offsets })),
  )
  await producer.disconnect()
  await admin.disconnect()
}

/** What a dashboard on kafkajs's admin does for the same picture. */
async function measureKafkajs(bootstrap: string): Promise<Measured> {
  const sockets: Socket[] = []
  const socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
    const socket = connect({ host, port, noDelay: true }, onConnect)
    sockets.push(socket)
    return socket
  }
  const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, socketFactory }).admin()
  let requests = 0
  admin.on(admin.events.REQUEST, () => {
    requests += 1
  })
  const counted = () => ({
    requests,
    bytes: sockets.reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0),
  })
  await admin.connect()
  try {
    return await measure("kafkajs's admin", 3, async () => {
      const before = counted()
      const { groups } = await admin.listGroups()
      await admin.describeGroups(groups.map(({ groupId }) => groupId))
      let positions = 0
      for (const { groupId } of groups) {
        for (const { partitions } of await admin.fetchOffsets({ groupId })) positions += partitions.length
      }
      await admin.fetchTopicOffsets('orders')
      if (positions !== GROUPS * PARTITIONS) throw new Error(`kafkajs read ${positions} positions`)
      const after = counted()
      return { requests: after.requests - before.requests, bytes: after.bytes - before.bytes }
    })
  } finally {
    await admin.disconnect()
  }
}

async function measure(
  name: string,
  times: number,
  refresh: () => Promise<{ readonly requests: number; readonly bytes: number }>,
): Promise<Measured> {
  let best: Measured | null = null
  for (let i = 0; i < times; i += 1) {
    const beganMs = performance.now()
    const cpu = process.cpuUsage()
    const { requests, bytes } = await refresh()
    const { user, system } = process.cpuUsage(cpu)
    const one = { name, requests, bytes, ms: performance.now() - beganMs, cpuMs: (user + system) / 1000 }
    if (best === null || one.ms < best.ms) best = one
  }
  if (best === null) throw new Error('nothing was measured')
  return best
}

function print(one: Measured, ours: Measured): void {
  const times = (theirs: number, mine: number) => `${(theirs / mine).toFixed(1)} ×`
  const cells = [
    one.name.padEnd(28),
    `${one.requests} requests (${times(one.requests, ours.requests)})`,
    `${Math.round(one.bytes / 1000)} KB (${times(one.bytes, ours.bytes)})`,
    `${one.ms.toFixed(0)} ms (${times(one.ms, ours.ms)})`,
    `${one.cpuMs.toFixed(0)} ms of our CPU (${times(one.cpuMs, ours.cpuMs)})`,
  ]
  console.log(`  ${cells.join(' · ')}`)
}
