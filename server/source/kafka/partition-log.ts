import type { RecordTime } from '../../wire/kafka/record-batch.ts'
import type { ClusterMetadata } from './cluster.ts'
import { EndTable } from './end-table.ts'
import { RECORD_TIMES_PER_PARTITION, TABLES_MAX } from './limits.ts'

/** What is known of one partition. The source's private store: the readers write into it. */
export interface PartitionLog {
  readonly topic: string
  readonly partition: number
  /** Null = it has none now. */
  leader: number | null
  /** Null = never read, or not when it was last tried. */
  end: number | null
  /** The last that was read: it only grows, so an older one is still a lower bound. Null = never. */
  start: number | null
  startReadMs: number
  /** Bytes of the leader's copy; null = never read. */
  bytes: number | null
  endBefore: number | null
  table: EndTable | null
  /** Times of single records that were looked up, by the offset asked for. Null = there is none to be had. */
  readonly times: Map<number, RecordTime | null>
}

/** All partitions of the cluster, by topic and number. */
export class PartitionLogs {
  #byTopic = new Map<string, readonly PartitionLog[]>()
  #tables = 0

  /** Begins a refresh: partitions as the metadata has them, with what was known of those that stay. */
  begin(metadata: ClusterMetadata): void {
    const next = new Map<string, readonly PartitionLog[]>()
    this.#tables = 0
    for (const { name, partitions } of metadata.topics) {
      const logs = partitions.map(({ partitionIndex, leaderId }) => {
        const log = this.get(name, partitionIndex) ?? emptyLog(name, partitionIndex)
        log.leader = leaderId >= 0 ? leaderId : null
        if (log.leader === null) log.end = null
        if (log.table) this.#tables += 1
        return log
      })
      next.set(
        name,
        logs.sort((a, b) => a.partition - b.partition),
      )
    }
    this.#byTopic = next
  }

  get(topic: string, partition: number): PartitionLog | undefined {
    const logs = this.#byTopic.get(topic)
    const log = logs?.[partition]
    return log?.partition === partition ? log : logs?.find((each) => each.partition === partition)
  }

  ofTopic(topic: string): readonly PartitionLog[] {
    return this.#byTopic.get(topic) ?? []
  }

  *all(): Iterable<PartitionLog> {
    for (const logs of this.#byTopic.values()) yield* logs
  }

  /** Notes the end as read just now. One that went backwards means another topic of the same name. */
  noteEnd(log: PartitionLog, end: number, atMs: number): void {
    if (log.endBefore !== null && end < log.endBefore) {
      log.start = null
      log.startReadMs = Number.NEGATIVE_INFINITY
      log.times.clear()
    }
    log.end = end
    log.endBefore = end
    log.table?.note(end, atMs)
  }

  /** From now on the end of this partition is remembered: somebody reads it. Beyond the bound it is not, and lag in time is null. */
  remember(log: PartitionLog): void {
    if (log.table || this.#tables >= TABLES_MAX) return
    log.table = new EndTable()
    this.#tables += 1
  }
}

export function noteTime(log: PartitionLog, offset: number, time: RecordTime | null): void {
  log.times.delete(offset)
  log.times.set(offset, time)
  const [oldest] = log.times.keys()
  if (log.times.size > RECORD_TIMES_PER_PARTITION && oldest !== undefined) log.times.delete(oldest)
}

function emptyLog(topic: string, partition: number): PartitionLog {
  return {
    topic,
    partition,
    leader: null,
    end: null,
    start: null,
    startReadMs: Number.NEGATIVE_INFINITY,
    bytes: null,
    endBefore: null,
    table: null,
    times: new Map(),
  }
}
