import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { type Answer, type Asked, type FakeKafka, startFakeKafka } from '../../../test/support/fake-kafka.ts'
import {
  closingServer,
  dripServer,
  garbageServer,
  type HostileServer,
  refusingPort,
  silentServer,
} from '../../../test/support/hostile.ts'
import { openTestKafka } from '../../../test/support/kafka.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { Source } from '../../domain/source.ts'

const ALL_RIGHTS = 8096
const DESCRIBE = 1 << 8

const collect = (source: Source, watched: readonly string[] = []): Promise<Snapshot> =>
  source.collect({ signal: AbortSignal.timeout(5_000), watched })

const opened = (bootstrap: string): Source => {
  const source = openTestKafka(bootstrap)
  onTestFinished(() => source.close())
  return source
}

/** Brokers 1, 2 … of one cluster: topic `t` with one partition led by each; broker n coordinates group `gn`. */
async function startCluster(size: number, versions: Readonly<Record<string, number | null>> = {}) {
  const brokers: FakeKafka[] = []
  for (let i = 0; i < size; i += 1) brokers.push(await startFakeKafka(() => 'silence', { versions }))
  onTestFinished(async () => {
    for (const each of brokers) await each.stop()
  })
  const answerOf =
    (node: number) =>
    (asked: Asked): Answer =>
      usual(asked, node, brokers)
  for (const [i, broker] of brokers.entries()) broker.answer = answerOf(i + 1)
  return { brokers, answerOf, bootstrap: brokers[0]?.bootstrap ?? '' }
}

function usual({ api, body }: Asked, node: number, brokers: readonly FakeKafka[]): Answer {
  const told = brokers.map((_, i) => ({ partitionIndex: i, committedOffset: 40 + i, errorCode: 0 }))
  switch (api) {
    case 'Metadata':
      return {
        brokers: brokers.map(({ host, port }, i) => ({ nodeId: i + 1, host, port })),
        topics: [
          {
            name: 't',
            partitions: brokers.map((_, i) => ({
              partitionIndex: i,
              leaderId: i + 1,
              replicaNodes: [1, 2],
              isrNodes: [i + 1],
            })),
          },
        ],
        clusterAuthorizedOperations: ALL_RIGHTS,
      }
    case 'ListGroups':
      return {
        groups: [{ groupId: `g${node}`, protocolType: 'consumer', groupState: 'Stable', groupType: 'classic' }],
      }
    case 'DescribeGroups':
      return {
        groups: body.groups.map((groupId: string) => ({
          groupId,
          groupState: 'Stable',
          members: [{ memberId: 'm', clientId: 'app', clientHost: '/10.0.0.1' }],
        })),
      }
    case 'OffsetFetch':
      return {
        topics: [{ name: 't', partitions: told }],
        groups: body.groups.map(({ groupId }: { groupId: string }) => ({
          groupId,
          topics: [{ name: 't', partitions: told }],
        })),
      }
    case 'ListOffsets':
      return {
        topics: body.topics.map(
          ({ name, partitions }: { name: string; partitions: { partitionIndex: number; timestamp: number }[] }) => ({
            name,
            partitions: partitions.map(({ partitionIndex, timestamp }) => ({
              partitionIndex,
              offset: timestamp === -1 ? 100 : 10,
            })),
          }),
        ),
      }
    case 'DescribeLogDirs':
      return {
        results: [
          {
            logDir: '/data',
            topics: [{ name: 't', partitions: brokers.map((_, i) => ({ partitionIndex: i, partitionSize: 500 })) }],
          },
        ],
      }
    case 'Fetch':
      // A hole to the end of the log: there is no record whose time could be told.
      return { responses: [{ topic: 't', partitions: [{ partitionIndex: 0, records: null }] }] }
    default:
      return 'close'
  }
}

describe('a cluster of two brokers', () => {
  it('is read from the addresses that it advertises, not from those configured', async () => {
    const { brokers, bootstrap } = await startCluster(2)
    const front = await startFakeKafka((asked) => usual(asked, 1, brokers))
    onTestFinished(() => front.stop())
    const snapshot = await collect(opened(front.bootstrap))
    expect(front.asked.map(({ api }) => api)).toEqual(['ApiVersions', 'Metadata'])
    expect(front.bootstrap).not.toBe(bootstrap)
    expect(snapshot.gaps).toEqual([])
    expect(snapshot.groups.map(({ name, members, lag }) => [name, members, lag])).toEqual([['g1', 1, 119], ['g2', 1, 119]]) // biome-ignore format: rows
    expect(snapshot.topics).toMatchObject([{ name: 't', records: 180, added: 200, bytes: 1_000, underReplicated: 2 }])
  })

  it('with a silent one is read without it: its figures are null, its groups are kept, and gaps say why', async () => {
    const { brokers, answerOf, bootstrap } = await startCluster(2)
    const source = opened(bootstrap)
    await collect(source)
    const second = brokers[1] as FakeKafka
    second.answer = () => 'silence'
    const snapshot = await collect(source)
    expect(snapshot.tookMs).toBeLessThan(4_600)
    const [g1, g2] = snapshot.groups
    expect(g1).toMatchObject({ name: 'g1', state: 'stable', members: 1, lag: 60 })
    expect(g1?.positions.map(({ partition, committed, end }) => [partition, committed, end])).toEqual([[0, 40, 100], [1, 41, null]]) // biome-ignore format: rows
    expect(g2).toMatchObject({ name: 'g2', state: 'unknown', members: null, lag: null, lagMs: null, positions: [] })
    expect(snapshot.topics).toMatchObject([{ name: 't', records: null, added: null }])
    expect(snapshot.nodes.map(({ alarms }) => alarms)).toEqual([[], ['timeout']])
    expect(snapshot.gaps).toContainEqual(
      expect.objectContaining({ code: 'timeout', message: expect.stringContaining('did not answer ListGroups') }),
    )
    // Left alone for a moment, so that it does not slow the others down every time.
    expect((await collect(source)).tookMs).toBeLessThan(1_500)
    second.answer = answerOf(2)
    await eventually(
      async () => expect((await collect(source)).groups[1]).toMatchObject({ state: 'stable', lag: 119 }),
      {
        timeoutMs: 10_000,
      },
    )
  })

  it('whose second broker listens nowhere is read without it', async () => {
    const { brokers, bootstrap } = await startCluster(2)
    await brokers[1]?.stop()
    const snapshot = await collect(opened(bootstrap))
    expect(snapshot.groups.map(({ name }) => name)).toEqual(['g1'])
    expect(snapshot.gaps).toContainEqual(
      expect.objectContaining({ what: expect.stringContaining('coordinated by broker 2'), code: 'unreachable' }),
    )
  })

  it('asks again who leads when a broker says that it does not', async () => {
    const { brokers, answerOf, bootstrap } = await startCluster(1)
    const broker = brokers[0] as FakeKafka
    const source = opened(bootstrap)
    broker.answer = (asked) =>
      asked.api === 'ListOffsets'
        ? { topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 6, offset: -1 }] }] }
        : answerOf(1)(asked)
    const snapshot = await collect(source)
    expect(snapshot.groups[0]?.positions[0]).toMatchObject({ committed: 40, end: null, lagMs: null })
    expect(snapshot.groups[0]?.lag).toBeNull()
    expect(snapshot.gaps).toContainEqual({
      what: 'ends of partitions',
      code: 'unreachable',
      message: 'Kafka answered NOT_LEADER_OR_FOLLOWER (1 partitions)',
    })
    const before = broker.asked.length
    broker.answer = answerOf(1)
    expect((await collect(source)).groups[0]?.lag).toBe(60)
    expect(broker.asked.slice(before)[0]?.api).toBe('Metadata')
  })
})

describe('rights', () => {
  it('that are missing on the cluster are a gap, because Kafka shortens its lists silently', async () => {
    const { brokers, answerOf, bootstrap } = await startCluster(1)
    const broker = brokers[0] as FakeKafka
    broker.answer = (asked) =>
      asked.api === 'Metadata'
        ? { ...(answerOf(1)(asked) as object), clusterAuthorizedOperations: ALL_RIGHTS & ~DESCRIBE }
        : answerOf(1)(asked)
    expect((await collect(opened(bootstrap))).gaps).toContainEqual(
      expect.objectContaining({ what: 'consumer groups and topics', code: 'refused' }),
    )
  })

  it('that are missing on a group, a topic or the log directories are gaps, and figures null', async () => {
    const { brokers, answerOf, bootstrap } = await startCluster(1)
    const broker = brokers[0] as FakeKafka
    broker.answer = (asked) => {
      if (asked.api === 'OffsetFetch') return { groups: [{ groupId: 'g1', errorCode: 30 }] }
      if (asked.api === 'ListOffsets')
        return { topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 29 }] }] }
      if (asked.api === 'DescribeLogDirs') return { errorCode: 31 }
      if (asked.api === 'DescribeGroups') return { groups: [{ groupId: 'g1', errorCode: 30 }] }
      return answerOf(1)(asked)
    }
    const snapshot = await collect(opened(bootstrap))
    expect(snapshot.groups[0]).toMatchObject({ state: 'stable', members: null, lag: null, positions: [] })
    expect(snapshot.topics[0]).toMatchObject({ partitions: 1, records: null, added: null, bytes: null })
    expect(new Set(snapshot.gaps.map(({ code }) => code))).toEqual(new Set(['refused']))
    expect(snapshot.gaps.map(({ what }) => what).sort()).toEqual([
      'committed offsets of consumer groups',
      'ends of partitions',
      'members of consumer groups',
      'sizes of topics',
      'starts of partitions',
    ])
  })
})

describe('older brokers', () => {
  it('that refuse to describe the groups of a new protocol still list them truly', async () => {
    const { brokers, answerOf, bootstrap } = await startCluster(1)
    const broker = brokers[0] as FakeKafka
    broker.answer = (asked) => {
      if (asked.api === 'ListGroups') {
        return { groups: [{ groupId: 'g1', protocolType: 'consumer', groupState: 'Stable', groupType: 'consumer' }] }
      }
      if (asked.api === 'ConsumerGroupDescribe') return { groups: [{ groupId: 'g1', errorCode: 35 }] }
      return answerOf(1)(asked)
    }
    const snapshot = await collect(opened(bootstrap))
    expect(snapshot.groups[0]).toMatchObject({ protocol: 'consumer', state: 'stable', members: null, lag: 60 })
    expect(snapshot.gaps).toContainEqual(
      expect.objectContaining({ what: 'members of consumer groups', code: 'unsupported' }),
    )
  })

  it('of 2019 (no states, no types, one group a request) are read all the same', async () => {
    const { brokers, answerOf, bootstrap } = await startCluster(1, {
      Metadata: 8,
      ListGroups: 2,
      DescribeGroups: 2,
      OffsetFetch: 5,
      ListOffsets: 4,
      DescribeLogDirs: 1,
      ConsumerGroupDescribe: null,
      ShareGroupDescribe: null,
    })
    const broker = brokers[0] as FakeKafka
    broker.answer = answerOf(1)
    const snapshot = await collect(opened(bootstrap))
    expect(snapshot.groups[0]).toMatchObject({ protocol: 'unknown', state: 'stable', members: 1, lag: 60 })
  })

  it('never make a live group dead: DescribeGroups says Dead of groups that are not classic', async () => {
    const { brokers, answerOf, bootstrap } = await startCluster(1, { ListGroups: 4 })
    const broker = brokers[0] as FakeKafka
    broker.answer = (asked) =>
      asked.api === 'DescribeGroups' ? { groups: [{ groupId: 'g1', groupState: 'Dead' }] } : answerOf(1)(asked)
    expect((await collect(opened(bootstrap))).groups[0]).toMatchObject({ state: 'stable', members: null })
  })
})

describe('a broker that cannot be read', () => {
  const cases: readonly (readonly [string, () => Promise<HostileServer>, string])[] = [
    ['accepts and says nothing', silentServer, 'timeout'],
    ['answers garbage', () => garbageServer(7), 'malformed'],
    ['announces a frame of 2 GB', () => dripServer(new Uint8Array([0x7f, 0xff, 0xff, 0xff])), 'malformed'],
    ['sends an answer byte by byte', () => dripServer(new Uint8Array([0, 0, 1, 0])), 'timeout'],
  ]
  it.concurrent.each(cases)('because it %s fails within 5 s and leaves no connection', async (_, start, code) => {
    const server = await start()
    const source = openTestKafka(`${server.host}:${server.port}`)
    const beganMs = performance.now()
    await expect(collect(source)).rejects.toMatchObject({ name: 'OpsError', code })
    expect(performance.now() - beganMs).toBeLessThan(5_000)
    await eventually(() => server.open() === 0)
    await source.close()
    await server.stop()
  })

  it('because it closes at once fails at once', async () => {
    const server = await closingServer()
    onTestFinished(() => server.stop())
    await expect(collect(opened(`${server.host}:${server.port}`))).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('closed the connection'),
    })
  })

  it('because nobody listens fails at once, and is read as soon as somebody does', async () => {
    const { port } = await refusingPort()
    const source = opened(`127.0.0.1:${port}`)
    for (let i = 0; i < 3; i += 1) {
      await expect(collect(source)).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringContaining('ECONNREFUSED'),
      })
    }
    const brokers: FakeKafka[] = []
    const broker = await startFakeKafka((asked) => usual(asked, 1, brokers), { port })
    onTestFinished(() => broker.stop())
    brokers.push(broker)
    expect((await collect(source)).groups).toHaveLength(1)
    await broker.stop()
    await expect(collect(source)).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('of several is passed over: the first that answers is believed', async () => {
    const { bootstrap } = await startCluster(1)
    const silent = await silentServer()
    onTestFinished(() => silent.stop())
    const { port } = await refusingPort()
    const snapshot = await collect(opened(`127.0.0.1:${port},${silent.host}:${silent.port},${bootstrap}`))
    expect(snapshot.groups).toHaveLength(1)
    expect(snapshot.tookMs).toBeLessThan(2_000)
    await eventually(() => silent.open() === 0)
  })
})

describe('the end', () => {
  it('closes every connection, also one that still owes an answer', async () => {
    const { brokers, bootstrap } = await startCluster(2)
    const source = openTestKafka(bootstrap)
    await collect(source)
    expect(brokers.map((each) => each.open())).toEqual([1, 1])
    for (const each of brokers) each.answer = () => 'silence'
    const last = collect(source)
    await eventually(() => brokers.some(({ asked }) => asked.filter(({ api }) => api === 'Metadata').length > 0))
    await source.close()
    await expect(last).rejects.toMatchObject({ code: 'closed' })
    await eventually(() => brokers.every((each) => each.open() === 0))
    await expect(collect(source)).rejects.toMatchObject({ code: 'closed' })
  })

  it('of the time given ends a refresh', async () => {
    const { brokers, bootstrap } = await startCluster(1)
    for (const each of brokers) each.answer = () => 'silence'
    const source = opened(bootstrap)
    const beganMs = performance.now()
    await expect(source.collect({ signal: AbortSignal.timeout(300), watched: [] })).rejects.toMatchObject({
      code: 'timeout',
    })
    expect(performance.now() - beganMs).toBeLessThan(1_000)
    await eventually(() => brokers[0]?.open() === 0)
  })
})
