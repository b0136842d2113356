import { OpsError } from '../../domain/errors.ts'
import type { Cost, Gap, Snapshot } from '../../domain/snapshot.ts'
import type { CollectRequest, ControlPort, JobPort, SagaPort, Source, SourceContext } from '../../domain/source.ts'
import type { RedisSettings } from '../settings.ts'
import { Acting } from './acting.ts'
import { Bullmq } from './bullmq.ts'
import { replyFault } from './faults.ts'
import { Finding } from './finding.ts'
import { type Link, ReplyError } from './link.ts'
import { Placing } from './placing.ts'
import type { Reading, SystemReading } from './reading.ts'
import { Scripts } from './scripts.ts'
import { nodeOf, parseInfo, type ServerInfo } from './server-info.ts'
import { Sidekiq } from './sidekiq.ts'
import { Sluice } from './sluice.ts'
import { SluiceJobs } from './sluice-jobs.ts'
import { SluiceSagas } from './sluice-sagas.ts'
import { openTopology, type Topology } from './topology.ts'

/** A Redis and the job systems in it. Connects at the first collect. Only what a person asks for is ever written. */
export function openRedis(settings: RedisSettings, context: SourceContext): Source {
  return new RedisSource(settings, context)
}

class RedisSource implements Source {
  readonly id: string
  readonly kind = 'redis' as const
  readonly #settings: RedisSettings
  readonly #context: SourceContext
  readonly #bullmq: Bullmq
  readonly #sidekiq = new Sidekiq()
  readonly #sluice: Sluice
  readonly #acting: Acting
  readonly controls: ControlPort
  readonly jobs: JobPort
  readonly sagas: SagaPort
  #isClosed = false
  /** Ends the collect in progress. (Not `AbortSignal.any`: it grows the longer-lived signal at each call.) */
  #collecting: AbortController | null = null
  #topology: Topology | null = null
  #scripts = new Scripts()

  constructor(settings: RedisSettings, context: SourceContext) {
    this.id = context.id
    this.#settings = settings
    this.#context = context
    this.#bullmq = new Bullmq(context.id, settings.prefixes, settings.queues)
    this.#sluice = new Sluice(context.id, settings.sluicePrefixes)
    this.#acting = new Acting(settings)
    const finding = new Finding(this.#acting, settings.sluicePrefixes, settings.prefixes)
    this.controls = new Placing(this.#acting, finding)
    const sagas = new SluiceSagas(this.#acting, finding)
    this.sagas = sagas
    this.jobs = new SluiceJobs({ acting: this.#acting, finding, sagas, clock: context.clock })
  }

  async collect({ signal, watched }: CollectRequest): Promise<Snapshot> {
    const collecting = new AbortController()
    const stop = () => collecting.abort()
    this.#collecting = collecting
    signal.addEventListener('abort', stop, { once: true })
    try {
      if (signal.aborted) stop()
      return await this.#read(watched, collecting.signal)
    } finally {
      signal.removeEventListener('abort', stop)
      this.#collecting = null
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#acting.close()
    this.#topology?.close()
    this.#topology = null
    this.#collecting?.abort()
  }

  async #read(watched: readonly string[], signal: AbortSignal): Promise<Snapshot> {
    const { clock } = this.#context
    const takenAtMs = clock.nowMs()
    const startedMs = clock.monotonicMs()
    const { topology, before } = await this.#connected(signal)
    const { infos, gaps } = await readInfos(topology, this.#settings.db, signal)
    if (this.#settings.mode !== 'cluster' && [...infos.values()].some((info) => info?.isClusterNode)) {
      gaps.push(OTHER_NODES)
    }
    const systems = await this.#readSystems(topology, infos, watched, signal)
    const [gap] = [...gaps, ...systems.flatMap((system) => system.gaps)]
    const isEmpty = systems.every(({ queues }) => queues.length === 0) && ![...infos.values()].some((info) => info)
    if (gap && isEmpty) throw new OpsError(gap.code, 'collect', gap.message)
    const cost = topology.cost()
    const controls = systems.flatMap((system) => system.controls ?? [])
    return {
      source: this.id,
      kind: 'redis',
      takenAtMs,
      tookMs: clock.monotonicMs() - startedMs,
      cost: spent(before, cost),
      systems: systems.flatMap((system) => system.systems),
      nodes: [...infos].flatMap(([{ address }, info]) => (info ? [nodeOf(address, info)] : [])),
      queues: systems.flatMap((system) => system.queues),
      topics: [],
      groups: [],
      runs: systems.flatMap((system) => system.runs ?? []),
      workers: systems.flatMap((system) => system.workers),
      ...(systems.some((system) => system.controls) ? { controls } : {}),
      gaps: [...gaps, ...systems.flatMap((system) => system.gaps), ...plainGap(this.#scripts, systems)],
    }
  }

  /** The connection of the last collect if it still stands, else a new one; `before` is what it had cost until now. */
  async #connected(signal: AbortSignal): Promise<{ topology: Topology; before: Cost }> {
    this.#refuseWhenClosed()
    if (this.#topology?.fault()) {
      this.#topology.close()
      this.#topology = null
    }
    if (this.#topology) return { topology: this.#topology, before: this.#topology.cost() }
    const topology = await openTopology(this.#settings, signal)
    if (this.#isClosed) topology.close()
    this.#refuseWhenClosed()
    this.#context.log.info('connected', { source: this.id, nodes: topology.links.map(({ address }) => address) })
    this.#topology = topology
    this.#scripts = new Scripts()
    this.#bullmq.restart()
    this.#sidekiq.restart()
    return { topology, before: { commands: 0, bytesSent: 0, bytesRead: 0 } }
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new OpsError('closed', 'collect', `source "${this.id}" is closed`)
  }

  async #readSystems(
    topology: Topology,
    infos: ReadonlyMap<Link, ServerInfo | null>,
    watched: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly SystemReading[]> {
    const { clock } = this.#context
    const known = [...infos.values()]
    const loading = known.find((info) => info?.loading)
    if (loading) return [loadingReading(loading)]
    const reading: Reading = {
      topology,
      scripts: this.#scripts,
      signal,
      keys: sumOf(known.map((info) => info?.keys ?? null)),
      clients: sumOf(known.map((info) => info?.clients ?? null)),
      monotonicMs: () => clock.monotonicMs(),
      nowMs: clock.nowMs(),
      watched,
    }
    return [await this.#sluice.read(reading), await this.#bullmq.read(reading), await this.#sidekiq.read(reading)]
  }
}

const OTHER_NODES: Gap = {
  what: 'queues of other nodes',
  code: 'unsupported',
  message: 'this is a node of a Redis Cluster and only its own keys are read; configure it as redis+cluster://…',
}

async function readInfos(topology: Topology, db: number, signal: AbortSignal) {
  const infos = new Map<Link, ServerInfo | null>()
  const gaps: Gap[] = []
  for (const link of topology.links) {
    const [reply] = await link.run('info', [['INFO']], signal)
    if (reply instanceof ReplyError) {
      const { code, message } = replyFault('info', link.address, reply.text)
      gaps.push({ what: `server facts of ${link.address}`, code, message })
    }
    infos.set(link, typeof reply === 'string' ? parseInfo(reply, db) : null)
  }
  return { infos, gaps }
}

function loadingReading({ loadedPercent }: ServerInfo): SystemReading {
  const percent = loadedPercent === null ? '' : ` (${Math.floor(loadedPercent)} %)`
  const message = `the server is still loading its data from disk${percent}`
  return { systems: [], queues: [], workers: [], gaps: [{ what: 'queues', code: 'unreachable', message }] }
}

/** Without scripts the same is read, but not of one moment and at a higher price: that is worth a word. */
function plainGap({ refusal }: Scripts, systems: readonly SystemReading[]): readonly Gap[] {
  if (refusal === null || systems.every(({ queues }) => queues.length === 0)) return []
  const message = `${refusal}; read by plain commands instead: more of them, and not of one moment`
  return [{ what: 'scripts', code: 'refused', message }]
}

/** Unknown if one is. */
function sumOf(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce((sum, number) => (sum === null || number === null ? null : sum + number), 0)
}

function spent(before: Cost, after: Cost): Cost {
  return {
    commands: after.commands - before.commands,
    bytesSent: after.bytesSent - before.bytesSent,
    bytesRead: after.bytesRead - before.bytesRead,
  }
}
