/** The job or queue system that a queue belongs to. Open-ended on purpose: a new connector adds a word, not a type. */
export type SystemName =
  | 'bullmq'
  | 'sidekiq'
  | 'rabbitmq-classic'
  | 'rabbitmq-quorum'
  | 'rabbitmq-stream'
  | 'kafka'
  | (string & {})

/** The figures of a queue that may be unknown (null) or an estimate. */
export type QueueFigure =
  | 'depth'
  | 'active'
  | 'delayed'
  | 'retrying'
  | 'dead'
  | 'oldestAgeMs'
  | 'added'
  | 'finished'
  | 'failed'
  | 'redelivered'
  | 'consumers'

/** Where a RabbitMQ queue sends what it gives up, and what stands behind that. Null parts could not be told. */
export interface DeadLetterRoute {
  readonly exchange: string
  readonly routingKey: string | null
  /** Names of the queues that this route leads to, as far as the topology tells. */
  readonly queues: readonly string[]
}

/** Work waiting, each unit taken once. One per (source, system, name). Null = the system cannot tell; never 0 instead. */
export interface Queue {
  readonly name: string
  /** RabbitMQ: the virtual host, null for `/`. Others: null. Part of the identity. */
  readonly vhost: string | null
  readonly system: SystemName
  /** Units that could be taken now. BullMQ: wait + paused + prioritized. RabbitMQ: messages_ready. */
  readonly depth: number | null
  /** Units taken and not finished. RabbitMQ: messages_unacknowledged. */
  readonly active: number | null
  /** Units due later, retries with back-off included where the system does not tell them apart. */
  readonly delayed: number | null
  /** Units that failed and will be tried again. */
  readonly retrying: number | null
  /** Units given up on and kept: BullMQ failed, Sidekiq dead, messages in this queue's own dead-letter queue. */
  readonly dead: number | null
  /** Age in ms, at the snapshot, of the oldest unit that could be taken; 0 when nothing waits; null when it cannot be told. */
  readonly oldestAgeMs: number | null
  /** Lifetime counters; rates come from two snapshots. A counter that fell means a restart: begin anew. */
  readonly added: number | null
  readonly finished: number | null
  readonly failed: number | null
  readonly redelivered: number | null
  /** Processes or connections that take from this queue. */
  readonly consumers: number | null
  /** `elsewhere`: paused by something that is not Sluice (the system's own lever). */
  readonly pausedBy: 'nobody' | 'sluice' | 'elsewhere'
  /** Which of the figures above are estimates. */
  readonly estimated: readonly QueueFigure[]
  /** Limits in force that were set in the system itself. Null = none, or it cannot be told. */
  readonly limit: { readonly concurrency: number | null; readonly perSecond: number | null } | null
  /** The broker's own word when it is not healthy (`down`, `flow`, `minority` …); null when it is, or has none. */
  readonly trouble: string | null
  /** When it was last used, Unix ms; null while in use or when it cannot be told. */
  readonly idleSinceMs: number | null
  readonly deadLetter: DeadLetterRoute | null
  /** What the topology says this queue is for. `retry`: waits by TTL and goes back to `feeds`. */
  readonly role: 'work' | 'retry' | 'dead-letter'
  /** For `retry` and `dead-letter`: the queues it serves. */
  readonly feeds: readonly string[]
  /** Sagas that are not over, and those of them that wait for a person; null or absent = it never had one. */
  readonly sagas?: { readonly open: number; readonly stuck: number } | null
}

/** A queue of which nothing is known yet: connectors spread this and fill in what they read. */
export const UNKNOWN_QUEUE: Omit<Queue, 'name' | 'system'> = {
  vhost: null,
  depth: null,
  active: null,
  delayed: null,
  retrying: null,
  dead: null,
  oldestAgeMs: null,
  added: null,
  finished: null,
  failed: null,
  redelivered: null,
  consumers: null,
  pausedBy: 'nobody',
  estimated: [],
  limit: null,
  trouble: null,
  idleSinceMs: null,
  deadLetter: null,
  role: 'work',
  feeds: [],
}
