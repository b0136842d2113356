import type { GroupRow } from '../api/group.ts'
import type { QueueRow } from '../api/queue.ts'
import type { TopicRow } from '../api/topic.ts'
import type { WorkerRow } from '../api/worker.ts'
import type { Control } from '../domain/control.ts'
import type { ConsumerGroup } from '../domain/group.ts'
import type { Queue } from '../domain/queue.ts'
import { Counters } from '../domain/rate.ts'
import { formatReference, formatTail, type ReferenceKind } from '../domain/reference.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { Topic } from '../domain/topic.ts'
import { judgeGroup } from '../rules/group.ts'
import type { Objective } from '../rules/judgement.ts'
import { judgeQueue } from '../rules/queue.ts'
import { judgeTopic } from '../rules/source.ts'
import { pain } from '../rules/verdict.ts'
import { drainOf } from './drain.ts'
import { History } from './history.ts'
import { orderSentence } from './phase.ts'

/** One row as the API shows it, what it was made of, and how much it hurts. */
export interface Entry<Row, Thing> {
  readonly row: Row
  readonly thing: Thing
  readonly pain: number
}

export interface Derived {
  readonly queues: ReadonlyMap<string, Entry<QueueRow, Queue>>
  readonly topics: ReadonlyMap<string, Entry<TopicRow, Topic>>
  readonly groups: ReadonlyMap<string, Entry<GroupRow, ConsumerGroup>>
  readonly workers: readonly WorkerRow[]
}

const FIVE_MINUTES_MS = 300_000
const GROUP_TOPICS_SHOWN = 20
/** Runs whose last hour is kept, 2 KB each; a source gives the newest first. */
const RUNS_RECORDED = 2_000

/** Turns one source's snapshots into rows: keeps the counters and the history from which rates and changes come. */
export class Derivation {
  readonly queueHistory: History
  readonly topicHistory: History
  readonly groupHistory: History
  readonly runHistory: History
  /** Depth and lag of the whole source, under the name ''. */
  readonly totals: History
  readonly #objective: Objective
  readonly #counters = new Map<string, Counters>()

  constructor(objective: Objective, window: { stepMs: number; windowMs: number }) {
    this.#objective = objective
    this.queueHistory = new History({ series: ['depth', 'inPerSecond', 'outPerSecond', 'oldestAgeMs'], ...window })
    this.topicHistory = new History({ series: ['inPerSecond', 'records'], ...window })
    this.groupHistory = new History({ series: ['lag', 'lagMs', 'inPerSecond', 'outPerSecond'], ...window })
    this.runHistory = new History({ series: ['tickCount', 'perSecond'], ...window })
    this.totals = new History({ series: ['depth', 'lag'], ...window })
  }

  /** Rows of a snapshot, keyed by reference tail. */
  derive(snapshot: Snapshot): Derived {
    const now = snapshot.takenAtMs
    const seen = new Set<string>()
    const queues = new Map<string, Entry<QueueRow, Queue>>()
    const controls = strictest(snapshot)
    for (const [tail, queue] of byTail(snapshot.queues)) {
      queues.set(tail, this.#queue(tail, queue, { snapshot, seen, control: controls.get(tail) ?? null }))
    }
    const topics = new Map<string, Entry<TopicRow, Topic>>()
    const readers = countReaders(snapshot.groups)
    for (const [tail, topic] of byTail(snapshot.topics)) {
      topics.set(tail, this.#topic(tail, topic, { snapshot, seen, readers }))
    }
    const groups = new Map<string, Entry<GroupRow, ConsumerGroup>>()
    for (const group of snapshot.groups) {
      const tail = formatTail([group.name])
      groups.set(tail, this.#group(tail, group, { snapshot, seen }))
    }
    for (const run of snapshot.runs.slice(0, RUNS_RECORDED)) {
      this.runHistory.record(formatTail([run.id]), now, [run.tickCount, run.perSecond ?? null])
    }
    for (const key of this.#counters.keys()) if (!seen.has(key)) this.#counters.delete(key)
    for (const history of [this.queueHistory, this.topicHistory, this.groupHistory, this.runHistory]) history.prune(now)
    const total = (values: readonly (number | null)[]) => sum(values.filter((value) => value !== null))
    const depth = snapshot.queues.length === 0 ? null : total(snapshot.queues.map((queue) => queue.depth))
    const lag = snapshot.groups.length === 0 ? null : total(snapshot.groups.map((group) => group.lag))
    this.totals.record('', now, [depth, lag])
    const workers = snapshot.workers.map((worker): WorkerRow => {
      const ref = formatReference({ kind: 'worker', source: snapshot.source, tail: formatTail([worker.id]) })
      return { ...worker, serves: [...worker.serves], ref, source: snapshot.source, observedAtMs: now }
    })
    return { queues, topics, groups, workers }
  }

  #queue(
    tail: string,
    queue: Queue,
    { snapshot, seen, control }: Deriving & { control: Control | null },
  ): Entry<QueueRow, Queue> {
    const now = snapshot.takenAtMs
    const held = sum([queue.depth, queue.active, queue.delayed])
    // What was added and is not held any more has left: the pace of leaving where the system does not count it.
    const left = queue.added === null || held === null ? null : queue.added - held
    const counters = this.#sample(`queue/${tail}`, now, {
      seen,
      values: [queue.added, queue.finished, queue.failed, queue.redelivered, left],
    })
    const inPerSecond = counters.perSecond(0)
    const counted = counters.perSecond(1)
    const failedPerSecond = counters.perSecond(2)
    const outPerSecond = counted === null ? counters.perSecond(4) : counted + (failedPerSecond ?? 0)
    const depthChange5m = change(queue.depth, this.queueHistory.valueAt(tail, 'depth', now - FIVE_MINUTES_MS))
    this.queueHistory.record(tail, now, [queue.depth, inPerSecond, outPerSecond, queue.oldestAgeMs])
    const judgement = judgeQueue(
      queue,
      { inPerSecond, outPerSecond, failedPerSecond, depthChange5m },
      this.#objective,
      control && { ...control, sentence: orderSentence(control) },
    )
    const estimated: string[] = queue.estimated.slice()
    if (counted === null && outPerSecond !== null) estimated.push('outPerSecond')
    const { drain, drainMs } = drainOf(queue.depth, inPerSecond, outPerSecond)
    // No spread here: at 10,000 queues a refresh it costs ten times the rest.
    const row: QueueRow = {
      ref: formatReference({ kind: 'queue', source: snapshot.source, tail }),
      source: snapshot.source,
      vhost: queue.vhost,
      name: queue.name,
      system: queue.system,
      role: queue.role,
      severity: judgement.severity,
      reasons: judgement.reasons.slice(),
      pausedBy: control?.order.verb === 'pause' ? 'sluice' : queue.pausedBy,
      depth: queue.depth,
      active: queue.active,
      delayed: queue.delayed,
      retrying: queue.retrying,
      dead: queue.dead,
      oldestAgeMs: queue.oldestAgeMs,
      consumers: queue.consumers,
      added: queue.added,
      finished: queue.finished,
      failed: queue.failed,
      redelivered: queue.redelivered,
      inPerSecond: rounded(inPerSecond),
      outPerSecond: rounded(outPerSecond),
      failedPerSecond: rounded(failedPerSecond),
      redeliveredPerSecond: rounded(counters.perSecond(3)),
      depthChange5m,
      drain,
      drainMs,
      estimated,
      trouble: queue.trouble,
      idleSinceMs: queue.idleSinceMs,
      observedAtMs: now,
      trend: null,
    }
    const hurts = pain(judgement, {
      waitMs: queue.oldestAgeMs,
      objectiveMs: this.#objective.queueWaitMs,
      change5m: depthChange5m,
    })
    return { row, thing: queue, pain: hurts }
  }

  #topic(
    tail: string,
    topic: Topic,
    { snapshot, seen, readers }: Deriving & { readers: ReadonlyMap<string, number> },
  ): Entry<TopicRow, Topic> {
    const now = snapshot.takenAtMs
    const inPerSecond = this.#sample(`topic/${tail}`, now, { seen, values: [topic.added] }).perSecond(0)
    this.topicHistory.record(tail, now, [inPerSecond, topic.records])
    const judgement = judgeTopic(topic)
    const { vhost, name, system, partitions, internal, replicationFactor, underReplicated, records, bytes } = topic
    const row: TopicRow = {
      ...reference('topic', snapshot.source, tail),
      ...{ vhost, name, system, partitions, internal, replicationFactor, underReplicated, records, bytes },
      severity: judgement.severity,
      reasons: [...judgement.reasons],
      readers: topic.readers,
      groups: snapshot.kind === 'kafka' ? (readers.get(name) ?? 0) : null,
      inPerSecond: rounded(inPerSecond),
      observedAtMs: now,
      trend: null,
    }
    return { row, thing: topic, pain: pain(judgement, { waitMs: null, objectiveMs: 1, change5m: null }) }
  }

  #group(tail: string, group: ConsumerGroup, { snapshot, seen }: Deriving): Entry<GroupRow, ConsumerGroup> {
    const now = snapshot.takenAtMs
    // The ends are summed over the partitions with a commit, so that arriving and consumed are about the same records.
    const read = group.positions.filter(({ committed, end }) => committed !== null && end !== null)
    const ends = read.length === 0 ? null : sum(read.map(({ end }) => end))
    const consumed = read.length === 0 ? null : sum(read.map(({ committed }) => committed))
    const counters = this.#sample(`group/${tail}`, now, { seen, values: [ends, consumed] })
    const [inPerSecond, outPerSecond] = [counters.perSecond(0), counters.perSecond(1)]
    const lagChange5m = change(group.lag, this.groupHistory.valueAt(tail, 'lag', now - FIVE_MINUTES_MS))
    this.groupHistory.record(tail, now, [group.lag, group.lagMs, inPerSecond, outPerSecond])
    const judgement = judgeGroup({ ...group, lagChange5m }, this.#objective)
    const { name, protocol, state, members, lag, lagMs, lagMsEstimated, lostPartitions, lostRecords } = group
    const row: GroupRow = {
      ...reference('group', snapshot.source, tail),
      ...{ name, protocol, state, members, lag, lagMs, lagMsEstimated, lostPartitions, lostRecords },
      severity: judgement.severity,
      reasons: [...judgement.reasons],
      topics: [...new Set(group.positions.map(({ topic }) => topic))].slice(0, GROUP_TOPICS_SHOWN),
      partitions: group.positions.length,
      lagChange5m,
      inPerSecond: rounded(inPerSecond),
      outPerSecond: rounded(outPerSecond),
      ...drainOf(lag, inPerSecond, outPerSecond),
      observedAtMs: now,
      trend: null,
    }
    const hurts = pain(judgement, { waitMs: lagMs, objectiveMs: this.#objective.groupLagMs, change5m: lagChange5m })
    return { row, thing: group, pain: hurts }
  }

  #sample(
    key: string,
    atMs: number,
    { seen, values }: { seen: Set<string>; values: readonly (number | null)[] },
  ): Counters {
    let counters = this.#counters.get(key)
    if (!counters) {
      counters = new Counters(values.length)
      this.#counters.set(key, counters)
    }
    seen.add(key)
    counters.add(atMs, values)
    return counters
  }
}

interface Deriving {
  readonly snapshot: Snapshot
  readonly seen: Set<string>
}

function reference(kind: ReferenceKind, source: string, tail: string): { ref: string; source: string } {
  return { ref: formatReference({ kind, source, tail }), source }
}

/** Things by reference tail; where two systems share a name, each tail says its system. */
function byTail<T extends { name: string; vhost: string | null; system: string }>(things: readonly T[]): [string, T][] {
  const plain = things.map((thing) => formatTail(thing.vhost === null ? [thing.name] : [thing.vhost, thing.name]))
  const times = new Map<string, number>()
  for (const tail of plain) times.set(tail, (times.get(tail) ?? 0) + 1)
  return things.map((thing, index) => {
    const tail = plain[index] ?? ''
    return [(times.get(tail) ?? 0) > 1 ? `${thing.system}:${tail}` : tail, thing]
  })
}

/** The reference tail of a system's queue among those of its source; its plain name when it is not among them. */
export function tailOfQueue(
  queues: ReadonlyMap<string, unknown>,
  { system, queue }: { readonly system: string; readonly queue: string },
): string {
  const plain = formatTail([queue])
  const own = `${system}:${plain}`
  return queues.has(own) ? own : plain
}

/** The strictest control in force on each queue as a whole: a pause before a throttle or limit. */
function strictest({ controls = [], takenAtMs }: Snapshot): Map<string, Control> {
  const found = new Map<string, Control>()
  for (const { control } of controls) {
    const { kind, tail } = control.target
    if (kind !== 'queue' || control.expiresAtMs <= takenAtMs) continue
    if (!found.has(tail) || control.order.verb === 'pause') found.set(tail, control)
  }
  return found
}

function countReaders(groups: readonly ConsumerGroup[]): Map<string, number> {
  const readers = new Map<string, number>()
  for (const group of groups) {
    for (const topic of new Set(group.positions.map((position) => position.topic))) {
      readers.set(topic, (readers.get(topic) ?? 0) + 1)
    }
  }
  return readers
}

function sum(values: readonly (number | null)[]): number | null {
  let total = 0
  for (const value of values) {
    if (value === null) return null
    total += value
  }
  return total
}

function change(now: number | null, before: number | null): number | null {
  return now === null || before === null ? null : now - before
}

function rounded(rate: number | null): number | null {
  return rate === null ? null : Math.round(rate * 1_000) / 1_000
}
