import { figure, freshness, history, listOf, severity, trend } from './freshness.ts'
import { z } from './zod.ts'

export const topicRow = z
  .object({
    ref: z.string().describe('`topic/source/name`'),
    source: z.string(),
    vhost: z.string().nullable(),
    name: z.string(),
    system: z.string(),
    severity,
    reasons: z.array(z.string()),
    partitions: z.number(),
    internal: z.boolean(),
    replicationFactor: figure,
    underReplicated: figure,
    records: figure.describe('Kept now; for Kafka end − start, an upper bound'),
    bytes: figure,
    readers: figure,
    groups: figure.describe('Consumer groups with a position in it; null where the broker has no groups'),
    inPerSecond: figure,
    observedAtMs: z.number(),
    trend: trend.describe('Records arriving per second over the last hour, 60 points'),
  })
  .openapi('TopicRow')
export type TopicRow = z.infer<typeof topicRow>

export const topicList = listOf(topicRow).openapi('TopicList')
export type TopicList = z.infer<typeof topicList>

export const topicBody = freshness
  .extend({
    topic: topicRow,
    detail: z
      .array(
        z.object({
          partition: z.number(),
          leader: figure,
          replicas: z.array(z.number()),
          inSync: z.array(z.number()),
          start: figure,
          end: figure,
        }),
      )
      .nullable()
      .describe('Null until read: it is read while somebody looks'),
    groups: z.array(z.object({ ref: z.string(), name: z.string(), lag: figure, lagMs: figure })),
    history: history.describe('Series inPerSecond, records'),
  })
  .openapi('TopicBody')
export type TopicBody = z.infer<typeof topicBody>
