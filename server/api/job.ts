import { JOB_PAGE_MAX, JOB_STATES } from '../domain/job.ts'
import { figure, instant } from './freshness.ts'
import { z } from './zod.ts'

export const jobRow = z
  .object({
    id: z.string(),
    job: z.string(),
    state: z.enum(JOB_STATES),
    tags: z.array(z.string()),
    enqueuedAtMs: instant,
    atMs: instant.describe('Due (delayed, retrying), started (active) or given up (dead)'),
    attempt: figure,
    interruptions: figure,
    crashes: figure,
    error: z.string().nullable(),
    deadReason: z.string().nullable(),
    worker: z.string().nullable(),
    args: z.string().nullable().describe('JSON text with secrets redacted, cut at 16 KB'),
    argsBytes: figure,
    version: figure,
  })
  .openapi('JobRow')
export type JobRow = z.infer<typeof jobRow>

export const jobPageQuery = z.strictObject({
  state: z.enum(JOB_STATES).default('pending'),
  cursor: z.string().max(512).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(JOB_PAGE_MAX).default(50),
})

/** `GET /jobs/:source/:name`: read from the source when asked for, never followed. */
export const jobPage = z
  .object({
    asOfMs: z.number(),
    ref: z.string(),
    state: z.enum(JOB_STATES),
    total: z.number(),
    next: z.string().nullable(),
    items: z.array(jobRow),
  })
  .openapi('JobPage')
export type JobPageBody = z.infer<typeof jobPage>

export const errorGroup = z
  .object({
    fingerprint: z.string(),
    job: z.string(),
    pattern: z.string(),
    sample: z.string(),
    count: z.number(),
    retrying: z.number(),
    dead: z.number(),
    firstAtMs: instant,
    lastAtMs: instant,
  })
  .openapi('ErrorGroup')

/** `GET /failures/:source/:name`: what failed in a queue, by what looks alike; most frequent first, at most 100. */
export const failureBody = z
  .object({ asOfMs: z.number(), ref: z.string(), groups: z.array(errorGroup), total: z.number() })
  .openapi('Failures')
export type FailureBody = z.infer<typeof failureBody>
