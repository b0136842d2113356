import { OpsError } from '../../domain/errors.ts'
import type { ActionResult } from '../../domain/job.ts'
import { redactCut, redactText } from '../../domain/redact.ts'
import {
  isMoving,
  isOver,
  RESULT_SHOWN_MAX,
  SAGA_STATUSES,
  SAGAS_LOOKED_MAX,
  type SagaDetails,
  type SagaOrder,
  type SagaScan,
  type SagaSummary,
} from '../../domain/saga.ts'
import type { SagaKey, SagaPort } from '../../domain/source.ts'
import { WRITE_SAGA } from '../../runtime/layout/lua/saga.ts'
import { actOnSaga, isStalled, offersOf, sagaOf } from '../../runtime/layout/saga-acts.ts'
import {
  parseSaga,
  type SagaRecord,
  type SagaReply,
  type SagaWrite,
  writeWords,
} from '../../runtime/layout/saga-record.ts'
import { stepAt } from '../../runtime/layout/saga-state.ts'
import type { Acting } from './acting.ts'
import type { Finding } from './finding.ts'
import { listOf, type Reply } from './link.ts'
import { SLUICE_SAGA, SLUICE_SAGAS } from './sluice-sagas-script.ts'

/** Looks at sagas of our own runtime and repairs them, as the runtime itself does: `runtime/layout/saga-acts.ts`. */
export class SluiceSagas implements SagaPort {
  readonly #acting: Acting
  readonly #finding: Finding

  constructor(acting: Acting, finding: Finding) {
    this.#acting = acting
    this.#finding = finding
  }

  async scan(queue: string, isEnded: boolean): Promise<SagaScan> {
    const { base } = await this.#finding.queue('scan', queue)
    const calls = [[base, isEnded ? 'ended' : 'open', SAGAS_LOOKED_MAX]]
    const [reply] = await this.#acting.read('scan', base, { script: SLUICE_SAGAS, calls })
    const [total, ...rows] = listOf(reply)
    return { sagas: rows.flatMap((row) => summaryOf(row) ?? []), total: Number(total ?? 0) }
  }

  async show({ queue, id }: SagaKey): Promise<SagaDetails | null> {
    const { base } = await this.#finding.queue('show', queue)
    const record = await this.#read(base, id)
    return record === null ? null : detailsOf(record)
  }

  async act({ queue, id }: SagaKey, order: SagaOrder, signal: AbortSignal): Promise<ActionResult> {
    const { base } = await this.#finding.queue('act', queue)
    return this.#act({ base, id }, order, signal)
  }

  /**
   * To cancel the run that goes on with a saga is to want the saga undone: the run itself does that, or, where it was ended
   * by force, another.
   * @returns null when this run goes on with no saga that has begun
   */
  async cancel({ base, run }: { base: string; run: string }, reason: string, signal: AbortSignal) {
    const id = sagaOf(run)
    const record = await this.#read(base, id)
    if (record === null || record.unit !== run || isOver(record.state.status)) return null
    const isBack = record.state.status === 'compensating'
    if (isBack && record.isAlive) return { id: run, result: 'done', why: null } as const
    // One that goes back already and lost its job only needs another.
    const act = isBack ? 'retry-step' : 'compensate'
    const order = { act, step: null, reason: `its run was cancelled: ${reason}` } as const
    return { ...(await this.#act({ base, id }, order, signal)), id: run }
  }

  async #act({ base, id }: { base: string; id: string }, order: SagaOrder, signal: AbortSignal): Promise<ActionResult> {
    const desk = {
      read: () => this.#read(base, id),
      write: async (record: SagaRecord, next: SagaWrite) => {
        const calls = [{ base, args: writeWords(record, null, next) }]
        const [reply] = await this.#acting.write('act', WRITE_SAGA, { calls, signal })
        return String(listOf(reply)[1]) as 'saved' | 'changed'
      },
    }
    try {
      await actOnSaga(desk, id, order)
      return { id, result: 'done', why: null }
    } catch (error) {
      if (!(error instanceof OpsError)) throw error
      if (error.code === 'not-found') return { id, result: 'gone', why: null }
      if (error.code !== 'invalid') throw error
      return { id, result: 'not-now', why: error.message }
    }
  }

  async #read(base: string, id: string): Promise<SagaRecord | null> {
    const calls = [[base, id, RESULT_SHOWN_MAX]]
    const [reply] = await this.#acting.read('show', base, { script: SLUICE_SAGA, calls })
    return parseSaga(id, listOf(reply) as unknown as SagaReply)
  }
}

function summaryOf(reply: Reply): SagaSummary | null {
  const [id, name, status, startedAtMs, changedAtMs, isAlive, step, trouble] = listOf(reply)
  const known = SAGA_STATUSES.find((one) => one === status)
  if (typeof id !== 'string' || known === undefined) return null
  return {
    ...{ id, name: String(name), status: known, step: textOf(step), isStalled: isMoving(known) && isAlive !== 1 },
    error: errorOf(textOf(trouble)),
    ...{ startedAtMs: Number(startedAtMs), changedAtMs: Number(changedAtMs) },
  }
}

function detailsOf(record: SagaRecord): SagaDetails {
  const { id, name, state, plan, resultJsons, startedAtMs, changedAtMs, endedAtMs, unit } = record
  const step = stepAt(state, plan)
  const steps = state.steps.map((one) => ({
    ...one,
    error: errorOf(one.error),
    isCompensable: plan(one.name).isCompensable,
    result: resultOf(resultJsons.get(one.name)),
  }))
  return {
    ...{ id, name, status: state.status, reason: errorOf(state.reason), isStalled: isStalled(record) },
    ...{ startedAtMs, changedAtMs, endedAtMs, steps, run: unit === '' ? null : unit },
    ...{ step: step?.name ?? null, error: errorOf(step?.error ?? null) },
    args: redactCut(record.argsJson),
    offers: offersOf(record),
  }
}

function resultOf(json: string | undefined): string | null {
  return json === undefined ? null : redactCut(json)
}

function errorOf(text: string | null): string | null {
  return text === null ? null : redactText(text)
}

function textOf(reply: Reply | undefined): string | null {
  return typeof reply === 'string' && reply !== '' ? reply : null
}
