import { OpsError } from '../../domain/errors.ts'
import { describeLogDirs } from '../../wire/kafka/messages/describe-log-dirs.ts'
import type { Cluster } from './cluster.ts'
import { type Gaps, kafkaError } from './gaps.ts'
import type { PartitionLogs } from './partition-log.ts'

const WHAT = 'sizes of topics'

/**
 * Reads the size on disk of the leader's copy of each partition, from every broker. `topics`: only these; null = all,
 * which at 10,000 partitions is about 0.3 MB.
 */
export async function readSizes(
  topics: readonly string[] | null,
  { cluster, gaps, logs }: { readonly cluster: Cluster; readonly gaps: Gaps; readonly logs: PartitionLogs },
): Promise<void> {
  const named = topics?.map((topic) => ({
    topic,
    partitions: logs.ofTopic(topic).map(({ partition }) => partition),
  }))
  const one = async (nodeId: number) => {
    try {
      const answer = await cluster.ask(nodeId, describeLogDirs, { topics: named ?? null })
      if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, 'DescribeLogDirs')
      // Brokers before 3.2 say nothing at all where they would have to say no.
      if (answer.results.length === 0) throw new OpsError('refused', 'DescribeLogDirs', 'no log directory is shown')
      for (const { errorCode, topics } of answer.results) {
        if (errorCode !== 0) throw kafkaError(errorCode, 'DescribeLogDirs')
        for (const { name, partitions } of topics) {
          for (const { partitionIndex, partitionSize, isFutureKey } of partitions) {
            const log = logs.get(name, partitionIndex)
            if (log && log.leader === nodeId && !isFutureKey) log.bytes = partitionSize
          }
        }
      }
    } catch (thrown) {
      gaps.note(WHAT, thrown)
    }
  }
  await Promise.all(cluster.brokers.map(({ nodeId }) => one(nodeId)))
}
