import { OpsError } from '../../domain/errors.ts'
import type { Reference } from '../../domain/reference.ts'
import type { Scope } from '../../runtime/layout/control-text.ts'
import { fleetBase, nameFault } from '../../runtime/layout/keys.ts'
import type { Acting } from './acting.ts'
import { recordBase } from './bullmq-lever.ts'
import { type BullmqQueue, bullmqQueue } from './bullmq-row.ts'
import { groupedBy, sliced } from './grouping.ts'
import { listOf } from './link.ts'
import { SLUICE_FIND } from './sluice-jobs-script.ts'
import { type SluiceQueue, sluiceQueue } from './sluice-row.ts'

const QUEUES_MAX = 20_000
const FIND_SLICE = 100

/** Finds the queues that a reference means, asking Redis each time: nothing is kept that could be old. */
export class Finding {
  readonly #acting: Acting
  /** Of our own runtime, and of BullMQ. */
  readonly #prefixes: readonly string[]
  readonly #bullmqPrefixes: readonly string[]

  /** Tails that were BullMQ's: should they vanish, they are not taken for ours. */
  readonly #foreign = new Set<string>()

  constructor(acting: Acting, prefixes: readonly string[], bullmqPrefixes: readonly string[]) {
    this.#acting = acting
    this.#prefixes = prefixes
    this.#bullmqPrefixes = bullmqPrefixes
  }

  /**
   * The queue with this tail: `mail`, `sluice:mail`, or `shop:mail` under the prefix `shop`.
   * Rejects with OpsError: `unsupported` when it is another system's, `not-found` when it is nobody's.
   */
  async queue(op: string, tail: string): Promise<SluiceQueue> {
    const queue = await this.#own(op, tail)
    if (queue) return queue
    const system = (await this.#bullmq(op, tail)) ? 'BullMQ' : (await this.#isSidekiq(op, tail)) ? 'Sidekiq' : null
    if (system) throw new OpsError('unsupported', op, `Sluice cannot look into single jobs of ${system} yet`)
    throw new OpsError('not-found', op, `there is no queue "${tail}" of Sluice's own jobs here`)
  }

  async #own(op: string, tail: string): Promise<SluiceQueue | null> {
    for (const queue of this.#candidates(op, tail)) {
      const registry = `${fleetBase(queue.prefix)}queues`
      const [isThere] = await this.#acting.ask(op, registry, [['SISMEMBER', registry, queue.name]])
      if (isThere === 1) return queue
    }
    return null
  }

  async #bullmq(op: string, tail: string): Promise<BullmqQueue | null> {
    for (const { prefix, name } of namesOf(decoded(op, tail), 'bullmq', this.#bullmqPrefixes)) {
      const queue = bullmqQueue(prefix, name)
      const [isThere] = await this.#acting.ask(op, `${queue.base}meta`, [['EXISTS', `${queue.base}meta`]])
      if (isThere === 1) return queue
    }
    return null
  }

  async #isSidekiq(op: string, tail: string): Promise<boolean> {
    const name = decoded(op, tail).replace(/^sidekiq:/, '')
    const [type] = await this.#acting.ask(op, 'queues', [['TYPE', 'queues']])
    if (type !== 'set') return false
    const [isThere] = await this.#acting.ask(op, 'queues', [['SISMEMBER', 'queues', name]])
    return isThere === 1
  }

  /** A queue that is not known any more is entered again. */
  async #restored(op: string, tail: string): Promise<SluiceQueue | null> {
    const queue = this.#candidates(op, tail).at(-1)
    if (!queue) return null
    const registry = `${fleetBase(queue.prefix)}queues`
    await this.#acting.ask(op, registry, [['SADD', registry, queue.name]])
    return queue
  }

  #candidates(op: string, tail: string): readonly SluiceQueue[] {
    const names = namesOf(decoded(op, tail), 'sluice', this.#prefixes)
    return names.map(({ prefix, name }) => sluiceQueue(prefix, name, this.#prefixes))
  }

  async all(op: string): Promise<readonly SluiceQueue[]> {
    const queues: SluiceQueue[] = []
    for (const prefix of this.#prefixes) {
      const registry = `${fleetBase(prefix)}queues`
      const [size] = await this.#acting.ask(op, registry, [['SCARD', registry]])
      if (Number(size) > QUEUES_MAX) {
        throw new OpsError('unsupported', op, `${size} queues; at most ${QUEUES_MAX} can be acted on together`)
      }
      const [names] = await this.#acting.ask(op, registry, [['SMEMBERS', registry]])
      for (const name of listOf(names).map(String).sort()) {
        queues.push(sluiceQueue(prefix, name, this.#prefixes))
      }
    }
    return queues
  }

  /** Queues that hold this unit, or this control: one, or none. */
  async holding(op: string, unit: string, control: string): Promise<readonly SluiceQueue[]> {
    const queues = await this.all(op)
    const holding: SluiceQueue[] = []
    const topology = await this.#acting.topology()
    for (const own of groupedBy(queues, ({ base }) => topology.linkOf(base)).values()) {
      const slices = sliced(own, FIND_SLICE)
      const calls = slices.map((slice) => [unit, control, ...slice.map(({ base }) => base)])
      const [first] = own
      const replies = first ? await this.#acting.read(op, first.base, { script: SLUICE_FIND, calls }) : []
      for (const [at, slice] of slices.entries()) {
        const reply = replies[at]
        const hits = listOf(reply).map(Number)
        holding.push(...hits.flatMap((hit) => slice[hit - 1] ?? []))
      }
    }
    return holding
  }

  /**
   * Where a control with this target lies, or should lie. Empty when a run is nowhere.
   * Rejects with OpsError `not-found` (a queue), `unsupported` (another kind of target), `invalid`.
   */
  async concerned(op: string, target: Reference, { control, isRestoring = false }: For): Promise<Concerned> {
    const { kind, tail } = target
    if (kind === 'queue') return this.#concernedQueue(op, tail, isRestoring)
    const name = decoded(op, tail)
    const fault = nameFault(name)
    if (fault) throw new OpsError('invalid', op, `the name of ${kind} "${name}" ${fault}`)
    if (kind === 'run') return { scope: 'run', name, queues: await this.holding(op, name, control) }
    if (kind === 'job-class') return { scope: 'job', name, queues: await this.all(op) }
    if (kind === 'tag') return { scope: 'tag', name, queues: await this.all(op) }
    throw new OpsError('unsupported', op, `a ${kind} in Redis has no lever; a queue, job class, tag or run has`)
  }

  async #concernedQueue(op: string, tail: string, isRestoring: boolean): Promise<Concerned> {
    const own = await this.#own(op, tail)
    const foreign = own ? null : await this.#bullmq(op, tail)
    if (foreign && this.#foreign.size < QUEUES_MAX) this.#foreign.add(tail)
    if (foreign) return { scope: 'queue', name: null, queues: [{ base: recordBase(foreign) }], bullmq: foreign }
    const queue = own ?? (isRestoring && !this.#foreign.has(tail) ? await this.#restored(op, tail) : null)
    if (queue) return { scope: 'queue', name: null, queues: [queue] }
    throw new OpsError('not-found', op, `there is no queue "${tail}" here that Sluice can control`)
  }
}

/** What a name as it is shown may mean, the plainest first: `name`, `prefix:name`, and both after `system:`. */
function namesOf(shown: string, system: string, prefixes: readonly string[]) {
  const names = [shown, ...(shown.startsWith(`${system}:`) ? [shown.slice(system.length + 1)] : [])]
  return names.flatMap((one) =>
    prefixes.flatMap((prefix, at) => {
      if (at === 0) return [{ prefix, name: one }]
      return one.startsWith(`${prefix}:`) ? [{ prefix, name: one.slice(prefix.length + 1) }] : []
    }),
  )
}

/** The control that is placed or lifted; restoring = its queue may have lost everything. */
interface For {
  readonly control: string
  readonly isRestoring?: boolean
}

export interface Concerned {
  readonly scope: Scope
  /** Null = the whole queue. */
  readonly name: string | null
  /** The hash `controls` after each base is where it lies. */
  readonly queues: readonly { readonly base: string }[]
  /** Whose own lever makes it true; absent = our workers read it. */
  readonly bullmq?: BullmqQueue
}

function decoded(op: string, tail: string): string {
  try {
    return decodeURIComponent(tail)
  } catch (cause) {
    throw new OpsError('invalid', op, `"${tail}" is no reference`, cause)
  }
}
