import type { SystemName } from './queue.ts'

/** A log whose records stay. A topic has no depth: lag belongs to (group, topic, partition). */
export interface Topic {
  readonly name: string
  /** RabbitMQ streams: the virtual host, null for `/`. Kafka: null. */
  readonly vhost: string | null
  readonly system: SystemName
  readonly partitions: number
  /** The broker's own topics (`__consumer_offsets` …). */
  readonly internal: boolean
  readonly replicationFactor: number | null
  /** Partitions with fewer in-sync replicas than replicas; null when it cannot be told. */
  readonly underReplicated: number | null
  /** Kafka: Σ end − start, an upper bound (compaction and markers leave holes). RabbitMQ stream: messages. */
  readonly records: number | null
  /** Σ of end offsets: a lifetime counter, from which the rate of arrival comes. */
  readonly added: number | null
  /** On disk. Kafka: one copy (the leaders'). */
  readonly bytes: number | null
  /** Readers attached now, where the broker counts them per topic (RabbitMQ streams); null for Kafka: see groups. */
  readonly readers: number | null
  /** Per partition, only for topics somebody looks at; null otherwise. */
  readonly detail: readonly TopicPartition[] | null
}

export interface TopicPartition {
  readonly partition: number
  readonly leader: number | null
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
  /** First offset kept, and the one that the next record will get; null when unread. */
  readonly start: number | null
  readonly end: number | null
}
