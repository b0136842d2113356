import { z } from './zod.ts'

export const severity = z
  .enum(['critical', 'warning', 'notice', 'fine', 'unknown'])
  .describe('How bad it is. `unknown`: the source is stale, so it cannot be judged.')
export type Severity = z.infer<typeof severity>

export const sourceKind = z.enum(['redis', 'rabbitmq', 'kafka'])

/** A figure that the source may not be able to tell. */
export const figure = z.number().nullable()
export const instant = z.number().nullable().describe('Unix ms; null = never, or not told')

export const sourceAge = z
  .object({
    source: z.string(),
    kind: sourceKind,
    state: z
      .enum(['waiting', 'live', 'late', 'stale'])
      .describe('live ≤ 2 intervals old, late ≤ 5, stale older or failed; waiting: nothing read yet'),
    observedAtMs: instant.describe('When the last good snapshot was taken'),
    intervalMs: z.number().describe('The pace at which it is read now'),
    nextTryAtMs: instant,
    error: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .describe('Of the last try; null = it was good'),
    gaps: z.number().describe('Things the last snapshot could not read'),
  })
  .openapi('SourceAge')
export type SourceAge = z.infer<typeof sourceAge>

/** What every body carries: the server's clock, and how old each source is. */
export const freshness = z.object({
  asOfMs: z.number().describe("The server's clock, Unix ms"),
  sources: z.array(sourceAge),
})
export type Freshness = z.infer<typeof freshness>

/** A window of a list. `total` counts what matched the filter. */
export function listOf<T extends z.ZodType>(item: T) {
  return freshness.extend({ total: z.number(), offset: z.number(), items: z.array(item) })
}

export interface ListBody<T> extends Freshness {
  total: number
  offset: number
  items: T[]
}

/** The last hour in equal steps, oldest first; null = not observed. */
export const history = z
  .object({
    startMs: z.number().describe('Unix ms of the first point'),
    stepMs: z.number(),
    series: z.record(z.string(), z.array(figure)).describe('Per figure, all of one length'),
  })
  .openapi('History')
export type History = z.infer<typeof history>

/** Bounded points for a sparkline, oldest first; null = not observed. Null as a whole = not asked for (`trend=1`). */
export const trend = z.array(figure).nullable()
