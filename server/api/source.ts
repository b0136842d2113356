import { figure, freshness, listOf, severity, sourceAge } from './freshness.ts'
import { z } from './zod.ts'

export const sourceRow = sourceAge
  .extend({
    ref: z.string().describe('The source itself: its id'),
    severity,
    reasons: z.array(z.string()),
    systems: z.array(
      z.object({ name: z.string(), version: z.string().nullable(), cannotTell: z.record(z.string(), z.string()) }),
    ),
    queues: figure,
    topics: figure,
    groups: figure,
    workers: figure,
    tookMs: figure.describe('Of the last good snapshot'),
    commands: figure.describe('Sent for it'),
    bytesSent: figure,
    bytesRead: figure,
  })
  .openapi('SourceRow')
export type SourceRow = z.infer<typeof sourceRow>

export const sourceList = listOf(sourceRow).openapi('SourceList')
export type SourceList = z.infer<typeof sourceList>

export const sourceBody = freshness
  .extend({
    source: sourceRow,
    address: z.string().describe('Where it is, without secrets'),
    nodes: z.array(
      z.object({
        name: z.string(),
        role: z.string().nullable(),
        version: z.string().nullable(),
        memoryBytes: figure,
        memoryLimitBytes: figure,
        connections: figure,
        alarms: z.array(z.string()),
      }),
    ),
    gapList: z.array(z.object({ what: z.string(), code: z.string(), message: z.string() })),
  })
  .openapi('SourceBody')
export type SourceBody = z.infer<typeof sourceBody>
