import { OpsError } from '../../domain/errors.ts'
import { EARLIEST, LATEST, listOffsets } from '../../wire/kafka/messages/list-offsets.ts'
import { chunksOf, groupedBy } from './chunks.ts'
import type { Cluster } from './cluster.ts'
import { type Gaps, isMoved, kafkaError } from './gaps.ts'
import { PARTITIONS_PER_LIST_OFFSETS } from './limits.ts'
import type { PartitionLog, PartitionLogs } from './partition-log.ts'

interface Reader {
  readonly cluster: Cluster
  readonly gaps: Gaps
  readonly logs: PartitionLogs
  /** Wall clock, for the table of ends. */
  readonly nowMs: () => number
  readonly monotonicMs: () => number
}

/**
 * Reads the ends (high watermarks) of these partitions, one request per leader. To be called after the commits they
 * are compared with: an end that was read before would make lag negative, or too small.
 */
export function readEnds(wanted: readonly PartitionLog[], reader: Reader): Promise<void> {
  // What is not answered now is not known now.
  for (const log of wanted) log.end = null
  return ask(wanted, { what: 'ends of partitions', timestamp: LATEST }, reader, (log, offset) =>
    reader.logs.noteEnd(log, offset, reader.nowMs()),
  )
}

/** Reads the first offsets still kept. */
export function readStarts(wanted: readonly PartitionLog[], reader: Reader): Promise<void> {
  return ask(wanted, { what: 'starts of partitions', timestamp: EARLIEST }, reader, (log, offset) => {
    log.start = offset
    log.startReadMs = reader.monotonicMs()
  })
}

async function ask(
  wanted: readonly PartitionLog[],
  { what, timestamp }: { readonly what: string; readonly timestamp: number },
  { cluster, gaps, logs }: Reader,
  take: (log: PartitionLog, offset: number) => void,
): Promise<void> {
  const byLeader = groupedBy(wanted, ({ leader }) => leader)
  const one = async (leader: number | null, batch: readonly PartitionLog[]) => {
    try {
      if (leader === null) {
        cluster.metadataIsStale()
        throw new OpsError('unreachable', 'ListOffsets', 'without a leader')
      }
      const answer = await cluster.ask(leader, listOffsets, { topics: byTopic(batch, timestamp) })
      for (const { name, partitions } of answer.topics) {
        for (const { partitionIndex, errorCode, offset } of partitions) {
          const log = logs.get(name, partitionIndex)
          if (errorCode === 0 && log && offset !== null && offset >= 0) take(log, offset)
          if (errorCode === 0) continue
          if (isMoved(errorCode)) cluster.metadataIsStale()
          gaps.note(what, kafkaError(errorCode, 'ListOffsets'), { name: 'partitions', count: 1 })
        }
      }
    } catch (thrown) {
      gaps.note(what, thrown, { name: 'partitions', count: batch.length })
    }
  }
  await Promise.all(
    [...byLeader].flatMap(([leader, mine]) =>
      chunksOf(mine, PARTITIONS_PER_LIST_OFFSETS).map((batch) => one(leader, batch)),
    ),
  )
}

function byTopic(batch: readonly PartitionLog[], timestamp: number) {
  const topics = new Map<string, { partitionIndex: number; timestamp: number }[]>()
  for (const { topic, partition } of batch) {
    const partitions = topics.get(topic) ?? []
    partitions.push({ partitionIndex: partition, timestamp })
    topics.set(topic, partitions)
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions }))
}
