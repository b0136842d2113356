import { figure, instant, listOf } from './freshness.ts'
import { z } from './zod.ts'

export const runRow = z
  .object({
    ref: z.string(),
    source: z.string(),
    system: z.string(),
    id: z.string(),
    job: z.string(),
    queue: z.string(),
    status: z.string(),
    attempt: z.number(),
    interruptions: z.number(),
    tickCount: figure,
    tickTotal: figure,
    cursor: z.string().nullable(),
    startedAtMs: instant,
    tickedAtMs: instant,
    runningMs: figure,
    error: z.string().nullable(),
    observedAtMs: z.number(),
  })
  .openapi('RunRow')
export type RunRow = z.infer<typeof runRow>

export const runList = listOf(runRow).openapi('RunList')
export type RunList = z.infer<typeof runList>
