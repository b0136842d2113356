import { figure, freshness, history, listOf, severity, trend } from './freshness.ts'
import { drain } from './queue.ts'
import { z } from './zod.ts'

export const groupRow = z
  .object({
    ref: z.string().describe('`group/source/name`'),
    source: z.string(),
    name: z.string(),
    protocol: z.enum(['classic', 'consumer', 'share', 'streams', 'unknown']),
    state: z.enum(['stable', 'rebalancing', 'empty', 'dead', 'unknown']),
    severity,
    reasons: z.array(z.string()),
    members: figure,
    topics: z.array(z.string()).describe('At most 20 that it has a position in'),
    partitions: z.number().describe('With a position or an owner'),
    lag: figure.describe('Records behind'),
    lagMs: figure.describe('Age of the oldest record not yet consumed; 0 = caught up'),
    lagMsEstimated: z.boolean(),
    lagChange5m: figure,
    inPerSecond: figure.describe('Records arriving in the partitions it reads'),
    outPerSecond: figure.describe('Records it consumes'),
    drain,
    drainMs: figure,
    lostPartitions: z.number(),
    lostRecords: z.number().describe('Taken by retention before they were read'),
    observedAtMs: z.number(),
    trend: trend.describe('Lag in records over the last hour, 60 points'),
  })
  .openapi('GroupRow')
export type GroupRow = z.infer<typeof groupRow>

export const groupList = listOf(groupRow).openapi('GroupList')
export type GroupList = z.infer<typeof groupList>

export const position = z
  .object({
    topic: z.string(),
    partition: z.number(),
    committed: figure,
    start: figure,
    end: figure,
    lag: figure,
    lagMs: figure,
    lagMsBasis: z.enum(['exact', 'estimate', 'no-commit', 'no-history']),
    owner: z.string().nullable(),
  })
  .openapi('Position')
export type PositionRow = z.infer<typeof position>

export const groupBody = freshness
  .extend({
    group: groupRow,
    positions: z.array(position).describe('At most 1,000, worst first'),
    positionsTotal: z.number(),
    members: z
      .array(
        z.object({ id: z.string(), clientId: z.string(), host: z.string(), partitions: z.number(), moving: figure }),
      )
      .nullable()
      .describe('Null until read: it is read while somebody looks'),
    history: history.describe('Series lag, lagMs, inPerSecond, outPerSecond'),
  })
  .openapi('GroupBody')
export type GroupBody = z.infer<typeof groupBody>
