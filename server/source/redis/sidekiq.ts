import type { Lever, Verb } from '../../domain/control.ts'
import type { QueueFigure } from '../../domain/queue.ts'
import type { Gap, SystemFound } from '../../domain/snapshot.ts'
import { sliced } from './grouping.ts'
import { type Command, type Link, listOf, type Reply, ReplyError } from './link.ts'
import type { Reading, SystemReading } from './reading.ts'
import { countByQueue, readProcessesPlainly, readQueuesPlainly } from './sidekiq-plain.ts'
import {
  pairs,
  queueOfSidekiq,
  type SharedCounts,
  type SidekiqProcess,
  type SidekiqRow,
  sidekiqProcess,
  sidekiqRow,
  workerOfSidekiq,
} from './sidekiq-row.ts'
import { SIDEKIQ_MEMBERS, SIDEKIQ_PROCESSES, SIDEKIQ_QUEUES } from './sidekiq-script.ts'

/**
 * Reads Sidekiq 6.4 to 8 of one database, without writing. No namespace (Sidekiq 7 dropped it) and no Cluster (Sidekiq
 * does not support it).
 */
export class Sidekiq {
  /** Looked for again at this time, when it was not there. */
  #nextProbeAtMs = 0
  #isPresent = false
  #shared = new Map<SharedSet, SharedRead>()

  /** A new connection was made: perhaps to another database. */
  restart(): void {
    this.#nextProbeAtMs = 0
    this.#isPresent = false
    this.#shared = new Map()
  }

  async read(reading: Reading): Promise<SystemReading> {
    const [link] = reading.topology.links
    if (!link || reading.topology.links.length > 1) return NOTHING
    const size = await this.#probe(link, reading)
    if (!size) return NOTHING
    const { names, identities, gaps } = await readNames(link, size, reading.signal)
    await this.#countShared(link, size, reading)
    const elsewhere = [...this.#shared.values()].flatMap(({ counts }) => [...counts.keys()])
    const all = [...new Set([...names, ...elsewhere])].slice(0, QUEUES_MAX)
    const { rows, serverMs } = await readQueues(link, all, reading)
    const processes = await readProcesses(link, identities, reading)
    this.#isPresent = size.hasTrace || rows.some(({ length }) => length > 0)
    if (!this.#isPresent) return NOTHING
    return {
      systems: [{ name: 'sidekiq', version: versionOf(processes), cannotTell: this.#cannotTell(size), levers: LEVERS }],
      queues: rows.map((row) => queueOfSidekiq(row, processes, { shared: this.#sharedOf(row.name, size), serverMs })),
      workers: processes.map(workerOfSidekiq),
      gaps: [...gaps, ...(rows.length < all.length ? [unreadable(all.length - rows.length)] : [])],
    }
  }

  /** One command while there is none; the sizes of its sets when there is. */
  async #probe(link: Link, { monotonicMs, signal }: Reading): Promise<Size | null> {
    if (!this.#isPresent) {
      if (monotonicMs() < this.#nextProbeAtMs) return null
      const [exist] = await link.run('sidekiq', [['EXISTS', 'queues', 'processes', ...SHARED_SETS]], signal)
      this.#nextProbeAtMs = monotonicMs() + (exist instanceof ReplyError ? REFUSED_MS : PROBE_MS)
      if (exist === 0 || exist instanceof ReplyError) return null
    }
    const sizes = SHARED_SETS.map((set): Command => ['ZCARD', set])
    const replies = await link.run(
      'sidekiq',
      [['SCARD', 'queues'], ['SCARD', 'processes'], ['EXISTS', 'stat:processed'], ...sizes],
      signal,
    )
    // Keys of these names and another type belong to something else.
    if (replies.some((reply) => typeof reply !== 'number')) return null
    const [queues = 0, processes = 0, stat, ...shared] = replies.map(Number)
    const members = new Map(SHARED_SETS.map((set, at) => [set, shared[at] ?? 0]))
    const hasTrace = processes > 0 || stat === 1 || shared.some((count) => count > 0)
    return { queues, processes, members, hasTrace }
  }

  /**
   * Retries, dead and scheduled jobs lie in one set each for all queues, so telling them apart means looking at every
   * member: at each collect while a set is small, each SHARED_MS up to MEMBERS_MAX, not at all above.
   */
  async #countShared(link: Link, { members }: Size, { scripts, signal, monotonicMs }: Reading): Promise<void> {
    for (const [set, size] of members) {
      const last = this.#shared.get(set)
      if (size === 0 || size > MEMBERS_MAX) {
        this.#shared.delete(set)
        continue
      }
      if (size > PAGE && last && monotonicMs() - last.readAtMs < SHARED_MS) continue
      const calls = Array.from({ length: Math.ceil(size / PAGE) }, (_, page) => [
        set,
        page * PAGE,
        (page + 1) * PAGE - 1,
      ])
      const replies =
        (await scripts.run(link, SIDEKIQ_MEMBERS, calls, signal)) ?? (await readMembersPlainly(link, calls, signal))
      if (!replies) {
        this.#shared.delete(set)
        continue
      }
      const counts = new Map<string, number>()
      for (const reply of replies) {
        for (const [queue, count] of pairs(reply)) counts.set(queue, (counts.get(queue) ?? 0) + count)
      }
      this.#shared.set(set, { counts, readAtMs: monotonicMs() })
    }
  }

  #sharedOf(queue: string, { members }: Size): SharedCounts {
    const count = (set: SharedSet) => {
      if (members.get(set) === 0) return 0
      const read = this.#shared.get(set)
      return read ? (read.counts.get(queue) ?? 0) : null
    }
    const estimated = SHARED_SETS.filter((set) => (members.get(set) ?? 0) > PAGE && this.#shared.has(set))
    return {
      retrying: count('retry'),
      dead: count('dead'),
      delayed: count('schedule'),
      estimated: estimated.map((set) => FIGURE_OF[set]),
    }
  }

  #cannotTell({ members }: Size): SystemFound['cannotTell'] {
    const reasons: Partial<Record<QueueFigure, string>> = { ...CANNOT_TELL }
    for (const [set, size] of members) {
      if (size === 0 || this.#shared.has(set)) continue
      reasons[FIGURE_OF[set]] = `one set holds the ${size} ${FIGURE_OF[set]} jobs of all queues: too many to tell apart`
    }
    return reasons
  }
}

type SharedSet = 'retry' | 'dead' | 'schedule'

const SHARED_SETS: readonly SharedSet[] = ['retry', 'dead', 'schedule']
const FIGURE_OF = { retry: 'retrying', dead: 'dead', schedule: 'delayed' } as const

interface Size {
  readonly queues: number
  readonly processes: number
  readonly members: ReadonlyMap<SharedSet, number>
  /** More than a set called `queues` speaks for Sidekiq. */
  readonly hasTrace: boolean
}

interface SharedRead {
  readonly counts: ReadonlyMap<string, number>
  readonly readAtMs: number
}

const NOTHING: SystemReading = { systems: [], queues: [], workers: [], gaps: [] }
/** One EXISTS, at nearly every refresh. */
const PROBE_MS = 1_900
const REFUSED_MS = 30_000
const SHARED_MS = 30_000
/** One call looks at so many members: about 1.5 ms of the server (measured: 10,000 of 600 bytes in 15 ms). */
const PAGE = 1_000
const MEMBERS_MAX = 10_000
const SLICE = 64
/** Beyond, the answer to SMEMBERS would be larger than we accept. */
const QUEUES_MAX = 20_000
const PROCESSES_MAX = 5_000

const GLOBAL = 'Sidekiq counts this for all queues of the database together, not for one'
const CANNOT_TELL: SystemFound['cannotTell'] = {
  added: 'Sidekiq does not count jobs that are added',
  finished: GLOBAL,
  failed: GLOBAL,
  redelivered: 'Sidekiq does not count jobs that were taken again',
}

function notYet(why: string): Lever {
  return { by: 'none', why: `${why}; with sidekiq-limit_fetch there is a lever, but Sluice does not drive it yet` }
}
const LEVERS: Readonly<Record<Verb, Lever>> = {
  pause: notYet('Sidekiq without Pro reads no pause, and Pro tells its processes in a private format'),
  throttle: { by: 'none', why: 'limits of Sidekiq live in the code of the app' },
  limit: notYet('Sidekiq has no limit for one queue'),
}

async function readNames(link: Link, { queues, processes }: Size, signal: AbortSignal) {
  const gaps: Gap[] = []
  const sets: readonly [key: string, size: number, max: number][] = [
    ['queues', queues, QUEUES_MAX],
    ['processes', processes, PROCESSES_MAX],
  ]
  const commands = sets.map(([key, size, max]): Command => {
    if (size <= max) return ['SMEMBERS', key]
    gaps.push({ what: `${key} of sidekiq`, code: 'unsupported', message: `${size} of them; at most ${max} are read` })
    return ['SRANDMEMBER', key, 0]
  })
  const [names, identities] = (await link.run('sidekiq', commands, signal)).map(strings)
  return { names: [...(names ?? [])].sort(), identities: identities ?? [], gaps }
}

async function readQueues(link: Link, names: readonly string[], { scripts, signal, nowMs }: Reading) {
  const rows: SidekiqRow[] = []
  let serverMs = nowMs
  const slices = sliced(names, SLICE)
  const scripted = slices.length > 0 ? await scripts.run(link, SIDEKIQ_QUEUES, slices, signal) : []
  for (const [at, slice] of slices.entries()) {
    const reply = scripted ? scripted[at] : await readQueuesPlainly(link, slice, signal)
    const [time, ...answers] = listOf(reply)
    serverMs = Number(time) || serverMs
    rows.push(...slice.flatMap((name, index) => sidekiqRow(name, answers[index]) ?? []))
  }
  return { rows, serverMs }
}

async function readProcesses(link: Link, identities: readonly string[], { scripts, signal }: Reading) {
  const processes: SidekiqProcess[] = []
  const slices = sliced(identities, SLICE)
  const scripted = slices.length > 0 ? await scripts.run(link, SIDEKIQ_PROCESSES, slices, signal) : []
  for (const [at, slice] of slices.entries()) {
    const reply = scripted ? scripted[at] : await readProcessesPlainly(link, slice, signal)
    const answers = listOf(reply)
    // A slice that failed says nothing: that is not the same as a process that is gone.
    if (answers.length === slice.length) processes.push(...slice.map((id, index) => sidekiqProcess(id, answers[index])))
  }
  return processes
}

/** Whole payloads travel, so only small sets are counted this way. */
async function readMembersPlainly(link: Link, calls: readonly (readonly (string | number)[])[], signal: AbortSignal) {
  if (calls.length > 1) return null
  const replies = await link.run(
    'sidekiq',
    calls.map((call): Command => ['ZRANGE', ...call]),
    signal,
  )
  return replies.map((reply) => countByQueue(listOf(reply)))
}

/** The version that most processes say; null before 7, which do not. */
function versionOf(processes: readonly SidekiqProcess[]): string | null {
  const counts = new Map<string, number>()
  for (const { version } of processes) if (version) counts.set(version, (counts.get(version) ?? 0) + 1)
  return [...counts].sort((one, other) => other[1] - one[1])[0]?.[0] ?? null
}

function strings(reply: Reply): readonly string[] {
  return listOf(reply).filter((item) => typeof item === 'string')
}

function unreadable(count: number): Gap {
  return { what: 'queues of sidekiq', code: 'malformed', message: `${count} queues are no lists, or could not be read` }
}
