import { figure, freshness, severity, sourceKind, trend } from './freshness.ts'
import { drain } from './queue.ts'
import { z } from './zod.ts'

export const verdict = z
  .object({
    severity,
    sentence: z
      .string()
      .describe('`2 problems · worst: …`, `All clear · 3 sources live`, never clear while one is unknown'),
    problems: z.number(),
  })
  .openapi('Verdict')

export const fire = z
  .object({
    kind: z.enum(['queue', 'group', 'topic', 'run', 'source', 'control']),
    ref: z.string().describe('For a control: its target'),
    control: z.string().optional().describe('Id, when the fire is a control that does not hold'),
    severity,
    reasons: z.array(z.string()),
    waitMs: figure.describe('Oldest or lag; of a run how long no item was finished'),
    waitEstimated: z.boolean(),
    sinceMs: z.number().nullable().describe('When it was first seen as bad as this'),
    trend,
  })
  .openapi('Fire')
export type Fire = z.infer<typeof fire>

/** A queue or a group in one list; the unit stands beside the amount, as the two are never summed. */
export const hotRow = z
  .object({
    kind: z.enum(['queue', 'group']),
    ref: z.string(),
    source: z.string(),
    name: z.string(),
    severity,
    reasons: z.array(z.string()),
    pausedBy: z.enum(['nobody', 'sluice', 'elsewhere']),
    waitMs: figure,
    waitEstimated: z.boolean(),
    amount: figure,
    unit: z.enum(['jobs', 'messages', 'records']),
    change5m: figure,
    inPerSecond: figure,
    outPerSecond: figure,
    failRatio: figure.describe('0..1, of what ended in the last minute'),
    consumers: figure,
    drain,
    drainMs: figure,
    observedAtMs: z.number(),
    trend,
  })
  .openapi('HotRow')
export type HotRow = z.infer<typeof hotRow>

/** All sources of one kind together; stale ones are named in `unknown` and left out of the sums. */
export const kindTotals = z
  .object({
    kind: sourceKind,
    sources: z.array(z.string()),
    unknown: z.array(z.string()),
    amount: figure.describe('Depth (redis, rabbitmq) or lag (kafka) over the sources that are known'),
    unit: z.enum(['jobs', 'messages', 'records']),
    inPerSecond: figure,
    outPerSecond: figure,
    failedPerSecond: figure,
    retrying: figure,
    dead: figure,
    paused: z.number(),
    rebalancing: z.number(),
    worst: z.object({ ref: z.string(), name: z.string(), waitMs: figure, waitEstimated: z.boolean() }).nullable(),
    trend,
  })
  .openapi('KindTotals')
export type KindTotals = z.infer<typeof kindTotals>

export const overviewBody = freshness
  .extend({
    verdict,
    fires: z.array(fire).describe('At most 7, worst first'),
    firesTotal: z.number(),
    kinds: z.array(kindTotals),
    hot: z.array(hotRow).describe('At most 20, most pain first'),
    hotTotal: z.number().describe('Queues and groups in all'),
    counts: z.object({
      queues: z.number(),
      topics: z.number(),
      groups: z.number(),
      runs: z.number(),
      workers: z.number(),
    }),
  })
  .openapi('OverviewBody')
export type OverviewBody = z.infer<typeof overviewBody>
