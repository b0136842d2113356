import { SAGA_ACTS, SAGA_SHOWN, SAGA_STATUSES } from '../domain/saga.ts'
import { freshness, instant, listOf } from './freshness.ts'
import { FILTER_LENGTH_MAX } from './list-query.ts'
import { LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX } from './lists.ts'
import { z } from './zod.ts'

export const sagaRow = z
  .object({
    ref: z.string().describe('`saga/source/queue/id`'),
    source: z.string(),
    queue: z.string().describe('Name of its queue'),
    id: z.string(),
    name: z.string().describe('Of its definition, also the name of its job'),
    status: z.enum(SAGA_STATUSES),
    isStalled: z.boolean().describe('Something is to be done, and no job is there to do it: retry-step makes one'),
    step: z.string().nullable().describe('That comes next, or at which it is stuck; null = it is over, or not told'),
    error: z.string().nullable().describe('Of that step'),
    startedAtMs: z.number(),
    changedAtMs: z.number(),
  })
  .openapi('SagaRow')
export type SagaRow = z.infer<typeof sagaRow>

export const sagaQuery = z.strictObject({
  status: z.enum(SAGA_SHOWN).default('open').describe('`trouble`: stuck or stalled'),
  source: z.string().max(128).optional(),
  queue: z.string().max(1_024).optional().describe('Reference of one queue, `redis-main/orders`'),
  filter: z.string().max(FILTER_LENGTH_MAX).optional().describe('Substring of the reference, or a glob with `*`'),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT),
})

/** `GET /sagas`: read from the sources when asked for; stuck ones first, then stalled, then those that changed last. */
export const sagaList = listOf(sagaRow)
  .extend({
    unseen: z.number().describe('Sagas that were not looked at: at most 1,000 of a queue and 100 queues are'),
    gaps: z.array(z.string()).describe('Queues that could not be read, and why'),
  })
  .openapi('SagaList')
export type SagaList = z.infer<typeof sagaList>

const sagaStep = z
  .object({
    name: z.string(),
    status: z.string(),
    attempts: z.number().describe('Times it was begun'),
    compensations: z.number().describe('Times its compensation was'),
    error: z.string().nullable(),
    reason: z.string().nullable().describe('Why a person skipped it'),
    notBeforeMs: instant.describe('Not to be tried again before'),
    isCompensable: z.boolean(),
    result: z.string().nullable().describe('JSON text with secrets redacted, cut at 4 KB'),
  })
  .openapi('SagaStep')

/** `GET /sagas/:source/:queue/:id`: read from the source when asked for, never followed. */
export const sagaBody = freshness
  .extend({
    saga: sagaRow.extend({
      reason: z.string().nullable().describe('Why it was turned back or abandoned'),
      args: z.string().describe('JSON text with secrets redacted, cut at 4 KB'),
      endedAtMs: instant,
      run: z.string().nullable().describe('Reference of the run that goes on with it; null = none needs to'),
    }),
    steps: z.array(sagaStep),
    offers: z
      .array(z.object({ act: z.enum(SAGA_ACTS), step: z.string().nullable() }))
      .describe('What can be done with it now, by `POST /actions`'),
  })
  .openapi('SagaBody')
export type SagaBody = z.infer<typeof sagaBody>
