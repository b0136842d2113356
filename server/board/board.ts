import type { SourceAge } from '../api/freshness.ts'
import type { Clock } from '../domain/clock.ts'
import type { Snapshot, SourceKind } from '../domain/snapshot.ts'
import type { Objective } from '../rules/judgement.ts'
import { Derivation, type Derived } from './derive.ts'
import { ageOf, type Standing } from './standing.ts'

/** What the board is told about one source before anything was read of it. */
export interface SourceOnBoard {
  readonly id: string
  readonly kind: SourceKind
  /** Where it is, without secrets. */
  readonly address: string
  readonly intervalMs: number
}

/** One source as the board holds it. */
export interface Held {
  readonly id: string
  readonly kind: SourceKind
  readonly address: string
  readonly derivation: Derivation
  standing: Standing
  snapshot: Snapshot | null
  derived: Derived
}

const NOTHING: Derived = { queues: new Map(), topics: new Map(), groups: new Map(), workers: [] }

/** The last hour is kept in steps of 15 s: 3.8 KB a queue, 38 MB for 10,000. */
const HISTORY = { stepMs: 15_000, windowMs: 3_600_000 }

/** Somebody who looked within this time still looks: screens ask again, or follow, at least each 5 s. */
const WATCH_MS = 15_000
const WATCHED_MAX = 100

/** The dashboard's live state: the last snapshot of each source with its age, its rows and its last hour. */
export class Board {
  readonly clock: Clock
  readonly objective: Objective
  readonly #held = new Map<string, Held>()
  readonly #watched = new Map<string, { source: string; tail: string; untilMs: number }>()
  readonly #badSince = new Map<string, { severity: string; sinceMs: number }>()
  readonly #listeners = new Set<(source: string) => void>()
  #revision = 0

  constructor({
    clock,
    objective,
    sources,
  }: { clock: Clock; objective: Objective; sources: readonly SourceOnBoard[] }) {
    this.clock = clock
    this.objective = objective
    for (const { id, kind, address, intervalMs } of sources) {
      const standing: Standing = {
        ...{ source: id, kind, intervalMs, observedAtMs: null, observedMonotonicMs: null },
        ...{ error: null, pending: false, nextTryAtMs: null, gaps: 0 },
      }
      const derivation = new Derivation(objective, HISTORY)
      this.#held.set(id, { id, kind, address, derivation, standing, snapshot: null, derived: NOTHING })
    }
  }

  /** Grows with everything that could change an answer, except time passing. */
  get revision(): number {
    return this.#revision
  }

  get held(): readonly Held[] {
    return [...this.#held.values()]
  }

  source(id: string): Held | null {
    return this.#held.get(id) ?? null
  }

  /** A source was read. */
  accept(snapshot: Snapshot, next: { intervalMs: number; nextTryAtMs: number }): void {
    const held = this.#held.get(snapshot.source)
    if (!held) return
    held.snapshot = snapshot
    held.derived = held.derivation.derive(snapshot)
    held.standing = {
      ...held.standing,
      ...next,
      observedAtMs: snapshot.takenAtMs,
      observedMonotonicMs: this.clock.monotonicMs(),
      error: null,
      pending: false,
      gaps: snapshot.gaps.length,
    }
    this.#keepSince(held)
    this.#revision++
    for (const listen of this.#listeners) listen(held.id)
  }

  /** Calls after each accepted snapshot with the id of its source. */
  onAccepted(listen: (source: string) => void): void {
    this.#listeners.add(listen)
  }

  /** Something beside the snapshots changed that answers are made of. */
  touch(): void {
    this.#revision++
  }

  /** A try failed, or (`pending`) takes so long that people should know. The last snapshot stays, with its age. */
  fail(id: string, failure: Pick<Standing, 'error' | 'pending' | 'nextTryAtMs'>): void {
    const held = this.#held.get(id)
    if (!held) return
    held.standing = { ...held.standing, ...failure }
    this.#revision++
  }

  ages(): SourceAge[] {
    const now = this.clock.monotonicMs()
    return this.held.map(({ standing }) => ageOf(standing, now))
  }

  /** Notes that somebody looks at one thing now, so that the source reads it in full. */
  watch(source: string, tail: string): void {
    const key = `${source}/${tail}`
    this.#watched.delete(key)
    this.#watched.set(key, { source, tail, untilMs: this.clock.monotonicMs() + WATCH_MS })
    const oldest = this.#watched.size > WATCHED_MAX ? this.#watched.keys().next().value : undefined
    if (oldest !== undefined) this.#watched.delete(oldest)
  }

  watched(source: string): string[] {
    const now = this.clock.monotonicMs()
    for (const [key, { untilMs }] of this.#watched) if (untilMs < now) this.#watched.delete(key)
    return [...this.#watched.values()].filter((one) => one.source === source).map(({ tail }) => tail)
  }

  /** Since when a thing has been as bad as it is now; null = it is not bad, or not known. */
  badSinceMs(ref: string): number | null {
    return this.#badSince.get(ref)?.sinceMs ?? null
  }

  #keepSince({ id, derived, snapshot }: Held): void {
    if (!snapshot) return
    const present = new Set<string>()
    for (const entries of [derived.queues, derived.topics, derived.groups]) {
      for (const { row } of entries.values()) {
        if (row.severity !== 'critical' && row.severity !== 'warning') continue
        present.add(row.ref)
        if (this.#badSince.get(row.ref)?.severity !== row.severity) {
          this.#badSince.set(row.ref, { severity: row.severity, sinceMs: snapshot.takenAtMs })
        }
      }
    }
    for (const ref of this.#badSince.keys()) {
      const [first, second] = ref.split('/')
      const source = first === 'group' || first === 'topic' ? second : first
      if (source === id && !present.has(ref)) this.#badSince.delete(ref)
    }
  }
}
