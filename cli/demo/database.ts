import { melting, nextHeat, WELL } from './heat.ts'

/** Why a query failed, in the words that a database would use. */
export class DatabaseError extends Error {}

const CONNECTIONS = 6
/** A query of cost 1, when all is well, ms. */
const QUERY_MS = 20
/** As patient as a pool of connections usually is, ms. */
const WAIT_MS = 500
/** Queries that may wait; more are turned away at once. */
const WAITING_MAX = 100
/** By then somebody has found the missing index without help, ms. */
const INCIDENT_MS_MAX = 480_000

interface Waiting {
  readonly cost: number
  readonly resolve: () => void
  readonly reject: (error: DatabaseError) => void
  readonly timer: NodeJS.Timeout
}

/**
 * The database of the shop, as far as it can be felt from outside: a few connections, a time for each query, and an incident
 * that grows with the load and ends when enough of it is held back. All processes of the shop share this one.
 */
export class ShopDatabase {
  readonly #chance: () => number
  readonly #onRecovered: (afterMs: number) => void
  readonly #waiting: Waiting[] = []
  readonly #queries = new Set<NodeJS.Timeout>()
  #state = WELL
  #busyMs = 0
  #busy = 0
  #steppedMs = performance.now()
  #countedMs = performance.now()
  #meltedMs = 0
  readonly #steps: NodeJS.Timeout

  constructor(chance: () => number, onRecovered: (afterMs: number) => void) {
    this.#chance = chance
    this.#onRecovered = onRecovered
    this.#steps = setInterval(() => this.#step(), 500)
  }

  get isMelting(): boolean {
    return this.#state.isMelting
  }

  /** How many times as long as usual a query takes now. */
  get slowness(): number {
    return 1 + this.#state.heat
  }

  /** Share of the connections that were busy of late, 0 to 1. */
  get busy(): number {
    return this.#busy
  }

  melt(): void {
    if (this.#state.isMelting) return
    this.#state = melting()
    this.#meltedMs = performance.now()
  }

  repair(): void {
    if (!this.#state.isMelting) return
    this.#state = { ...this.#state, isMelting: false }
    this.#onRecovered(performance.now() - this.#meltedMs)
  }

  /** @param cost how much it reads, 1 = a row by its key @throws DatabaseError when it gets no connection in time */
  query(cost: number): Promise<void> {
    if (this.#queries.size < CONNECTIONS) return this.#run(cost)
    if (this.#waiting.length >= WAITING_MAX)
      return Promise.reject(new DatabaseError('database: sorry, too many clients already'))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(
          new DatabaseError(`database: no free connection within ${WAIT_MS} ms, ${CONNECTIONS} of ${CONNECTIONS} busy`),
        )
      }, WAIT_MS)
      const entry: Waiting = { cost, resolve, reject, timer }
      this.#waiting.push(entry)
    })
  }

  close(): void {
    clearInterval(this.#steps)
    for (const { timer } of this.#waiting) clearTimeout(timer)
    for (const timer of this.#queries) clearTimeout(timer)
  }

  #run(cost: number): Promise<void> {
    const tookMs = cost * QUERY_MS * this.slowness * (0.7 + 0.6 * this.#chance())
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#addBusy(performance.now())
        this.#queries.delete(timer)
        resolve()
        const next = this.#waiting.shift()
        if (!next) return
        clearTimeout(next.timer)
        void this.#run(next.cost).then(next.resolve)
      }, tookMs)
      this.#addBusy(performance.now())
      this.#queries.add(timer)
    })
  }

  /** Connections in use, over time: what they were in use for need not have ended. */
  #addBusy(nowMs: number): void {
    this.#busyMs += this.#queries.size * (nowMs - this.#countedMs)
    this.#countedMs = nowMs
  }

  #step(): void {
    const nowMs = performance.now()
    const spanMs = nowMs - this.#steppedMs
    const before = this.#state
    this.#addBusy(nowMs)
    this.#busy = Math.min(1, this.#busyMs / spanMs / CONNECTIONS)
    this.#busyMs = 0
    this.#state = nextHeat(before, this.#busy, spanMs / 1_000)
    this.#steppedMs = nowMs
    if (before.isMelting && !this.#state.isMelting) this.#onRecovered(nowMs - this.#meltedMs)
    else if (before.isMelting && nowMs - this.#meltedMs > INCIDENT_MS_MAX) this.repair()
  }
}
