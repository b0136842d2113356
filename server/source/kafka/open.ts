import { messageOf, OpsError } from '../../domain/errors.ts'
import { formatTail } from '../../domain/reference.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { CollectRequest, Source, SourceContext } from '../../domain/source.ts'
import { OPERATIONS_NOT_ASKED } from '../../wire/kafka/messages/metadata.ts'
import type { KafkaSettings } from '../settings.ts'
import { Cluster, type ClusterMetadata } from './cluster.ts'
import { type Commits, fetchCommits, planOffsetFetches } from './commits.ts'
import { Gaps } from './gaps.ts'
import { describe, planDescriptions } from './group-detail.ts'
import { type ListedGroup, listAllGroups } from './group-list.ts'
import { type KnownGroup, newGroup } from './known-group.ts'
import { CYCLE_MS, LOG_DIRS_EVERY_MS, UNLISTED_MS } from './limits.ts'
import { readSizes } from './log-dirs.ts'
import { readEnds, readStarts } from './log-offsets.ts'
import { type PartitionLog, PartitionLogs } from './partition-log.ts'
import { positionsOf, type Sought, soughtFor, standsOf } from './positions.ts'
import { RecordTimes } from './record-times.ts'
import { groupRow, nodeRows, topicRows } from './rows.ts'
import { Turns } from './turns.ts'

/** Bit of DESCRIBE in the operations that Metadata says we may do. */
const DESCRIBE = 1 << 8

/**
 * Reads a Kafka cluster: topics, consumer groups, lag in records and in time. Never writes: no topic is created by
 * asking, no group is joined, no offset is committed. Connects at the first collect.
 */
export function openKafka(settings: KafkaSettings, context: SourceContext): Source {
  return new KafkaSource(settings, context)
}

interface Cycle {
  readonly gaps: Gaps
  readonly watched: ReadonlySet<string>
}

class KafkaSource implements Source {
  readonly kind = 'kafka'
  readonly id: string
  readonly #context: SourceContext
  readonly #cluster: Cluster
  readonly #logs = new PartitionLogs()
  readonly #groups = new Map<string, KnownGroup>()
  readonly #turns = new Turns()
  readonly #recordTimes = new RecordTimes()
  #sizesDueMs = Number.NEGATIVE_INFINITY
  /** What the last reading of sizes could not tell: it holds until the next. */
  #sizesGaps = new Gaps()
  #running: AbortController | null = null
  #isClosed = false

  constructor(settings: KafkaSettings, context: SourceContext) {
    this.id = context.id
    this.#context = context
    this.#cluster = new Cluster(settings, context)
  }

  async collect({ signal, watched }: CollectRequest): Promise<Snapshot> {
    if (this.#isClosed) throw new OpsError('closed', 'collect', `${this.id} is closed`)
    const { clock } = this.#context
    const takenAtMs = clock.nowMs()
    const beganMs = clock.monotonicMs()
    const before = { ...this.#cluster.meter }
    const controller = new AbortController()
    this.#running = controller
    const deadline = setTimeout(() => controller.abort(), CYCLE_MS)
    try {
      const cycle: Cycle = { gaps: new Gaps(), watched: new Set(watched) }
      const rows = await this.#refresh(cycle, AbortSignal.any([signal, controller.signal]))
      const { meter } = this.#cluster
      return {
        source: this.id,
        kind: this.kind,
        takenAtMs,
        tookMs: clock.monotonicMs() - beganMs,
        cost: {
          commands: meter.commands - before.commands,
          bytesSent: meter.bytesSent - before.bytesSent,
          bytesRead: meter.bytesRead - before.bytesRead,
        },
        // Kafka does not tell its version to clients.
        systems: [{ name: 'kafka', version: null, cannotTell: {} }],
        ...rows,
        queues: [],
        runs: [],
        workers: [],
        gaps: [...cycle.gaps.list(), ...this.#sizesGaps.list()],
      }
    } catch (thrown) {
      if (this.#isClosed) throw new OpsError('closed', 'collect', `${this.id} is closed`, thrown)
      throw thrown instanceof OpsError ? thrown : new OpsError('malformed', 'collect', messageOf(thrown), thrown)
    } finally {
      clearTimeout(deadline)
      this.#running = null
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#running?.abort()
    this.#cluster.close()
  }

  async #refresh(cycle: Cycle, signal: AbortSignal): Promise<Pick<Snapshot, 'nodes' | 'topics' | 'groups'>> {
    const { gaps } = cycle
    const cluster = this.#cluster
    const { metadata, isFresh } = await cluster.begin(signal)
    this.#logs.begin(metadata)
    noteRights(metadata, gaps)

    const { groups, answered } = await listAllGroups(cluster, gaps)
    const failure = metadata.brokers.map(({ nodeId }) => cluster.failureOf(nodeId))
    // With topics just read there is something to show; else there is nothing new at all.
    const [first] = failure
    if (!isFresh && first && failure.every((each) => each !== null)) throw first
    this.#update(groups, answered)

    const known = [...this.#groups.values()].filter(({ coordinator }) => answered.has(coordinator))
    const isWatched = (name: string) => cycle.watched.has(formatTail([name]))
    const monotonicMs = () => this.#context.clock.monotonicMs()
    const planned = planOffsetFetches(known, isWatched)
    const [commits] = await Promise.all([
      fetchCommits(planned, { cluster, gaps }),
      describe(planDescriptions(known, isWatched), { cluster, gaps, nowMs: monotonicMs }),
      this.#readSizes(isWatched),
    ])
    this.#noteTurns(commits, known, gaps)
    await this.#readPositions(commits, cycle, isWatched)

    return {
      nodes: nodeRows(cluster),
      topics: topicRows(metadata, this.#logs, isWatched),
      groups: [...this.#groups.values()].map((group) =>
        groupRow(group, answered.has(group.coordinator), monotonicMs()),
      ),
    }
  }

  /** Takes over what was listed. A group that its coordinator no longer lists is gone; of an unreachable one we do not know. */
  #update(listed: ReadonlyMap<string, ListedGroup>, answered: ReadonlySet<number>): void {
    const nowMs = this.#context.clock.monotonicMs()
    for (const { name, protocol, state, coordinator } of listed.values()) {
      const group = this.#groups.get(name) ?? newGroup(name, coordinator)
      group.coordinator = coordinator
      group.protocol = protocol
      group.state = state ?? group.description?.state ?? 'unknown'
      group.listedMs = nowMs
      this.#groups.set(name, group)
    }
    for (const [name, group] of this.#groups) {
      if (listed.has(name)) continue
      if (answered.has(group.coordinator) || nowMs - group.listedMs > UNLISTED_MS) this.#groups.delete(name)
    }
  }

  /** Ends and starts of what the groups read (after their commits), then lag in records and in time. */
  async #readPositions(commits: Commits, { gaps }: Cycle, isWatched: (name: string) => boolean): Promise<void> {
    const { clock } = this.#context
    const logs = this.#logs
    const cluster = this.#cluster
    const monotonicMs = () => clock.monotonicMs()
    const stands = new Map<KnownGroup, ReturnType<typeof standsOf>>()
    const read = new Set<PartitionLog>()
    for (const [name, committed] of commits) {
      const group = this.#groups.get(name)
      if (!group) continue
      if (!committed) {
        group.reading = null
        continue
      }
      const hasMembers = group.state === 'stable' || group.state === 'rebalancing'
      const mine = standsOf(committed, hasMembers ? group.description : null)
      stands.set(group, mine)
      for (const { topic, partition } of mine) {
        const log = logs.get(topic, partition)
        // A topic that appeared since the metadata was read.
        if (!log) cluster.metadataIsStale()
        else if (!read.has(log)) {
          read.add(log)
          logs.remember(log)
        }
      }
    }
    const looked = new Set(read)
    for (const log of logs.all()) if (isWatched(log.topic)) looked.add(log)
    const reader = { cluster, gaps, logs, nowMs: () => clock.nowMs(), monotonicMs }
    await Promise.all([
      readEnds(this.#turns.ends(logs, looked), reader),
      readStarts(this.#turns.starts(logs, looked), reader),
    ])

    const sought = [...stands.values()]
      .flatMap((mine) => mine.map((each) => soughtFor(each, logs)))
      .filter((each): each is Sought => each !== null)
    await this.#recordTimes.lookUp(sought, { cluster, gaps, monotonicMs })

    for (const [group, mine] of stands) {
      const positions = positionsOf(mine, logs, clock.nowMs())
      group.reading = { atMs: clock.monotonicMs(), positions }
      group.positionsBefore = positions.length
      group.wasLagging = positions.some(({ committed, end }) => committed !== null && end !== null && end > committed)
    }
  }

  async #readSizes(isWatched: (name: string) => boolean): Promise<void> {
    const nowMs = this.#context.clock.monotonicMs()
    const isDue = nowMs >= this.#sizesDueMs
    const looked = new Set([...this.#logs.all()].map(({ topic }) => topic).filter(isWatched))
    if (!isDue && looked.size === 0) return
    const gaps = new Gaps()
    await readSizes(isDue ? null : [...looked], { cluster: this.#cluster, gaps, logs: this.#logs })
    this.#sizesGaps = gaps
    if (isDue) this.#sizesDueMs = nowMs + LOG_DIRS_EVERY_MS
  }

  /** Where there are more groups than one refresh reads, say so: the others stand as they were read before. */
  #noteTurns(commits: Commits, known: readonly KnownGroup[], gaps: Gaps): void {
    const later = known.filter(({ name, protocol }) => protocol !== 'share' && !commits.has(name))
    if (later.length === 0) return
    const nowMs = this.#context.clock.monotonicMs()
    const oldestMs = Math.max(...later.map(({ reading }) => (reading ? nowMs - reading.atMs : 0)))
    const message = `read in turns: ${later.length} of ${known.length} groups stand as they were up to ${Math.ceil(oldestMs / 1000)} s ago`
    gaps.note('committed offsets of consumer groups', new OpsError('timeout', 'collect', message))
  }
}

/** Kafka shortens its lists silently to what one may see. */
function noteRights({ clusterAuthorizedOperations }: ClusterMetadata, gaps: Gaps): void {
  if (clusterAuthorizedOperations === OPERATIONS_NOT_ASKED || (clusterAuthorizedOperations & DESCRIBE) !== 0) return
  gaps.note(
    'consumer groups and topics',
    new OpsError(
      'refused',
      'ListGroups',
      'this user lacks DESCRIBE on the cluster: Kafka lists only what it may see, and leaves out the rest silently',
    ),
  )
}
