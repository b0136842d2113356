import { CONTROL_PHASES, CONTROL_TTL_MS, REASON_LENGTH } from '../domain/control.ts'
import { ACTS } from '../domain/job.ts'
import { SAGA_ACTS } from '../domain/saga.ts'
import { figure, freshness, instant, listOf } from './freshness.ts'
import { z } from './zod.ts'

/** Targets of one request, after globs. */
export const CONTROL_TARGETS_MAX = 200

const rate = z.number().min(0.01).max(100_000)
export const order = z
  .discriminatedUnion('verb', [
    z.strictObject({ verb: z.literal('pause') }),
    z.strictObject({
      verb: z.literal('throttle'),
      perSecond: rate,
      fromPerSecond: rate.nullable().default(null).describe('Begins here and grows to perSecond until its end'),
    }),
    z.strictObject({ verb: z.literal('limit'), concurrency: z.number().int().min(1).max(100_000) }),
  ])
  .openapi('Order')
export type OrderBody = z.infer<typeof order>

const targets = z
  .array(z.string().min(1).max(1_024))
  .min(1)
  .max(CONTROL_TARGETS_MAX)
  .describe(
    'References: `source/queue`, `job-class/source/name`, `tag/source/name`, `run/source/id`; `*` in a queue’s name',
  )
const ttlMs = z.number().int().min(CONTROL_TTL_MS.min).max(CONTROL_TTL_MS.max).default(CONTROL_TTL_MS.fallback)
const reason = z.string().trim().min(REASON_LENGTH.min).max(REASON_LENGTH.max)

/** `POST /controls:preview`. */
export const previewRequest = z.strictObject({ targets, order, ttlMs }).openapi('ControlPreviewRequest')
/** `POST /controls`. The fingerprint is that of the preview: what was seen is what is done. */
export const controlRequest = z
  .strictObject({ targets, order, ttlMs, reason, fingerprint: z.string().min(1).max(128) })
  .openapi('ControlRequest')
/** `POST /controls/:id/extend`: lives for `ttlMs` from now on. */
export const extendRequest = z
  .strictObject({ ttlMs, revision: z.number().int().min(1).describe('The one that was seen: 409 if it has changed') })
  .openapi('ControlExtendRequest')
/** `POST /controls/:id/lift`. */
export const liftRequest = z.strictObject({ reason: reason.optional() }).openapi('ControlLiftRequest')
/** `POST /controls:resume`: lifts every control on the targets, all at once or with a ramp. */
export const resumeRequest = z
  .strictObject({
    targets,
    reason,
    ramp: z
      .strictObject({ fromPerSecond: rate, toPerSecond: rate, overMs: ttlMs })
      .nullable()
      .default(null)
      .describe('A throttle takes their place, grows in a straight line and ends by itself'),
  })
  .openapi('ResumeRequest')

export const lever = z
  .discriminatedUnion('by', [
    z.object({ by: z.enum(['broker', 'system', 'workers']), how: z.string(), caveat: z.string().nullable() }),
    z.object({ by: z.literal('none'), why: z.string() }),
  ])
  .openapi('Lever')

/** One worker that a control concerns, and whether it obeys. */
export const controlWorker = z.object({
  ref: z.string(),
  obeys: z.boolean(),
  disobeys: z.boolean().describe('It started work that the control forbids'),
  version: z.string().nullable(),
  beatAtMs: instant,
  /** Its wall clock minus the source's. */
  skewMs: figure,
})

export const controlRow = z
  .object({
    id: z.string(),
    target: z.string().describe('Reference'),
    source: z.string(),
    order,
    sentence: z.string().describe('`paused`, `at most 50/s`, `at most 5 at once`'),
    reason: z.string(),
    actor: z.string(),
    issuedAtMs: z.number(),
    expiresAtMs: z.number(),
    revision: z.number(),
    phase: z.enum(CONTROL_PHASES),
    phaseSinceMs: z.number(),
    detail: z.string().describe('Why it is in this phase, in words: `2 of 3 workers confirmed, waiting for api-7`'),
    inHand: figure,
    heldBack: figure,
    startsSince: figure.describe('Concerned units started since it was placed'),
    obeying: figure,
    workers: figure.describe('Live workers it concerns'),
    endedAtMs: instant,
    endedBy: z.string().nullable().describe('Who lifted it; `expiry`; null while it lives'),
  })
  .openapi('ControlRow')
export type ControlRow = z.infer<typeof controlRow>

/** `GET /controls`: those that live, and those that ended in the last 7 days (newest first, at most 200). */
export const controlList = listOf(controlRow)
  .extend({
    problems: z.number().describe('Living ones that are not effective, missing or unknown'),
    elsewhere: z.array(z.string()).describe('References of queues paused by something that is not Sluice, at most 100'),
    fault: z
      .string()
      .nullable()
      .optional()
      .describe('For a banner: the ledger cannot be written, or was changed by somebody; null = it is sound'),
  })
  .openapi('ControlList')
export type ControlList = z.infer<typeof controlList>

export const controlBody = freshness
  .extend({
    control: controlRow,
    steps: z.array(z.object({ phase: z.enum(CONTROL_PHASES), atMs: z.number() })).describe('Phases it came through'),
    workers: z.array(controlWorker).describe('At most 100; those that do not obey first'),
    queues: z.array(z.string()),
    missing: z.array(z.string()),
  })
  .openapi('ControlBody')
export type ControlBody = z.infer<typeof controlBody>

/** What a control would do to one target. Figures null = cannot be told. */
export const previewTarget = z
  .object({
    ref: z.string(),
    system: z.string().nullable(),
    lever,
    workers: figure,
    inHand: figure,
    depth: figure,
    inPerSecond: figure,
    outPerSecond: figure,
    outAfterPerSecond: figure.describe('What it lets through'),
    depthAtEnd: figure.describe('If arrivals stay as they are'),
    oldestAtEndMs: figure,
    drainMs: figure.describe('Afterwards, at today’s rates; null with drainNote when it never does'),
    notes: z.array(z.string()).describe('In words: `20/s: already below the limit`, `does not drain at today’s rates`'),
    existing: z.array(controlRow).describe('Controls that are on it already'),
  })
  .openapi('PreviewTarget')

export const preview = freshness
  .extend({
    fingerprint: z.string().describe('Of targets, order and levers: give it back to apply exactly this'),
    targets: z.array(previewTarget),
    matched: z.number(),
    controllable: z.number().describe('Those with a lever; the others are skipped'),
    unmatched: z.array(z.string()).describe('Targets that match nothing'),
    untilMs: z.number(),
    staleSources: z.array(z.string()).describe('Their figures are old'),
    alsoTouched: z.array(z.string()).describe('Queues served by the same workers: they may go faster'),
    goesOn: z.string().describe('What is not stopped: `enqueueing, schedules, work in hand`'),
  })
  .openapi('ControlPreview')
export type Preview = z.infer<typeof preview>

export const controlsMade = z
  .object({
    controls: z.array(controlRow),
    skipped: z.array(z.object({ ref: z.string(), why: z.string() })),
    failed: z.array(z.object({ ref: z.string(), code: z.string(), message: z.string() })),
  })
  .openapi('ControlsMade')
export type ControlsMade = z.infer<typeof controlsMade>

const ids = z.array(z.string().min(1).max(256)).min(1).max(1_000)
/** What an action is done to: units of a queue by id, or all that failed alike; runs by reference. */
const actionTarget = {
  act: z.enum([...ACTS, ...SAGA_ACTS]),
  queue: z
    .string()
    .min(1)
    .max(1_024)
    .describe('Reference of the queue; of the run for `cancel`, of the saga for its acts'),
  step: z.string().max(200).optional().describe('For `retry-step` (default: where it stands) and `skip-step`'),
  ids: ids.optional(),
  fingerprintOfErrors: z.string().max(64).optional().describe('An error group instead of ids'),
  state: z.enum(['dead', 'retrying', 'delayed', 'pending', 'held']).optional().describe('All in this state (≤ 1,000)'),
}
/** `POST /actions:preview`. */
export const actionPreviewRequest = z.strictObject(actionTarget).openapi('ActionPreviewRequest')
/** `POST /actions`. Discarding needs `confirm`: the queue's name, typed. */
export const actionRequest = z
  .strictObject({
    ...actionTarget,
    reason,
    fingerprint: z.string().min(1).max(128),
    confirm: z.string().max(256).optional(),
  })
  .openapi('ActionRequest')
export const actionPreview = z
  .object({
    fingerprint: z.string(),
    ids: z.array(z.string()).describe('Frozen: what is applied is done to these'),
    total: z.number(),
    isIrreversible: z.boolean(),
    sentence: z.string().describe('`Would retry 12 jobs of redis-main/emails`'),
  })
  .openapi('ActionPreview')
export type ActionPreview = z.infer<typeof actionPreview>
export const actionMade = z
  .object({
    done: z.number(),
    results: z.array(
      z.object({
        id: z.string(),
        result: z.enum(['done', 'gone', 'not-now', 'cancelling']),
        why: z.string().nullable(),
      }),
    ),
  })
  .openapi('ActionMade')
export type ActionMade = z.infer<typeof actionMade>
