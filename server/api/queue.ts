import { figure, freshness, history, instant, listOf, severity, trend } from './freshness.ts'
import { runRow } from './run.ts'
import { workerRow } from './worker.ts'
import { z } from './zod.ts'

/** How the backlog will end at today's rates. `never`: it does not shrink. `idle`: nothing waits. */
export const drain = z.enum(['draining', 'never', 'idle', 'unknown'])

export const queueRow = z
  .object({
    ref: z.string().describe('`source/name`, unambiguous'),
    source: z.string(),
    vhost: z.string().nullable(),
    name: z.string(),
    system: z.string(),
    role: z.enum(['work', 'retry', 'dead-letter']),
    severity,
    reasons: z.array(z.string()).describe('Why it is not fine, in words; worst first'),
    pausedBy: z.enum(['nobody', 'sluice', 'elsewhere']),
    depth: figure.describe('Could be taken now'),
    active: figure.describe('Taken, not finished'),
    delayed: figure,
    retrying: figure,
    dead: figure,
    oldestAgeMs: figure.describe('Age at observedAtMs of the oldest unit waiting; 0 when nothing waits'),
    consumers: figure,
    added: figure.describe('Lifetime counter, as are finished, failed and redelivered'),
    finished: figure,
    failed: figure,
    redelivered: figure,
    inPerSecond: figure.describe('Over the last minute'),
    outPerSecond: figure,
    failedPerSecond: figure,
    redeliveredPerSecond: figure,
    depthChange5m: figure,
    drain,
    drainMs: figure.describe('Only while draining'),
    estimated: z.array(z.string()).describe('Names of the figures above that are estimates'),
    trouble: z.string().nullable(),
    idleSinceMs: instant,
    observedAtMs: z.number(),
    trend: trend.describe('Depth over the last hour, 60 points'),
  })
  .openapi('QueueRow')
export type QueueRow = z.infer<typeof queueRow>

export const queueList = listOf(queueRow).openapi('QueueList')
export type QueueList = z.infer<typeof queueList>

export const queueBody = freshness
  .extend({
    queue: queueRow,
    limit: z.object({ concurrency: figure, perSecond: figure }).nullable(),
    deadLetter: z
      .object({ exchange: z.string(), routingKey: z.string().nullable(), queues: z.array(z.string()) })
      .nullable(),
    feeds: z.array(z.string()),
    sagas: z
      .object({ open: z.number(), stuck: z.number() })
      .nullable()
      .describe('That are not over, and that wait for a person; null = it never had one'),
    cannotTell: z.record(z.string(), z.string()).describe('Figure → why this system cannot tell it'),
    history: history.describe('Series depth, inPerSecond, outPerSecond, oldestAgeMs'),
    workers: z.array(workerRow).describe('At most 100 that serve this queue'),
    runs: z.array(runRow).describe('At most 5 iterating jobs in it that have not ended, the longest under way first'),
  })
  .openapi('QueueBody')
export type QueueBody = z.infer<typeof queueBody>
