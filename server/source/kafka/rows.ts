import type { ConsumerGroup } from '../../domain/group.ts'
import type { Node } from '../../domain/snapshot.ts'
import type { Topic } from '../../domain/topic.ts'
import { addressOf, type Cluster, type ClusterMetadata } from './cluster.ts'
import { compareText } from './compare-text.ts'
import { type KnownGroup, membersOf } from './known-group.ts'
import type { PartitionLog, PartitionLogs } from './partition-log.ts'
import { lagOf } from './positions.ts'

/** One group as the snapshot shows it. `isReachable`: its coordinator listed it in this refresh. */
export function groupRow(group: KnownGroup, isReachable: boolean, monotonicMs: number): ConsumerGroup {
  const positions = isReachable ? (group.reading?.positions ?? []) : []
  const members = isReachable ? membersOf(group, monotonicMs) : null
  const lags = positions.map(lagOf).filter((lag) => lag !== null)
  const worst = positions.reduce<(typeof positions)[number] | null>(
    (found, each) => (each.lagMs !== null && (found === null || each.lagMs > (found.lagMs ?? -1)) ? each : found),
    null,
  )
  const lost = positions.map(({ committed, start }) =>
    committed === null || start === null ? 0 : Math.max(0, start - committed),
  )
  return {
    name: group.name,
    protocol: group.protocol,
    state: isReachable ? group.state : 'unknown',
    members: members?.length ?? null,
    lag: lags.length === 0 ? null : sum(lags),
    lagMs: worst?.lagMs ?? null,
    lagMsEstimated: worst?.lagMsBasis === 'estimate',
    lostPartitions: lost.filter((records) => records > 0).length,
    lostRecords: sum(lost),
    positions,
    memberList: members,
  }
}

/** Topics by name. A figure is null as soon as one of its partitions lacks it. */
export function topicRows(
  metadata: ClusterMetadata,
  logs: PartitionLogs,
  isWatched: (name: string) => boolean,
): readonly Topic[] {
  const rows = metadata.topics
    .filter(({ errorCode, partitions }) => errorCode === 0 || partitions.length > 0)
    .map((topic): Topic => {
      const mine = logs.ofTopic(topic.name)
      return {
        name: topic.name,
        vhost: null,
        system: 'kafka',
        partitions: topic.partitions.length,
        internal: topic.isInternal,
        replicationFactor:
          topic.partitions.length === 0
            ? null
            : Math.max(...topic.partitions.map(({ replicaNodes }) => replicaNodes.length)),
        underReplicated: topic.partitions.filter((each) => each.isrNodes.length < each.replicaNodes.length).length,
        records: total(mine, ({ start, end }) => (start === null || end === null ? null : Math.max(0, end - start))),
        added: total(mine, ({ end }) => end),
        bytes: total(mine, ({ bytes }) => bytes),
        readers: null,
        detail: isWatched(topic.name) ? detailOf(topic, logs) : null,
      }
    })
  return rows.sort((a, b) => compareText(a.name, b.name))
}

/** Brokers do not tell their version, memory or connections to clients. */
export function nodeRows(cluster: Cluster): readonly Node[] {
  return cluster.brokers.map((broker): Node => {
    const failure = cluster.failureOf(broker.nodeId)
    return {
      name: `broker ${broker.nodeId} (${addressOf(broker)})`,
      role: 'broker',
      version: null,
      memoryBytes: null,
      memoryLimitBytes: null,
      connections: null,
      alarms: failure ? [failure.code] : [],
    }
  })
}

function detailOf(topic: ClusterMetadata['topics'][number], logs: PartitionLogs): NonNullable<Topic['detail']> {
  return [...topic.partitions]
    .sort((a, b) => a.partitionIndex - b.partitionIndex)
    .map(({ partitionIndex, leaderId, replicaNodes, isrNodes }) => {
      const log = logs.get(topic.name, partitionIndex)
      return {
        partition: partitionIndex,
        leader: leaderId >= 0 ? leaderId : null,
        replicas: replicaNodes,
        inSync: isrNodes,
        start: log?.start ?? null,
        end: log?.end ?? null,
      }
    })
}

function total(logs: readonly PartitionLog[], figure: (log: PartitionLog) => number | null): number | null {
  let sum = 0
  for (const log of logs) {
    const value = figure(log)
    if (value === null) return null
    sum += value
  }
  return logs.length === 0 ? null : sum
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0)
}
