import { figure, instant, listOf } from './freshness.ts'
import { z } from './zod.ts'

export const workerRow = z
  .object({
    ref: z.string(),
    source: z.string(),
    system: z.string(),
    id: z.string(),
    host: z.string().nullable(),
    pid: figure,
    version: z.string().nullable(),
    serves: z.array(z.string()),
    capacity: figure,
    busy: figure,
    phase: z.enum(['running', 'quiet', 'stopping', 'gone']),
    startedAtMs: instant,
    beatAtMs: instant,
    observedAtMs: z.number(),
  })
  .openapi('WorkerRow')
export type WorkerRow = z.infer<typeof workerRow>

export const workerList = listOf(workerRow).openapi('WorkerList')
export type WorkerList = z.infer<typeof workerList>
