import type { Control, Order } from '../../domain/control.ts'
import { OpsError } from '../../domain/errors.ts'
import type { Reference } from '../../domain/reference.ts'
import type { ControlPort, ControlRequest, PutBack } from '../../domain/source.ts'
import { CONTROLS_MAX, encodeControl } from '../../runtime/layout/control-text.ts'
import { LIFT_CONTROL, PUT_CONTROL } from '../../runtime/layout/lua/controls.ts'
import type { Acting } from './acting.ts'
import { pauseBullmq, resumeBullmq } from './bullmq-lever.ts'
import { orderFault, syncLimits } from './bullmq-limits.ts'
import type { BullmqQueue } from './bullmq-row.ts'
import type { Concerned, Finding } from './finding.ts'
import { listOf, type Reply } from './link.ts'

/**
 * Places and lifts controls where the workers of our own runtime read them: in each queue that the target concerns. In a BullMQ
 * queue it lies beside it as a record, and BullMQ's own levers make it true. Those do not expire, so a control that has
 * ended still lies there, and is read back, until it is lifted.
 */
export class Placing implements ControlPort {
  readonly #acting: Acting
  readonly #finding: Finding

  constructor(acting: Acting, finding: Finding) {
    this.#acting = acting
    this.#finding = finding
  }

  /**
   * The first queue gives the times, the others get the same. Also rejects with `invalid` when it was lifted or a newer
   * revision lies there, `not-found` when its target is nowhere, `refused` when the queues hold no more controls.
   */
  async apply({ ttlMs, ...request }: ControlRequest, signal: AbortSignal): Promise<Control> {
    const concerned = await this.#finding.concerned('apply', request.target, { control: request.id })
    const fault = concerned.bullmq ? orderFault(request.order) : null
    if (fault) throw new OpsError('unsupported', 'apply', fault)
    const words = wordsOf(request, concerned)
    const [first, ...others] = concerned.queues
    if (!first) throw new OpsError('not-found', 'apply', `${request.target.kind} "${request.target.tail}" is nowhere`)
    const [reply] = await this.#put([{ base: first.base, args: [...words, ttlMs, '', ''] }], signal)
    const { issuedAtMs, expiresAtMs } = putOf(reply)
    const times = ['', issuedAtMs, expiresAtMs]
    const calls = others.map(({ base }) => ({ base, args: [...words, ...times] }))
    const answers = [reply, ...(await this.#put(calls, signal))].map(putOf)
    const lifted = answers.find(({ what }) => what === 'lifted')
    if (lifted) await this.#liftEverywhere(request.id, concerned, signal)
    const isInPlace = answers.some(({ what }) => what === 'placed' || what === 'there')
    // In place in some queues only: the snapshot tells in which it is missing.
    const refusal = lifted ?? (isInPlace ? undefined : answers[0])
    if (refusal) throw refusedTo(request.id, refusal)
    if (concerned.bullmq) await this.#pull(concerned.bullmq, request.order, signal)
    return { ...request, issuedAtMs, expiresAtMs }
  }

  /** Also where nothing of the queue is left, not even its name: a Redis that lost its data must not lose its pauses. */
  async putBack(control: Control, signal: AbortSignal): Promise<PutBack> {
    const { id, target, issuedAtMs, expiresAtMs } = control
    const concerned = await this.#finding.concerned('putBack', target, { control: id, isRestoring: true })
    const args = [...wordsOf(control, concerned), '', issuedAtMs, expiresAtMs]
    const replies = await this.#put(
      concerned.queues.map(({ base }) => ({ base, args })),
      signal,
    )
    const answers = replies.map(putOf)
    if (answers.some(({ what }) => what === 'lifted')) {
      await this.#liftEverywhere(id, concerned, signal)
      return 'lifted'
    }
    const full = answers.find(({ what }) => what === 'full')
    if (full) throw refusedTo(id, full)
    if (answers.some(({ what }) => what === 'expired')) return 'expired'
    if (concerned.bullmq) await this.#pull(concerned.bullmq, control.order, signal)
    // BullMQ's own lever may have been what was missing.
    return concerned.bullmq || answers.some(({ what }) => what === 'placed') ? 'placed' : 'there'
  }

  async lift(id: string, target: Reference, signal: AbortSignal): Promise<void> {
    await this.#liftEverywhere(id, await this.#finding.concerned('lift', target, { control: id }), signal)
  }

  /** A lift that ended half-way, or a queue that came later, is no reason for it to live on there. */
  async #liftEverywhere(id: string, { queues, bullmq }: Concerned, signal: AbortSignal): Promise<void> {
    // The flag first: should we end here, the record still tells whose it was.
    if (bullmq) {
      await resumeBullmq(this.#acting, bullmq, { control: id, signal })
      await syncLimits(this.#acting, bullmq, { ending: id, signal })
    }
    const calls = queues.map(({ base }) => ({ base, args: [id] }))
    await this.#acting.write('lift', LIFT_CONTROL, { calls, signal })
  }

  async #pull(bullmq: BullmqQueue, order: Order, signal: AbortSignal): Promise<void> {
    if (order.verb === 'pause') await pauseBullmq(this.#acting, bullmq, signal)
    else await syncLimits(this.#acting, bullmq, { ending: null, signal })
  }

  #put(calls: Parameters<Acting['write']>[2]['calls'], signal: AbortSignal): Promise<readonly Reply[]> {
    return this.#acting.write('apply', PUT_CONTROL, { calls, signal })
  }
}

function wordsOf(control: Parameters<typeof encodeControl>[0] & { target: Reference }, { scope, name }: Concerned) {
  return encodeControl(control, { scope, name, tail: control.target.tail })
}

interface Put {
  readonly what: string
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  readonly revision: number
}

function putOf(reply: Reply | undefined): Put {
  const [what, issued, expires, revision] = listOf(reply)
  return {
    what: String(what),
    issuedAtMs: Number(issued),
    expiresAtMs: Number(expires),
    revision: Number(revision),
  }
}

function refusedTo(id: string, { what, revision }: Put): OpsError {
  if (what === 'full') {
    return new OpsError('refused', 'apply', `the queue holds ${CONTROLS_MAX} controls; lift one that is not needed`)
  }
  const why: Readonly<Record<string, string>> = {
    newer: `revision ${revision} of it is in place`,
    lifted: 'it was lifted, and is not placed again; make a new one',
    expired: 'its end has passed',
  }
  return new OpsError('invalid', 'apply', `control ${id}: ${why[what] ?? `unexpected answer "${what}"`}`)
}
