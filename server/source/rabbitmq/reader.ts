import type { Clock } from '../../domain/clock.ts'
import { messageOf, OpsError } from '../../domain/errors.ts'
import type { Log } from '../../domain/log.ts'
import type { Queue } from '../../domain/queue.ts'
import type { Gap, Node, SystemFound } from '../../domain/snapshot.ts'
import type { CollectRequest } from '../../domain/source.ts'
import type { Topic } from '../../domain/topic.ts'
import { type CountsFound, CountsReader } from './counts-reader.ts'
import { ExchangeReader } from './exchange-reader.ts'
import type { HttpPeer } from './http-peer.ts'
import { KnownQueues, type Moment } from './known-queues.ts'
import { ListReader } from './list-reader.ts'
import { Management } from './management.ts'
import { isRunning, nodeOfOverview, readNodes } from './node-row.ts'
import type { Overview } from './overview.ts'
import { FIRST_LIST_WAIT_MS, LIST_WAIT_MS, ROW_FRESH_MS, SINGLE_FRESH_MS, SINGLES_MAX, SINGLES_MS_MAX } from './pace.ts'
import { readStreamReaders } from './stream-readers.ts'
import { systemFound } from './system-found.ts'
import { keyOf, type Topology } from './topology.ts'

/** What one collect found by the management API. */
export interface Reading {
  readonly systems: readonly SystemFound[]
  readonly nodes: readonly Node[]
  readonly queues: readonly Queue[]
  readonly topics: readonly Topic[]
  readonly gaps: readonly Gap[]
}

export interface ReaderContext {
  readonly clock: Clock
  readonly log: Log
  readonly source: string
}

/** Reads a broker by its management API and Prometheus ports, in the order and at the pace of `pace.ts`. */
export class Reader {
  readonly #management: Management
  readonly #counts: CountsReader
  readonly #exchanges: ExchangeReader
  readonly #list: ListReader
  readonly #context: ReaderContext
  readonly #known = new KnownQueues()
  #topology: Topology | null = null
  #unreadExchanges = 0
  /** Listed, but not counted in the last cycle. */
  #missed: ReadonlySet<string> = new Set()
  /** Counted in the cycle of the last list, yet not in it. */
  #unlisted: ReadonlySet<string> | null = null
  #hidden = 0

  constructor(management: HttpPeer, ports: readonly HttpPeer[], context: ReaderContext) {
    this.#management = new Management(management)
    this.#counts = new CountsReader(this.#management, ports, context)
    this.#exchanges = new ExchangeReader(this.#management, context.clock)
    this.#list = new ListReader(this.#management, context.clock)
    this.#context = context
  }

  /** Throws OpsError when the queues could not be read at all. */
  async read({ signal, watched }: CollectRequest): Promise<Reading> {
    const gaps: Gap[] = []
    const overview = await this.#management.overview(signal)
    const { nodes, running } = await this.#readNodes(overview, gaps, signal)
    const counts = await this.#counts.read(overview, running, signal)
    await this.#readList(overview, counts, { gaps, signal })
    await this.#readWatched(overview, { watched, gaps, signal })
    const readers = running === null ? new Map() : await this.#readStreamReaders(overview, gaps, signal)
    const { queues, topics } = this.#known.read({ topology: this.#topology, readers }, this.#now())
    gaps.push(...this.#standingGaps(overview, counts, queues))
    return { systems: systemsOf(overview, queues, topics), nodes, queues, topics, gaps }
  }

  #now(): Moment {
    const { clock } = this.#context
    return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() }
  }

  async #readNodes(
    overview: Overview,
    gaps: Gap[],
    signal: AbortSignal,
  ): Promise<{ nodes: readonly Node[]; running: number | null }> {
    try {
      const rows = await this.#management.nodes(signal)
      return { nodes: readNodes(rows, overview), running: rows.filter(isRunning).length }
    } catch (error) {
      if (codeOf(error) !== 'refused') {
        gaps.push(gapOf('nodes', error))
        return { nodes: [nodeOfOverview(overview, [])], running: null }
      }
      const tags = await this.#management.tags(signal).catch(() => 'unknown')
      const message = `the user's tags (${tags}) do not allow it: give it the tag monitoring`
      gaps.push({ what: 'memory of nodes', code: 'refused', message })
      const alarms = await this.#management.alarms(signal).catch((failed: unknown) => {
        gaps.push(gapOf('alarms', failed))
        return []
      })
      return { nodes: [nodeOfOverview(overview, alarms)], running: null }
    }
  }

  async #readList(
    overview: Overview,
    counts: CountsFound,
    { gaps, signal }: { gaps: Gap[]; signal: AbortSignal },
  ): Promise<void> {
    const fit = this.#known.takeCounts(counts)
    const missedBefore = this.#missed
    this.#missed = new Set(fit.uncounted)
    const isUrgent = fit.uncounted.length > 0 || fit.unlisted.some((one) => !this.#unlisted?.has(one))
    const waitMs = this.#known.size === 0 ? FIRST_LIST_WAIT_MS : LIST_WAIT_MS
    try {
      const answer = await this.#list.poll({ isUrgent, waitMs, signal })
      if (answer) {
        const before = new Set(this.#known.rows.keys())
        this.#known.takeList(answer.rows, answer.at, overview.hasStatistics)
        const { unlisted, uncounted } = this.#known.takeCounts(counts)
        // A list older than the counts may hold what was deleted since: only what stays away exists uncounted.
        const stayed = answer.isOfThisCollect ? uncounted : uncounted.filter((key) => missedBefore.has(key))
        this.#known.acceptUncounted(stayed)
        this.#compare(counts, unlisted, before)
        await this.#readTopology(gaps, signal)
      } else if (this.#known.size === 0) {
        await this.#readIdentities(counts, gaps, signal)
      }
    } catch (error) {
      if (this.#known.size === 0) this.#list.askAgain()
      if (this.#known.size === 0 || codeOf(error) === 'closed') throw error
      gaps.push(gapOf('types, counters and ages of queues', error))
    }
  }

  /** While the first full list is under way: which queues there are, and of which type. */
  async #readIdentities(counts: CountsFound, gaps: Gap[], signal: AbortSignal): Promise<void> {
    const rows = counts.by === 'totals' ? counts.rows : await this.#management.totalsRows(signal)
    this.#known.takeList(rows, this.#now(), false)
    this.#known.takeCounts(counts)
    const message = 'the full list of queues takes the broker long: it is under way'
    gaps.push({ what: 'counters and ages of queues', code: 'timeout', message })
  }

  /** What a new list says about the queues that only one of the two ways tells of. */
  #compare(counts: CountsFound, unlistedNow: readonly string[], before: ReadonlySet<string>): void {
    const unlisted = new Set(unlistedNow)
    // Deleted between two answers, or hidden: the second time it is hidden.
    this.#hidden = [...unlisted].filter((one) => this.#unlisted?.has(one) ?? true).length
    this.#unlisted = unlisted
    const stayed = [...this.#known.uncounted].filter((key) => before.has(key)).length
    if (counts.by === 'metrics' && stayed > 0 && stayed * 10 >= this.#known.size) {
      const what = `${stayed} of ${this.#known.size} queues are counted by none of the Prometheus ports: name every node's`
      this.#counts.giveUpMetrics(new OpsError('unsupported', 'read', what))
    }
  }

  async #readTopology(gaps: Gap[], signal: AbortSignal): Promise<void> {
    try {
      const { topology, unread } = await this.#exchanges.read(this.#known.rows, signal)
      this.#topology = topology
      this.#unreadExchanges = unread
    } catch (error) {
      gaps.push(gapOf('dead-letter routes', error))
    }
  }

  async #readWatched(
    overview: Overview,
    { watched, gaps, signal }: { watched: readonly string[]; gaps: Gap[]; signal: AbortSignal },
  ): Promise<void> {
    const startMs = this.#context.clock.monotonicMs()
    const at = this.#now()
    const due = watched
      .map(nameOfTail)
      .filter((name) => name !== null)
      .map((name) => ({ name, ageMs: this.#known.rowAgeMs(keyOf(name.vhost, name.name), at) ?? 0 }))
      .filter(({ ageMs }) => ageMs > SINGLE_FRESH_MS)
      .sort((one, other) => other.ageMs - one.ageMs)
    for (const { name } of due.slice(0, SINGLES_MAX)) {
      if (this.#context.clock.monotonicMs() - startMs > SINGLES_MS_MAX) return
      try {
        const row = await this.#management.row(name.vhost, name.name, signal)
        if (row) this.#known.takeRow(row, this.#now(), overview.hasStatistics)
      } catch (error) {
        gaps.push(gapOf('queues on screen', error))
        return
      }
    }
  }

  async #readStreamReaders(overview: Overview, gaps: Gap[], signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    try {
      const { clock } = this.#context
      const streams = this.#known.streamsWithReaders()
      return await readStreamReaders(this.#management, { streams, overview, clock, signal })
    } catch (error) {
      gaps.push(gapOf('which readers of streams still live', error))
      return new Map()
    }
  }

  #standingGaps(overview: Overview, counts: CountsFound, queues: readonly Queue[]): readonly Gap[] {
    const gaps: Gap[] = []
    const push = (code: Gap['code'], what: string, message: string) => gaps.push({ what, code, message })
    if (counts.by === 'totals' && queues.some(({ consumers }) => consumers === null)) {
      const seconds = Math.round(Math.max(ROW_FRESH_MS, this.#list.tookMs * 50) / 1000)
      push(counts.why.code, 'consumers of queues', `${messageOf(counts.why)}; otherwise told only every ${seconds} s`)
    }
    if (!overview.hasStatistics) push('unsupported', 'counters of queues', 'statistics are turned off in the broker')
    if (this.#hidden > 0) {
      const message = `the user has no rights in their virtual hosts: rabbitmqctl set_permissions -p VHOST USER '^$' '^$' '^$'`
      push('refused', `${this.#hidden} queues`, message)
    }
    if (this.#unreadExchanges > 0) {
      push('timeout', 'some dead-letter routes', `the bindings of ${this.#unreadExchanges} exchanges were not read`)
    }
    return gaps
  }
}

function systemsOf(overview: Overview, queues: readonly Queue[], topics: readonly Topic[]): readonly SystemFound[] {
  const names = new Set([...queues, ...topics].map(({ system }) => system))
  const types = names.size === 0 ? ['classic'] : [...names].map((name) => name.replace(/^rabbitmq-/, ''))
  return types.sort().map((type) => systemFound(type, overview.version))
}

/** `billing/audit` → vhost and name; one part is of the vhost `/`. Null when it is no reference of a queue here. */
function nameOfTail(tail: string): { vhost: string; name: string } | null {
  try {
    const [first, second, third] = tail.split('/').map(decodeURIComponent)
    if (!first || third !== undefined) return null
    return second === undefined ? { vhost: '/', name: first } : { vhost: first, name: second }
  } catch {
    return null
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof OpsError ? error.code : null
}

function gapOf(what: string, error: unknown): Gap {
  if (!(error instanceof OpsError)) throw error
  if (error.code === 'closed') throw error
  return { what, code: error.code, message: error.message }
}
