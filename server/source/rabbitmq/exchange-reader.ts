import type { Clock } from '../../domain/clock.ts'
import type { Exchange } from './exchange.ts'
import type { Management } from './management.ts'
import { EXCHANGES_MAX, EXCHANGES_MS_MAX, SLOW_FACTS_MS } from './pace.ts'
import type { QueueRow } from './queue-row.ts'
import { readTopology, type Topology } from './topology.ts'

export interface TopologyFound {
  readonly topology: Topology
  /** Exchanges that a route leads through and that were not read, for lack of time or rights. */
  readonly unread: number
}

/** Reads the topology of dead letters: only the exchanges that some queue dead-letters to, once a minute. */
export class ExchangeReader {
  readonly #management: Management
  readonly #clock: Clock
  #exchanges = new Map<string, Exchange | null>()
  #readAtMs: number | null = null

  constructor(management: Management, clock: Clock) {
    this.#management = management
    this.#clock = clock
  }

  async read(rows: ReadonlyMap<string, QueueRow>, signal: AbortSignal): Promise<TopologyFound> {
    const startMs = this.#clock.monotonicMs()
    if (this.#readAtMs === null || startMs - this.#readAtMs >= SLOW_FACTS_MS) {
      this.#exchanges = new Map()
      this.#readAtMs = startMs
    }
    let topology = readTopology(rows, this.#exchanges)
    let budget = EXCHANGES_MAX
    // Exchanges may lead to exchanges: each round knows more of the way.
    while (topology.unread.length > 0 && budget > 0 && !signal.aborted) {
      for (const key of topology.unread.slice(0, budget)) {
        if (this.#clock.monotonicMs() - startMs > EXCHANGES_MS_MAX) return { topology, unread: topology.unread.length }
        const [vhost = '', name = ''] = key.split('\u0000')
        this.#exchanges.set(key, await this.#management.exchange(vhost, name, signal))
        budget--
      }
      topology = readTopology(rows, this.#exchanges)
    }
    return { topology, unread: topology.unread.length }
  }
}
