import type { Clock } from '../../domain/clock.ts'
import { messageOf, OpsError } from '../../domain/errors.ts'
import type { Log } from '../../domain/log.ts'
import type { HttpPeer } from './http-peer.ts'
import type { Management } from './management.ts'
import type { Overview } from './overview.ts'
import { RETRY_PAUSE_MS } from './pace.ts'
import { type QueueCounts, readMetrics } from './prometheus.ts'
import type { QueueRow } from './queue-row.ts'
import { majorOf } from './system-found.ts'

/** Counts of all queues in one cycle, and which of two ways they came. */
export type CountsFound =
  | { readonly by: 'metrics'; readonly queues: ReadonlyMap<string, QueueCounts>; readonly tellsDeliveries: boolean }
  | { readonly by: 'totals'; readonly rows: readonly QueueRow[]; readonly why: OpsError }

/** Linear in the queues: 50–130 ms at 10,000. */
const METRICS_TIMEOUT_MS = 5_000

/**
 * Reads the counts of all queues the cheap way, from the Prometheus port of every node; while that way is closed,
 * from the management API in totals mode.
 */
export class CountsReader {
  readonly #management: Management
  readonly #ports: readonly HttpPeer[]
  readonly #context: { readonly clock: Clock; readonly log: Log; readonly source: string }
  #closed: { readonly why: OpsError; readonly atMs: number } | null = null

  constructor(
    management: Management,
    ports: readonly HttpPeer[],
    context: { readonly clock: Clock; readonly log: Log; readonly source: string },
  ) {
    this.#management = management
    this.#ports = ports
    this.#context = context
  }

  /** Throws OpsError when neither way is open. `nodes`: how many are running; null = not known. */
  async read(overview: Overview, nodes: number | null, signal: AbortSignal): Promise<CountsFound> {
    const why = this.#whyNot(overview, nodes)
    if (why) return this.#totals(why, signal)
    const tellsDeliveries = majorOf(overview.version ?? '') >= 4
    try {
      const queues = readMetrics(await this.#metrics(tellsDeliveries, signal))
      if (this.#closed) this.#context.log.info('metrics-open-again', { source: this.#context.source })
      this.#closed = null
      return { by: 'metrics', queues, tellsDeliveries }
    } catch (error) {
      if (!(error instanceof OpsError) || error.code === 'closed') throw error
      this.giveUpMetrics(error)
      return this.#totals(error, signal)
    }
  }

  /** From now on, and for a while, totals mode: the ports do not tell of all queues. */
  giveUpMetrics(why: OpsError): void {
    const { clock, log, source } = this.#context
    if (!this.#closed) log.warn('metrics-closed', { source, why: messageOf(why) })
    this.#closed = { why, atMs: clock.monotonicMs() }
  }

  async #totals(why: OpsError, signal: AbortSignal): Promise<CountsFound> {
    return { by: 'totals', rows: await this.#management.totalsRows(signal), why }
  }

  #whyNot({ product }: Overview, nodes: number | null): OpsError | null {
    const reason = (text: string) => new OpsError('unsupported', 'read', text)
    if (product === 'lavinmq') return reason('LavinMQ tells its queues by the management API')
    if (this.#ports.length === 0) return reason('no Prometheus port is configured')
    if (nodes !== null && nodes > this.#ports.length) {
      return reason(`${nodes} nodes run, but ${this.#ports.length} Prometheus ports are configured: name them all`)
    }
    const isWaiting = this.#closed && this.#context.clock.monotonicMs() - this.#closed.atMs < RETRY_PAUSE_MS
    return isWaiting ? (this.#closed?.why ?? null) : null
  }

  #metrics(tellsDeliveries: boolean, signal: AbortSignal): Promise<readonly string[]> {
    const families = ['queue_coarse_metrics', 'queue_consumer_count']
    if (tellsDeliveries) families.push('queue_delivery_metrics')
    const path = `/metrics/detailed?${families.map((family) => `family=${family}`).join('&')}`
    return Promise.all(this.#ports.map((port) => port.get(path, { signal, timeoutMs: METRICS_TIMEOUT_MS })))
  }
}
