import { OpsError } from '../../domain/errors.ts'
import type { Reference } from '../../domain/reference.ts'
import type { Scope } from '../../runtime/layout/control-text.ts'
import { fleetBase, nameFault } from '../../runtime/layout/keys.ts'
import type { Acting } from './acting.ts'
import { groupedBy, sliced } from './grouping.ts'
import { SLUICE_FIND } from './sluice-jobs-script.ts'
import { type SluiceQueue, sluiceQueue } from './sluice-row.ts'

const QUEUES_MAX = 20_000
const FIND_SLICE = 100

/** Finds the queues of our own runtime that a reference means, asking Redis each time: nothing is kept that could be old. */
export class SluiceFinding {
  readonly #acting: Acting
  readonly #prefixes: readonly string[]

  constructor(acting: Acting, prefixes: readonly string[]) {
    this.#acting = acting
    this.#prefixes = prefixes
  }

  /**
   * The queue with this tail: `mail`, `sluice:mail`, or `shop:mail` under the prefix `shop`.
   * Rejects with OpsError `not-found` when our runtime has none.
   */
  async queue(op: string, tail: string): Promise<SluiceQueue> {
    for (const queue of this.#candidates(op, tail)) {
      const registry = `${fleetBase(queue.prefix)}queues`
      const [isThere] = await this.#acting.ask(op, registry, [['SISMEMBER', registry, queue.name]])
      if (isThere === 1) return queue
    }
    throw new OpsError('not-found', op, `there is no queue "${tail}" of Sluice's own jobs here; others are only read`)
  }

  /** The queue with this tail, which is entered again where it is not known any more. */
  async #restored(op: string, tail: string): Promise<SluiceQueue> {
    try {
      return await this.queue(op, tail)
    } catch (thrown) {
      const queue = this.#candidates(op, tail).at(-1)
      if (!queue || !(thrown instanceof OpsError) || thrown.code !== 'not-found') throw thrown
      const registry = `${fleetBase(queue.prefix)}queues`
      await this.#acting.ask(op, registry, [['SADD', registry, queue.name]])
      return queue
    }
  }

  /** What a tail may mean, the plainest first. */
  #candidates(op: string, tail: string): readonly SluiceQueue[] {
    const name = decoded(op, tail)
    const names = [name, ...(name.startsWith('sluice:') ? [name.slice('sluice:'.length)] : [])]
    return names.flatMap((one) =>
      this.#prefixes.flatMap((prefix, at) => {
        if (at === 0) return [sluiceQueue(prefix, one, this.#prefixes)]
        return one.startsWith(`${prefix}:`) ? [sluiceQueue(prefix, one.slice(prefix.length + 1), this.#prefixes)] : []
      }),
    )
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
      for (const name of Array.isArray(names) ? names.map(String).sort() : []) {
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
        const hits = Array.isArray(reply) ? reply.map(Number) : []
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
    if (kind === 'queue') {
      const queue = isRestoring ? await this.#restored(op, tail) : await this.queue(op, tail)
      return { scope: 'queue', name: null, queues: [queue] }
    }
    const name = decoded(op, tail)
    const fault = nameFault(name)
    if (fault) throw new OpsError('invalid', op, `the name of ${kind} "${name}" ${fault}`)
    if (kind === 'run') return { scope: 'run', name, queues: await this.holding(op, name, control) }
    if (kind === 'job-class') return { scope: 'job', name, queues: await this.all(op) }
    if (kind === 'tag') return { scope: 'tag', name, queues: await this.all(op) }
    throw new OpsError('unsupported', op, `a ${kind} in Redis has no lever; a queue, job class, tag or run has`)
  }
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
  readonly queues: readonly SluiceQueue[]
}

function decoded(op: string, tail: string): string {
  try {
    return decodeURIComponent(tail)
  } catch (cause) {
    throw new OpsError('invalid', op, `"${tail}" is no reference`, cause)
  }
}
