import type { ActionMade, ActionPreview } from '../api/control.ts'
import type { Clock } from '../domain/clock.ts'
import { messageOf } from '../domain/errors.ts'
import { ACTION_IDS_MAX, type Act, type ActionResult, isRunAct, JOB_PAGE_MAX, type JobState } from '../domain/job.ts'
import { formatTail } from '../domain/reference.ts'
import type { SagaAct } from '../domain/saga.ts'
import type { Board } from './board.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Ledger } from './ledger.ts'
import { Refusal } from './refusal.ts'
import { isSagaAct, SagaActions, type SagaWish } from './saga-actions.ts'
import { handOf, type SourceHand } from './source-hand.ts'
import { resolveTargets, type Target } from './targets.ts'

/** What people ask for: units of a queue by id, by state or by what failed alike; or a run to cancel. */
export interface ActionWish {
  readonly act: Act
  /** Reference of the queue; of the run for `cancel` and `force-cancel`. */
  readonly queue: string
  readonly ids?: readonly string[] | undefined
  readonly fingerprintOfErrors?: string | undefined
  readonly state?: Exclude<JobState, 'active'> | undefined
}

interface Frozen {
  readonly act: Act
  readonly ref: string
  readonly ids: readonly string[]
  readonly total: number
  readonly target: Target
  readonly untilMs: number
}

/** What `POST /actions` may ask for. */
type AnyWish = Omit<ActionWish, 'act'> & { readonly act: Act | SagaAct; readonly step?: string | undefined }

/** A preview can be applied for this long. */
const FROZEN_MS = 10 * 60_000
const FROZEN_MAX = 100
const WORD: Record<Act, readonly [will: string, done: string]> = {
  retry: ['retry', 'retried'],
  discard: ['discard', 'discarded'],
  promote: ['promote', 'promoted'],
  cancel: ['cancel', 'cancelled'],
  'force-cancel': ['force the end of', 'forced the end of'],
}

export interface ActionsOptions {
  readonly board: Board
  readonly ledger: Ledger
  readonly hands: ReadonlyMap<string, SourceHand>
  readonly clock: Clock
}

/** Acts on single units and runs, over ids frozen by their preview. */
export class Actions {
  readonly #options: ActionsOptions
  readonly #frozen = new Map<string, Frozen>()
  readonly #sagas: SagaActions

  constructor(options: ActionsOptions) {
    this.#options = options
    this.#sagas = new SagaActions(options)
  }

  /** @throws Refusal not-found, bad-request, unsupported; OpsError */
  async preview(asked: AnyWish): Promise<ActionPreview> {
    const saga = sagaWish(asked)
    if (saga) return this.#sagas.preview(saga)
    const wish = asked as ActionWish
    const { clock } = this.#options
    const target = this.#target(wish)
    const { ids, total } = await this.#idsOf(wish, target)
    const fingerprint = fingerprintOf([wish.act, target.ref, ids])
    this.#frozen.delete(fingerprint)
    const untilMs = clock.monotonicMs() + FROZEN_MS
    this.#frozen.set(fingerprint, { act: wish.act, ref: target.ref, ids, total, target, untilMs })
    const [oldest] = this.#frozen.keys()
    if (this.#frozen.size > FROZEN_MAX && oldest !== undefined) this.#frozen.delete(oldest)
    return {
      ...{ fingerprint, ids: [...ids], total, isIrreversible: wish.act === 'discard' },
      sentence: `Would ${WORD[wish.act][0]} ${counted(wish.act, ids.length)} of ${target.ref}${limited(ids.length, total)}${undoing(wish, target)}`,
    }
  }

  /** @throws Refusal changed, bad-request (discarding without the queue's name); OpsError */
  async perform(
    asked: AnyWish & { reason: string; fingerprint: string; confirm?: string | undefined },
    actor: string,
  ): Promise<ActionMade> {
    const { reason, fingerprint, confirm } = asked
    const saga = sagaWish(asked)
    if (saga) return this.#sagas.perform({ ...saga, reason, fingerprint }, actor)
    const wish = asked as ActionWish
    const { act } = wish
    const { ids, target, ref } = await this.#thaw(wish, fingerprint)
    if (act === 'discard' && confirm !== target.queue?.row.name) {
      throw new Refusal(
        'bad-request',
        `Discarding cannot be undone: confirm with the queue’s name, ${target.queue?.row.name}`,
      )
    }
    const { ledger } = this.#options
    const entry = { actor, act, targets: [ref], control: null, reason }
    try {
      const results = ids.length === 0 ? [] : await this.#act(target, { act, ids, actor, reason })
      const done = results.filter(({ result }) => result === 'done' || result === 'cancelling').length
      const detail = `${WORD[act][1]} ${done} of ${ids.length}`
      await ledger.append({ ...entry, detail, outcome: done === ids.length ? 'done' : done > 0 ? 'partly' : 'failed' })
      return { done, results: results.map((result) => ({ ...result })) }
    } catch (error) {
      const detail = `${act} of ${counted(act, ids.length)}: ${messageOf(error)}`
      await ledger.append({ ...entry, detail, outcome: 'failed' })
      throw error
    } finally {
      this.#frozen.delete(fingerprint)
    }
  }

  #target({ act, queue: text }: ActionWish): Target {
    const { targets, unmatched } = resolveTargets(this.#options.board, [text])
    const [target] = targets
    if (!target || targets.length > 1) {
      throw new Refusal('not-found', `Nothing is called ${unmatched[0] ?? text}`)
    }
    const wanted = isRunAct(act) ? 'run' : 'queue'
    if (target.reference.kind !== wanted)
      throw new Refusal('bad-request', `To ${act} name a ${wanted}, not a ${target.reference.kind}`)
    return target
  }

  async #idsOf(wish: ActionWish, target: Target): Promise<{ ids: readonly string[]; total: number }> {
    if (isRunAct(wish.act)) return { ids: target.run ? [target.run.id] : [], total: 1 }
    const given = [wish.ids, wish.fingerprintOfErrors, wish.state].filter((one) => one !== undefined)
    if (given.length !== 1) throw new Refusal('bad-request', 'Name either ids, or an error group, or a state')
    if (wish.ids) {
      const ids = [...new Set(wish.ids)]
      return { ids, total: ids.length }
    }
    return wish.state ? this.#ofState(target, wish.state) : this.#ofGroup(target, wish.fingerprintOfErrors ?? '')
  }

  async #ofGroup({ reference }: Target, fingerprint: string): Promise<{ ids: readonly string[]; total: number }> {
    const groups = await handOf(this.#options.hands, reference.source).look('errorGroups', (port, signal) =>
      port.errorGroups(reference.tail, signal),
    )
    const group = groups.find((one) => one.fingerprint === fingerprint)
    if (!group) throw new Refusal('not-found', 'Nothing fails like that any more: look again')
    return { ids: group.ids, total: group.count }
  }

  async #ofState({ reference }: Target, state: JobState): Promise<{ ids: readonly string[]; total: number }> {
    const hand = handOf(this.#options.hands, reference.source)
    const ids = new Set<string>()
    let cursor: string | null = null
    for (let pages = 0; pages < ACTION_IDS_MAX / JOB_PAGE_MAX; pages++) {
      const query = { queue: reference.tail, state, cursor, limit: JOB_PAGE_MAX }
      const page: { jobs: readonly { id: string }[]; total: number; next: string | null } = await hand.look(
        'page',
        (port, signal) => port.page(query, signal),
      )
      for (const { id } of page.jobs) ids.add(id)
      cursor = page.next
      if (cursor === null || ids.size >= ACTION_IDS_MAX)
        return { ids: [...ids].slice(0, ACTION_IDS_MAX), total: page.total }
    }
    return { ids: [...ids].slice(0, ACTION_IDS_MAX), total: ids.size }
  }

  /** What the preview froze; after a restart or a long while it is looked for again, and has to be the same. */
  async #thaw(wish: ActionWish, fingerprint: string): Promise<Pick<Frozen, 'ids' | 'target' | 'ref'>> {
    const frozen = this.#frozen.get(fingerprint)
    if (frozen && frozen.act === wish.act && frozen.untilMs > this.#options.clock.monotonicMs()) {
      const target = this.#target(wish)
      if (target.ref === frozen.ref) return { ...frozen, target }
    }
    const target = this.#target(wish)
    const { ids } = await this.#idsOf(wish, target)
    if (fingerprintOf([wish.act, target.ref, ids]) === fingerprint) return { ids, target, ref: target.ref }
    const now = `it means ${counted(wish.act, ids.length)} now`
    throw new Refusal('changed', `This is not what the preview showed: ${now}`, [now])
  }

  async #act(
    { reference, run }: Target,
    { act, ids, actor, reason }: { act: Act; ids: readonly string[]; actor: string; reason: string },
  ): Promise<readonly ActionResult[]> {
    const queue = run ? formatTail([run.queue]) : reference.tail
    const hand = handOf(this.#options.hands, reference.source)
    try {
      return await hand.perform('perform', (port, signal) => port.perform({ act, queue, ids, actor, reason }, signal))
    } finally {
      hand.refresh()
    }
  }
}

function counted(act: Act, count: number): string {
  const noun = isRunAct(act) ? 'run' : 'job'
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A run that goes on with a saga is not given up half-way. */
function undoing({ act }: ActionWish, { run }: Target): string {
  return isRunAct(act) && run?.saga ? ': it goes on with a saga, which is turned back, the last step first' : ''
}

/** Null = it is about jobs or a run. @throws Refusal bad-request */
function sagaWish({ act, queue, step, ids, fingerprintOfErrors, state }: AnyWish): SagaWish | null {
  if (!isSagaAct(act)) {
    if (step !== undefined) throw new Refusal('bad-request', `To ${act} takes no step`)
    return null
  }
  if ((ids ?? fingerprintOfErrors ?? state) !== undefined) {
    throw new Refusal('bad-request', `To ${act} name the saga, and nothing else but a step`)
  }
  return { act, queue, step }
}

function limited(count: number, total: number): string {
  return total > count ? `, the first of ${total}` : ''
}
