import type { Queue, QueueFigure } from '../../domain/queue.ts'

/** One BullMQ queue: its name, and the start of all its keys (`bull:emails:`). */
export interface BullmqQueue {
  readonly prefix: string
  readonly name: string
  readonly base: string
}

export function bullmqQueue(prefix: string, name: string): BullmqQueue {
  return { prefix, name, base: `${prefix}:${name}:` }
}

/** What Redis holds of one queue, old markers in the lists already left out. */
export interface BullmqRow {
  readonly wait: number
  readonly paused: number
  readonly prioritized: number
  readonly active: number
  readonly delayed: number
  readonly failed: number
  /** Jobs ever added (INCR per add, custom ids and duplicates too); null = none was. */
  readonly added: number | null
  /** Creation of the job that is next in each list and of the first prioritized one: the earliest. Unix ms. */
  readonly oldestAtMs: number | null
  readonly isPaused: boolean
  readonly concurrency: number | null
  readonly max: number | null
  readonly durationMs: number | null
  readonly waitingChildren: number
  /** Lifetime count by the workers that set `metrics`; null when none of those has failed a job yet. */
  readonly metricsFailed: number | null
  /** Records of our own controls beside it, ended ones included. */
  readonly controls: number
  /** "bullmq:6.7.0"; null for a queue that only a FlowProducer or a v4 client has touched. */
  readonly version: string | null
}

/** A row that could be read, `gone` where the queue does not exist, or the server's error text. */
export type BullmqAnswer = BullmqRow | 'gone' | { readonly error: string }

/** What else is known of a queue, from elsewhere. */
export interface BullmqContext {
  /** The server's clock, at which the row was read. */
  readonly serverMs: number
  /** Workers connected; null = CLIENT LIST could not be read. */
  readonly consumers: number | null
  /** The workers were counted at an earlier refresh. */
  readonly areConsumersLate: boolean
  /** Jobs among the delayed that have been tried before; null = not counted. */
  readonly retrying: number | null
  readonly displayName: string
  /** A pause of ours is in force. */
  readonly isPausedByUs: boolean
}

/** One row as the vocabulary has it. Ages use the server's clock at both ends as far as BullMQ does: jobs carry the producer's. */
export function queueOfRow(row: BullmqRow, context: BullmqContext): Queue {
  const { serverMs, consumers, retrying, displayName } = context
  const depth = row.wait + row.paused + row.prioritized
  // Written out, not spread from UNKNOWN_QUEUE: at 10,000 rows the spread was half of the time of a refresh.
  return {
    name: displayName,
    vhost: null,
    system: 'bullmq',
    depth,
    active: row.active,
    delayed: row.delayed,
    retrying,
    dead: row.failed,
    oldestAgeMs: depth === 0 ? 0 : row.oldestAtMs === null ? null : Math.max(0, serverMs - row.oldestAtMs),
    added: row.added ?? 0,
    finished: finishedOf(row, depth),
    failed: row.metricsFailed,
    redelivered: null,
    consumers,
    pausedBy: row.isPaused ? (context.isPausedByUs ? 'sluice' : 'elsewhere') : 'nobody',
    estimated: estimatedOf(row, context),
    limit: limitOf(row),
    trouble: null,
    idleSinceMs: null,
    deadLetter: null,
    role: 'work',
    feeds: NO_FEEDS,
  }
}

/**
 * BullMQ keeps no count of finished jobs (`metrics` is off by default, and a count that was switched off stands still for
 * ever), but of jobs added: what is neither pending nor among the failed has finished, kept or not. This holds with
 * removeOnComplete, with retries and with schedulers. An estimate all the same: an add that BullMQ ignored (a known
 * id, deduplication) counts as added and finished at once, and so does a job that somebody removed.
 */
function finishedOf(row: BullmqRow, depth: number): number | null {
  if (row.added === null) return depth === 0 ? 0 : null
  const finished = row.added - depth - row.active - row.delayed - row.waitingChildren - row.failed
  return finished < 0 ? null : finished
}

/** Shared arrays: there are four cases, and thousands of rows. */
function estimatedOf({ prioritized }: BullmqRow, { areConsumersLate }: BullmqContext): readonly QueueFigure[] {
  // Behind the head of the prioritized set a less urgent job may be older.
  if (prioritized > 1) return areConsumersLate ? ESTIMATED.ageAndConsumers : ESTIMATED.age
  return areConsumersLate ? ESTIMATED.consumers : ESTIMATED.always
}

/** `failed` always: workers without `metrics` are missing in it. */
const ESTIMATED = {
  always: ['finished', 'failed'],
  age: ['finished', 'failed', 'oldestAgeMs'],
  consumers: ['finished', 'failed', 'consumers'],
  ageAndConsumers: ['finished', 'failed', 'oldestAgeMs', 'consumers'],
} as const
const NO_FEEDS: readonly string[] = []

/** The version without its package: "bullmq:6.7.0" → "6.7.0"; anything else is not told. */
export function versionOf(row: BullmqRow): string | null {
  return /^bullmq(?:-pro)?:(\d[\w.-]{0,30})$/.exec(row.version ?? '')?.[1] ?? null
}

function limitOf({ concurrency, max, durationMs }: BullmqRow): Queue['limit'] {
  const perSecond = max !== null && durationMs !== null && durationMs > 0 ? (max * 1000) / durationMs : null
  return concurrency === null && perSecond === null ? null : { concurrency, perSecond }
}
