import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import type { ConsumerGroup } from '../../server/domain/group.ts'
import type { Snapshot } from '../../server/domain/snapshot.ts'
import type { Topic } from '../../server/domain/topic.ts'
import { startKafka } from '../brokers/kafka.ts'
import { consumerGroupDescribe, kafkaToolsLibs } from '../brokers/kafka-tools.ts'
import { findProgram } from '../brokers/process.ts'
import { eventually as soon } from '../support/eventually.ts'
import { commitAll, commitOffsets, openTestKafka } from '../support/kafka.ts'

const brokers = inject('brokers')
const bootstrap = brokers.kafka?.bootstrap ?? ''
const run = promisify(execFile)
/** A JVM or a rebalance may take its time. */
const eventually = <T>(check: () => Promise<T>): Promise<T> => soon(check, { timeoutMs: 20_000 })
const hasKcat = (await findProgram('kcat')) !== null

describe.skipIf(!brokers.kafka)('a real Kafka', () => {
  const source = openTestKafka(bootstrap)
  const kafka = new Kafka({ brokers: [bootstrap], clientId: 'orders-app', logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const producer = kafka.producer()
  const topics: string[] = []

  beforeAll(async () => {
    await admin.connect()
    await producer.connect()
  })
  afterAll(async () => {
    const { groups } = await admin.listGroups()
    const ours = groups.map(({ groupId }) => groupId).filter((name) => topics.some((topic) => name.endsWith(topic)))
    // One whose consumer was killed still has a member for some seconds, and cannot be deleted.
    if (ours.length > 0) await admin.deleteGroups(ours).catch(() => {})
    if (topics.length > 0) await admin.deleteTopics({ topics })
    await producer.disconnect()
    await admin.disconnect()
    await source.close()
  })

  const collect = (watched: readonly string[] = []): Promise<Snapshot> =>
    source.collect({ signal: AbortSignal.timeout(5_000), watched })
  const groupNow = async (name: string): Promise<ConsumerGroup | undefined> =>
    (await collect([name])).groups.find((each) => each.name === name)
  const topicNow = async (name: string): Promise<Topic | undefined> =>
    (await collect([name])).topics.find((each) => each.name === name)
  const newTopic = async (partitions: number): Promise<string> => {
    const topic = `t-${randomUUID()}`
    topics.push(topic)
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true })
    return topic
  }
  const produce = (topic: string, partition: number, count: number, timestamp?: number): Promise<unknown> =>
    producer.send({
      topic,
      messages: Array.from({ length: count }, (_, i) => ({
        value: `record ${i}`,
        partition,
        ...(timestamp === undefined ? {} : { timestamp: String(timestamp + i) }),
      })),
    })
  /** Reads this many records in a group with kafkajs, commits, and goes on running until the test ends. */
  const consume = async (groupId: string, topic: string, { fromBeginning = true, until = 0 } = {}) => {
    const consumer = kafka.consumer({ groupId, heartbeatInterval: 500, maxWaitTimeInMs: 100 })
    onTestFinished(() => consumer.disconnect())
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning })
    let seen = 0
    await consumer.run({
      autoCommitThreshold: 1,
      eachMessage: async () => {
        seen += 1
      },
    })
    await eventually(async () => expect(seen).toBeGreaterThanOrEqual(until))
    return consumer
  }
  const deleteRecords = async (topic: string, partition: number, before: number) => {
    // kafkajs knows the leader only of topics that it was asked about.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] })
  }
  /** Every position as we read it, beside what Kafka's own tool says. */
  const expectSameAsKafkasOwnTool = async (name: string) => {
    const theirs = await consumerGroupDescribe(bootstrap, name)
    const ours = await groupNow(name)
    if (theirs === null) return ours
    const key = (row: { topic: string; partition: number }) => `${row.topic} ${String(row.partition).padStart(4)}`
    const sorted = <T extends { topic: string; partition: number }>(rows: readonly T[]) =>
      [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1))
    expect(
      sorted(ours?.positions ?? []).map(({ topic, partition, committed, end }) => ({
        topic,
        partition,
        currentOffset: committed,
        logEndOffset: end,
        lag: committed === null || end === null ? null : end - committed,
      })),
    ).toEqual(
      sorted(theirs).map(({ topic, partition, currentOffset, logEndOffset, lag }) => ({
        topic,
        partition,
        currentOffset,
        logEndOffset,
        lag,
      })),
    )
    const known = theirs.filter(({ lag }) => lag !== null)
    expect(ours?.lag).toBe(known.length === 0 ? null : known.reduce((sum, { lag }) => sum + (lag ?? 0), 0))
    return ours
  }

  it('shows a kafkajs group as its own tool does: members, owners and lag per partition', async () => {
    const topic = await newTopic(3)
    const name = `kafkajs-${topic}`
    for (const partition of [0, 1, 2]) await produce(topic, partition, 40)
    const consumer = await consume(name, topic, { until: 120 })
    await eventually(async () => expect((await groupNow(name))?.lag).toBe(0))
    consumer.pause([{ topic }])
    await produce(topic, 1, 25)
    await produce(topic, 2, 5)
    const group = await eventually(async () => {
      const now = await groupNow(name)
      expect(now).toMatchObject({ state: 'stable', protocol: 'classic', members: 1, lag: 30 })
      return now
    })
    expect(group?.memberList).toEqual([
      expect.objectContaining({ clientId: 'orders-app', host: '127.0.0.1', partitions: 3, moving: null }),
    ])
    expect(group?.positions.map(({ partition, owner }) => [partition, owner])).toEqual([
      [1, 'orders-app'],
      [2, 'orders-app'],
      [0, 'orders-app'],
    ])
    await expectSameAsKafkasOwnTool(name)
  })

  it('shows a group that lost its consumers as empty, with its lag', async () => {
    const topic = await newTopic(2)
    const name = `empty-${topic}`
    await produce(topic, 0, 10)
    const consumer = await consume(name, topic, { until: 10 })
    await eventually(async () => expect((await groupNow(name))?.lag).toBe(0))
    await consumer.disconnect()
    await produce(topic, 0, 7)
    expect(await expectSameAsKafkasOwnTool(name)).toMatchObject({
      state: 'empty',
      members: 0,
      lag: 7,
      memberList: [],
    })
  })

  it('shows no lag, rather than 0, for a group that has committed nothing', async () => {
    const topic = await newTopic(1)
    const name = `silent-${topic}`
    await consume(name, topic, { fromBeginning: false })
    await eventually(async () => expect((await groupNow(name))?.state).toBe('stable'))
    const group = await groupNow(name)
    expect(group).toMatchObject({ members: 1, lag: null, lagMs: null })
    expect(group?.positions).toEqual([
      expect.objectContaining({ topic, partition: 0, committed: null, lagMs: null, lagMsBasis: 'no-commit' }),
    ])
  })

  it('takes a negative committed offset for no position', async () => {
    const topic = await newTopic(2)
    const name = `negative-${topic}`
    await produce(topic, 0, 5)
    await commitOffsets(bootstrap, name, topic, [[0, -1], [1, 0]]) // biome-ignore format: pairs
    const group = await groupNow(name)
    expect(group?.positions.map(({ partition, committed }) => [partition, committed])).toEqual([[1, 0], [0, null]]) // biome-ignore format: pairs
    expect(group?.lag).toBe(0)
  })

  it('shows a committed offset beyond the end as caught up, never as negative lag', async () => {
    const topic = await newTopic(1)
    const name = `beyond-${topic}`
    await produce(topic, 0, 5)
    await commitOffsets(bootstrap, name, topic, [[0, 1_000]])
    expect(await groupNow(name)).toMatchObject({ lag: 0, lagMs: 0, lagMsEstimated: false })
  })

  it.skipIf(!hasKcat)('shows a kcat group as its own tool does', async () => {
    const topic = await newTopic(2)
    const name = `kcat-${topic}`
    await produce(topic, 0, 30)
    await produce(topic, 1, 30)
    await run('kcat', ['-b', bootstrap, '-q', '-G', name, '-X', 'auto.offset.reset=earliest', '-c', '60', topic], {
      timeout: 30_000,
    })
    await produce(topic, 1, 12)
    await eventually(async () => expect((await groupNow(name))?.state).toBe('empty'))
    expect(await expectSameAsKafkasOwnTool(name)).toMatchObject({ lag: 12, members: 0, protocol: 'classic' })
  })

  it('never shows a live group of the consumer protocol as dead', async ({ skip }) => {
    const java = await findProgram('java')
    const tools = await consumerGroupDescribe(bootstrap, 'no-such-group').catch(() => [])
    if (!java || tools === null) return skip()
    const topic = await newTopic(2)
    const name = `kip848-${topic}`
    await produce(topic, 0, 20)
    const child = spawn(
      java,
      // biome-ignore format: an argument list reads best in pairs
      ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-cp', join(kafkaToolsLibs(), '*'),
        'org.apache.kafka.tools.consumer.ConsoleConsumer', '--bootstrap-server', bootstrap, '--topic', topic,
        '--group', name, '--from-beginning', '--consumer-property', 'group.protocol=consumer',
        '--consumer-property', 'auto.commit.interval.ms=200', '--consumer-property', 'client.id=console'],
      { stdio: 'ignore' },
    )
    onTestFinished(async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    })
    await eventually(async () =>
      expect(await groupNow(name)).toMatchObject({ protocol: 'consumer', state: 'stable', members: 1, lag: 0 }),
    )
    const group = await expectSameAsKafkasOwnTool(name)
    expect(group?.memberList).toEqual([
      expect.objectContaining({ clientId: 'console', host: '127.0.0.1', partitions: 2, moving: 0 }),
    ])
    expect(group?.positions.find(({ partition }) => partition === 0)?.owner).toBe('console')
  })

  it('says how many records retention took before they were read', async () => {
    const topic = await newTopic(1)
    const name = `lost-${topic}`
    const firstKept = Date.now() - 60_000
    await produce(topic, 0, 50, firstKept - 50)
    await produce(topic, 0, 50, firstKept)
    await commitOffsets(bootstrap, name, topic, [[0, 10]])
    await deleteRecords(topic, 0, 50)
    const group = await groupNow(name)
    expect(group).toMatchObject({ lostPartitions: 1, lostRecords: 40, lag: 90, lagMsEstimated: false })
    expect(group?.positions[0]).toMatchObject({ committed: 10, start: 50, end: 100, lagMsBasis: 'exact' })
    // The age of the first record still there.
    expect(Math.abs((group?.lagMs ?? 0) - (Date.now() - firstKept))).toBeLessThan(5_000)
  })

  it.each([
    ['uncompressed', CompressionTypes.None, 'exact'],
    ['gzip', CompressionTypes.GZIP, 'estimate'],
  ] as const)('tells the age of the oldest unread record: %s', async (_, compression, basis) => {
    const topic = await newTopic(1)
    const name = `age-${topic}`
    const writtenAtMs = Date.now() - 3_600_000
    await producer.send({
      topic,
      compression,
      messages: Array.from({ length: 100 }, (_, i) => ({
        value: 'x'.repeat(20),
        timestamp: String(writtenAtMs + i * 1_000),
      })),
    })
    await commitOffsets(bootstrap, name, topic, [[0, 40]])
    const group = await groupNow(name)
    expect(group?.positions[0]?.lagMsBasis).toBe(basis)
    const expected = Date.now() - (writtenAtMs + 40_000)
    expect(Math.abs((group?.lagMs ?? 0) - expected)).toBeLessThan(basis === 'exact' ? 5_000 : 10_000)
  })

  it('starts anew with a topic that was deleted and created again', async () => {
    const topic = await newTopic(1)
    const name = `anew-${topic}`
    await produce(topic, 0, 100)
    await commitOffsets(bootstrap, name, topic, [[0, 90]])
    expect(await groupNow(name)).toMatchObject({ lag: 10 })
    await admin.deleteTopics({ topics: [topic] })
    await eventually(async () => expect(await topicNow(topic)).toBeUndefined())
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
    await produce(topic, 0, 3)
    expect(await topicNow(topic)).toMatchObject({ records: 3, added: 3 })
    await commitOffsets(bootstrap, name, topic, [[0, 1]])
    const group = await groupNow(name)
    expect(group).toMatchObject({ lag: 2, lostRecords: 0 })
    expect(group?.lagMs).toBeLessThan(60_000)
  })

  it('shows topics with records, size and partitions, and creates none by asking', async () => {
    const topic = await newTopic(3)
    await produce(topic, 0, 10)
    await produce(topic, 2, 20)
    await deleteRecords(topic, 2, 5)
    const absent = `absent-${randomUUID()}`
    const before = await admin.listTopics()
    const snapshot = await collect([topic, absent])
    expect((await admin.listTopics()).sort()).toEqual(before.sort())
    const row = snapshot.topics.find(({ name }) => name === topic)
    expect(row).toMatchObject({
      partitions: 3,
      internal: false,
      replicationFactor: 1,
      underReplicated: 0,
      readers: null,
    })
    expect(row).toMatchObject({ added: 30, records: 25 })
    expect(row?.bytes).toBeGreaterThan(0)
    expect(row?.detail).toEqual([
      { partition: 0, leader: 1, replicas: [1], inSync: [1], start: 0, end: 10 },
      { partition: 1, leader: 1, replicas: [1], inSync: [1], start: 0, end: 0 },
      { partition: 2, leader: 1, replicas: [1], inSync: [1], start: 5, end: 20 },
    ])
    expect(snapshot.topics.find(({ name }) => name === '__consumer_offsets')?.internal).toBe(true)
    expect(snapshot.gaps).toEqual([])
  })
})

describe.skipIf(!brokers.kafka)('1,000 groups × 10 partitions on one broker', () => {
  it('cost at most 20 requests a refresh, the first one included, and the lag of each is right', async () => {
    const kafka = await startKafka()
    onTestFinished(() => kafka.stop())
    const client = new Kafka({ brokers: [kafka.bootstrap], logLevel: logLevel.NOTHING })
    const [admin, producer] = [client.admin(), client.producer()]
    await admin.connect()
    await producer.connect()
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 10 }], waitForLeaders: true })
    for (let partition = 0; partition < 10; partition += 1) {
      await producer.send({ topic: 'orders', messages: Array.from({ length: 20 }, () => ({ value: 'x', partition })) })
    }
    await producer.disconnect()
    await admin.disconnect()
    const offsetsOf = (group: number) => Array.from({ length: 10 }, (_, partition) => [partition, group % 20] as const)
    await commitAll(
      kafka.bootstrap,
      Array.from({ length: 1_000 }, (_, i) => ({ group: `group-${i}`, topic: 'orders', offsets: offsetsOf(i) })),
    )
    const source = openTestKafka(kafka.bootstrap)
    onTestFinished(() => source.close())
    for (let refresh = 0; refresh < 3; refresh += 1) {
      const snapshot = await source.collect({ signal: AbortSignal.timeout(5_000), watched: [] })
      expect(snapshot.gaps).toEqual([])
      expect(snapshot.cost.commands).toBeLessThanOrEqual(20)
      expect(snapshot.groups).toHaveLength(1_000)
      for (const { name, lag } of snapshot.groups) expect(lag).toBe(10 * (20 - (Number(name.slice(6)) % 20)))
      console.log(`refresh ${refresh}: ${JSON.stringify(snapshot.cost)}, ${Math.round(snapshot.tookMs)} ms`)
    }
  })
})
