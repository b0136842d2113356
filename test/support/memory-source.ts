import { setTimeout } from 'node:timers/promises'
import type { Control, Lever, PlacedControl, Verb } from '../../server/domain/control.ts'
import { OpsError } from '../../server/domain/errors.ts'
import type { Action, ActionResult, ErrorGroup, Job, JobPage, JobQuery } from '../../server/domain/job.ts'
import { type Queue, UNKNOWN_QUEUE } from '../../server/domain/queue.ts'
import type { Reference } from '../../server/domain/reference.ts'
import type { Run } from '../../server/domain/run.ts'
import type { Snapshot } from '../../server/domain/snapshot.ts'
import type { ControlPort, ControlRequest, JobPort, PutBack, Source } from '../../server/domain/source.ts'
import type { Worker } from '../../server/domain/worker.ts'

const BY_WORKERS: Lever = { by: 'workers', how: 'read inside the claim', caveat: null }

/**
 * A source in memory that keeps what it is told as a real one does: leases with an end, revisions, and lifted ids that do
 * not come back. Its workers confirm when they are told to. What fails, and how, is up to the test.
 */
export class MemorySource implements Source, ControlPort, JobPort {
  readonly id: string
  readonly kind = 'redis' as const
  readonly placed = new Map<string, Control>()
  readonly lifted = new Set<string>()
  readonly calls: string[] = []
  queues: Partial<Queue>[] = [{ name: 'mail' }, { name: 'sms' }]
  workers: { id: string; obeys: boolean; disobeys?: boolean; skewMs?: number }[] = []
  runs: Run[] = []
  jobList: Job[] = []
  groups: ErrorGroup[] = []
  inHand = 0
  startsSince = 0
  levers: Partial<Record<Verb, Lever>> = {}
  /** What it makes true does not end by itself, as a foreign system's own pause. */
  isWithoutEnd = false
  /** Thrown by the next calls that write; 'silence' = no answer, 'lost answer' = done, and no answer. */
  trouble: OpsError | 'silence' | 'lost answer' | null = null
  /** How long a call that writes is on its way before it is done, by the real clock. */
  writeTakesMs = 0
  readonly #clock: { nowMs(): number }

  constructor(clock: { nowMs(): number }, id = 'redis-main') {
    this.#clock = clock
    this.id = id
  }

  get controls(): ControlPort {
    return this
  }

  get jobs(): JobPort {
    return this
  }

  snapshot(): Snapshot {
    const takenAtMs = this.#clock.nowMs()
    const worker = ({ id, skewMs }: (typeof this.workers)[number]): Worker => ({
      ...{
        id,
        system: 'sluice',
        host: 'app',
        pid: 7,
        version: '0.1.0',
        serves: this.queues.map(({ name }) => name ?? ''),
      },
      ...{ capacity: 1, busy: 0, phase: 'running', startedAtMs: 0, beatAtMs: takenAtMs, skewMs: skewMs ?? null },
    })
    const levers = { pause: BY_WORKERS, throttle: BY_WORKERS, limit: BY_WORKERS, ...this.levers }
    return {
      ...{ source: this.id, kind: 'redis', takenAtMs, tookMs: 1, cost: { commands: 1, bytesSent: 1, bytesRead: 1 } },
      systems: [{ name: 'sluice', version: '0.1.0', cannotTell: {}, levers }],
      queues: this.queues.map((queue) => ({ ...UNKNOWN_QUEUE, name: 'mail', system: 'sluice', depth: 0, ...queue })),
      ...{ nodes: [], topics: [], groups: [], runs: this.runs, workers: this.workers.map(worker) },
      controls: [...this.placed.values()]
        .filter(({ expiresAtMs }) => this.isWithoutEnd || expiresAtMs > takenAtMs)
        .map((one) => this.#read(one)),
      gaps: [],
    }
  }

  async collect(): Promise<Snapshot> {
    return this.snapshot()
  }

  async apply({ ttlMs, ...request }: ControlRequest): Promise<Control> {
    const nowMs = this.#clock.nowMs()
    const control: Control = { ...request, issuedAtMs: nowMs, expiresAtMs: nowMs + ttlMs }
    return this.#write(`apply ${request.order.verb} ${request.target.tail} ${request.revision}`, () => {
      if (this.lifted.has(control.id)) throw new OpsError('invalid', 'apply', 'it was lifted')
      const there = this.placed.get(control.id)
      if (!there || there.revision < control.revision) this.placed.set(control.id, control)
      return this.placed.get(control.id) ?? control
    })
  }

  async putBack(control: Control): Promise<PutBack> {
    return this.#write(`putBack ${control.target.tail}`, () => {
      if (this.lifted.has(control.id)) return 'lifted'
      if (control.expiresAtMs <= this.#clock.nowMs()) return 'expired'
      if ((this.placed.get(control.id)?.revision ?? 0) >= control.revision) return 'there'
      this.placed.set(control.id, control)
      return 'placed'
    })
  }

  async lift(id: string, target: Reference): Promise<void> {
    return this.#write(`lift ${target.tail}`, () => {
      this.placed.delete(id)
      this.lifted.add(id)
    })
  }

  async page({ state, cursor, limit }: JobQuery): Promise<JobPage> {
    const all = this.jobList.filter((job) => job.state === state)
    const from = Number(cursor ?? 0)
    const next = from + limit < all.length ? String(from + limit) : null
    return { jobs: all.slice(from, from + limit), total: all.length, next }
  }

  async errorGroups(): Promise<readonly ErrorGroup[]> {
    return this.groups
  }

  async perform({ act, queue, ids }: Action): Promise<readonly ActionResult[]> {
    return this.#write(`${act} ${queue} ${ids.length}`, () =>
      ids.map((id) => {
        const isThere = act === 'cancel' || this.jobList.some((job) => job.id === id)
        this.jobList = this.jobList.filter((job) => job.id !== id)
        return { id, result: act === 'cancel' ? 'cancelling' : isThere ? 'done' : 'gone', why: null }
      }),
    )
  }

  async close(): Promise<void> {}

  #read(control: Control): PlacedControl {
    const ids = (isMeant: (worker: (typeof this.workers)[number]) => boolean) =>
      this.workers.filter(isMeant).map(({ id }) => id)
    return {
      ...{ control, queues: [control.target.tail], missing: [], inHand: this.inHand, heldBack: null },
      ...{ obeyedBy: ids(({ obeys }) => obeys), notYet: ids(({ obeys }) => !obeys), startsSince: this.startsSince },
      disobeyedBy: ids(({ disobeys }) => disobeys === true),
      ...(control.expiresAtMs <= this.#clock.nowMs() ? { isOverdue: true } : {}),
    }
  }

  async #write<T>(call: string, act: () => T): Promise<T> {
    this.calls.push(call)
    if (this.writeTakesMs > 0) await setTimeout(this.writeTakesMs)
    if (this.trouble === 'silence') return new Promise(() => {})
    if (this.trouble === null) return act()
    if (this.trouble !== 'lost answer') throw this.trouble
    act()
    throw new OpsError('timeout', 'write', 'no answer within 2 s')
  }
}
