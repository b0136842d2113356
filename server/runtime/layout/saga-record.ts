import { isOver } from '../../domain/saga.ts'
import { encodeJob } from './job-text.ts'
import { type Plan, type SagaState, type StepPlan, stepAt } from './saga-state.ts'

/** A saga as it stands in Redis (`lua/saga.ts`). */
export interface SagaRecord {
  readonly id: string
  /** Of its definition, also the name of its job. */
  readonly name: string
  readonly state: SagaState
  readonly plan: Plan
  readonly revision: string
  readonly argsJson: string
  /** Of the arguments. */
  readonly version: number
  /** The job that may go on with it; '' = none needs to. */
  readonly unit: string
  /** Whether that job is there, and not dead. */
  readonly isAlive: boolean
  /** Who wrote last, of workers. */
  readonly write: string
  /** By step, JSON, of those that succeeded. */
  readonly resultJsons: ReadonlyMap<string, string>
  /** By the clock of Redis, Unix ms. */
  readonly startedAtMs: number
  readonly changedAtMs: number
  readonly endedAtMs: number | null
  /** When this was read. */
  readonly nowMs: number
}

export type SagaReply = readonly [nowMs: number, isAlive: number, ...fields: string[]]

/** The reply of `READ_SAGA` or `BEGIN_SAGA`; null when there is none. */
export function parseSaga(id: string, [nowMs, isAlive, ...flat]: SagaReply): SagaRecord | null {
  const fields = new Map<string, string>()
  for (let n = 0; n < flat.length; n += 2) fields.set(flat[n] ?? '', flat[n + 1] ?? '')
  const text = (name: string) => fields.get(name) ?? ''
  if (text('state') === '') return null
  const results = [...fields].filter(([name]) => name.startsWith(RESULT))
  return {
    ...{ id, nowMs, isAlive: isAlive === 1, name: text('name'), revision: text('revision'), unit: text('unit') },
    state: JSON.parse(text('state')) as SagaState,
    plan: parsePlan(text('plan')),
    argsJson: text('args'),
    version: Number(text('version')),
    write: text('write'),
    resultJsons: new Map(results.map(([name, json]) => [name.slice(RESULT.length), json])),
    startedAtMs: Number(text('startedAtMs')),
    changedAtMs: Number(text('changedAtMs')),
    endedAtMs: fields.has('endedAtMs') ? Number(text('endedAtMs')) : null,
  }
}

/** The field that a step's result is kept in. */
export const RESULT = 'result:'

/** What is kept of the steps' definitions, so that whoever acts knows it. JSON `[[step, isCompensable, onFailure], …]`. */
export function encodePlan(steps: readonly string[], plan: Plan): string {
  return JSON.stringify(steps.map((name) => [name, plan(name).isCompensable, plan(name).onFailure]))
}

/** A saga that was begun before plans were kept has none: then every step counts as compensable. */
export function parsePlan(text: string): Plan {
  const rows = (text === '' ? [] : JSON.parse(text)) as readonly (readonly [string, boolean, StepPlan['onFailure']])[]
  const plans = new Map(rows.map(([name, isCompensable, onFailure]) => [name, { isCompensable, onFailure }]))
  return (step) => plans.get(step) ?? { isCompensable: true, onFailure: 'compensate' }
}

/** What of a saga's state stands in fields of its own, field and value in turn, `status` apart. */
export function stateTexts(state: SagaState, plan: Plan): readonly string[] {
  const step = stepAt(state, plan)
  return ['state', JSON.stringify(state), 'step', step?.name ?? '', 'trouble', step?.error ?? '']
}

/** What is written next. */
export interface SagaWrite {
  readonly state: SagaState
  /** Who may go on with it; '' = none. */
  readonly unit: string
  /** A new unit, enqueued where that one is not at hand; '' = none is needed. */
  readonly spare: string
  readonly fields?: Readonly<Record<string, string>>
}

/** The unit that writes, with its fencing token; null = a person. */
export type Writer = { readonly unit: string; readonly epoch: number } | null

/** The arguments of `WRITE_SAGA`. */
export function writeWords(
  record: SagaRecord,
  writer: Writer,
  { state, unit, spare, fields = {} }: SagaWrite,
): readonly (string | number)[] {
  const texts = [...stateTexts(state, record.plan), 'unit', unit, ...Object.entries(fields).flat()]
  const { id, name, revision, version } = record
  // The script has the arguments: a source that acts never sees them whole.
  const head = encodeJob({ name, tags: [], kind: 'iterating', version, trace: null, argsJson: '' })
  const who = [writer?.unit ?? '', writer?.epoch ?? '', revision]
  return [id, name, ...who, state.status, isOver(state.status) ? '1' : '', spare, head, texts.length, ...texts]
}
