import { controlRow } from './control.ts'
import { figure, freshness, history, instant, listOf } from './freshness.ts'
import { z } from './zod.ts'

export const runRow = z
  .object({
    ref: z.string(),
    source: z.string(),
    system: z.string(),
    id: z.string(),
    job: z.string(),
    queue: z.string(),
    queueRef: z
      .string()
      .describe('Reference of that queue; another system of its source may have one of the same name'),
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
    crashes: figure,
    perSecond: figure.describe('Iterations a second while it runs'),
    etaFromMs: instant.describe('It will have ended between these two, Unix ms; null when it cannot be told'),
    etaToMs: instant,
    stalledMs: figure.describe('It runs and no iteration ended for this long, far longer than usual; else null'),
    worker: z.string().nullable(),
    saga: z.string().nullable().describe('Reference of the saga that it goes on with; null = none'),
    observedAtMs: z.number(),
  })
  .openapi('RunRow')
export type RunRow = z.infer<typeof runRow>

export const runList = listOf(runRow).openapi('RunList')
export type RunList = z.infer<typeof runList>

/** `GET /runs/:source/:id`. */
export const runBody = freshness
  .extend({
    run: runRow,
    moves: z.array(z.string()).describe('Acts that its status allows now: pause, throttle, resume, cancel, retry'),
    controls: z.array(controlRow).describe('Those that concern it'),
    history: history.describe('Series tickCount, perSecond'),
  })
  .openapi('RunBody')
export type RunBody = z.infer<typeof runBody>
