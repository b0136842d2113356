import type { Lever, PlacedControl, Verb } from '../../domain/control.ts'
import type { Queue } from '../../domain/queue.ts'
import type { Gap, SystemFound } from '../../domain/snapshot.ts'
import type { ControlText } from '../../runtime/layout/control-text.ts'
import { BULLMQ_CONTROLS, bullmqControls, hasPause, placedOnBullmq } from './bullmq-controls.ts'
import { readPlainly } from './bullmq-plain.ts'
import { type BullmqAnswer, type BullmqQueue, bullmqQueue, queueOfRow, versionOf } from './bullmq-row.ts'
import { BULLMQ_RETRYING, BULLMQ_ROWS, parseRows } from './bullmq-script.ts'
import { type BullmqWorker, bullmqWorkers, workerRow } from './client-list.ts'
import { Discovery } from './discovery.ts'
import { replyFault } from './faults.ts'
import { groupedBy, sliced } from './grouping.ts'
import { type Link, listOf, ReplyError } from './link.ts'
import type { Reading, SystemReading } from './reading.ts'
import type { Topology } from './topology.ts'

/** Reads every BullMQ queue of one Redis, in few round trips, without writing. */
export class Bullmq {
  readonly #source: string
  readonly #prefixes: readonly string[]
  /** The configured queues; null = find them. */
  readonly #fixed: readonly BullmqQueue[] | null
  readonly #discovery: Discovery
  #clients: ClientsRead = { workers: [], refusal: null, readAtMs: null, isFresh: false }

  constructor(source: string, prefixes: readonly string[], names: readonly string[] | null) {
    this.#source = source
    this.#prefixes = prefixes
    this.#fixed = names && prefixes.flatMap((prefix) => names.map((name) => bullmqQueue(prefix, name)))
    this.#discovery = new Discovery(prefixes)
  }

  /** A new connection was made. */
  restart(): void {
    this.#discovery.restart()
    this.#clients = { workers: [], refusal: null, readAtMs: null, isFresh: false }
  }

  async read(reading: Reading): Promise<SystemReading> {
    const { topology, signal, keys, monotonicMs } = reading
    if (!this.#fixed) await this.#discovery.step(topology.links, { keys, monotonicMs }, signal)
    await this.#readClients(reading)
    const queues = this.#listed()
    const rows = await this.#readRows(queues, reading)
    const found = queues.filter(({ base }) => isRow(rows.answers.get(base)))
    const retrying = await this.#countRetrying(found, reading)
    const controls = await readControls(found, rows, reading)
    return this.#assemble(queues, { ...rows, controls }, retrying, reading)
  }

  #listed(): readonly BullmqQueue[] {
    return this.#fixed ?? this.#discovery.queues
  }

  /** The plain name under the first prefix; `prefix:name` under another, so that two do not become one. */
  #nameOf({ prefix, name }: BullmqQueue): string {
    return prefix === this.#prefixes[0] ? name : `${prefix}:${name}`
  }

  /** CLIENT LIST costs with all clients of the server (≈ 290 bytes each), so the more there are the rarer it is asked. */
  async #readClients({ topology, clients, signal, monotonicMs }: Reading): Promise<void> {
    const now = monotonicMs()
    const { readAtMs } = this.#clients
    this.#clients = { ...this.#clients, isFresh: false }
    if (readAtMs !== null && now - readAtMs < clientListEveryMs(clients)) return
    if (clients !== null && clients > CLIENTS_MAX) {
      const refusal = `${clients} clients are connected; above ${CLIENTS_MAX} the list of clients is not read`
      this.#clients = { workers: [], refusal, readAtMs: now, isFresh: true }
      return
    }
    const workers: BullmqWorker[] = []
    for (const link of topology.links) {
      const [reply] = await link.run('clients', [['CLIENT', 'LIST', 'TYPE', 'normal']], signal)
      if (reply instanceof ReplyError) {
        const refusal = replyFault('clients', link.address, reply.text).message
        this.#clients = { workers: [], refusal, readAtMs: now, isFresh: true }
        return
      }
      if (typeof reply === 'string') workers.push(...bullmqWorkers(reply, this.#prefixes))
    }
    this.#clients = { workers, refusal: null, readAtMs: now, isFresh: true }
    if (!this.#fixed) for (const { queue } of workers) this.#discovery.add(queue)
  }

  async #readRows(queues: readonly BullmqQueue[], { topology, scripts, signal, nowMs }: Reading): Promise<RowsRead> {
    const answers = new Map<string, BullmqAnswer>()
    let serverMs = nowMs
    for (const [link, own] of byLink(queues, topology)) {
      const slices = sliced(own, SLICE)
      const replies = await scripts.run(
        link,
        BULLMQ_ROWS,
        slices.map((slice) => slice.map(({ base }) => base)),
        signal,
      )
      if (replies === null) {
        for (const slice of sliced(own, PLAIN_SLICE)) {
          const plain = await readPlainly(link, slice, signal)
          serverMs = plain.serverMs || nowMs
          for (const [at, { base }] of slice.entries()) answers.set(base, plain.answers[at] ?? 'gone')
        }
        continue
      }
      for (const [at, slice] of slices.entries()) {
        const reply = replies[at] ?? null
        if (reply instanceof ReplyError) {
          for (const { base } of slice) answers.set(base, { error: reply.text })
          continue
        }
        const rows = parseRows(reply, slice.length)
        serverMs = rows.serverMs
        for (const [index, { base }] of slice.entries()) answers.set(base, rows.answers[index] ?? 'gone')
      }
    }
    return { answers, serverMs }
  }

  /** Only for queues that somebody looks at: it costs up to a page of reads each. */
  async #countRetrying(queues: readonly BullmqQueue[], { topology, scripts, signal, watched }: Reading) {
    const counts = new Map<string, number>()
    const names = new Set(watched.map((tail) => plainTail(tail)))
    const seen = queues.filter((queue) => names.has(this.#nameOf(queue)))
    for (const [link, own] of byLink(seen, topology)) {
      const slices = sliced(own, RETRY_SLICE)
      const calls = slices.map((slice) => [RETRY_PAGE, ...slice.map(({ base }) => base)])
      const replies = calls.length > 0 ? await scripts.run(link, BULLMQ_RETRYING, calls, signal) : null
      for (const [at, slice] of slices.entries()) {
        const reply = replies?.[at]
        const lines = typeof reply === 'string' ? reply.split('\n') : []
        slice.forEach(({ base }, index) => {
          if (lines[index]) counts.set(base, Number(lines[index]))
        })
      }
    }
    return counts
  }

  #assemble(
    listed: readonly BullmqQueue[],
    { answers, serverMs, controls }: RowsRead & { controls: ReadonlyMap<string, readonly ControlText[]> },
    retrying: ReadonlyMap<string, number>,
    { keys }: Reading,
  ): SystemReading {
    const { workers, refusal } = this.#clients
    const consumers = groupedBy(workers, ({ queue }) => queue.base)
    const versions = new Map<string, number>()
    const queues: Queue[] = []
    const unread: { name: string; error: string }[] = []
    const placed: PlacedControl[] = []
    for (const queue of listed) {
      const answer = answers.get(queue.base) ?? 'gone'
      const displayName = this.#nameOf(queue)
      if (answer === 'gone') {
        if (!this.#fixed) this.#discovery.forget(queue)
      } else if ('error' in answer) unread.push({ name: displayName, error: answer.error })
      else {
        const version = versionOf(answer)
        if (version) versions.set(version, (versions.get(version) ?? 0) + 1)
        const ours = controls.get(queue.base) ?? []
        if (ours.length > 0) {
          const own = (consumers.get(queue.base) ?? []).map((worker) => workerRow(worker, displayName, serverMs).id)
          placed.push(
            ...placedOnBullmq(ours, { source: this.#source, displayName, row: answer, workers: own, serverMs }),
          )
        }
        queues.push(
          queueOfRow(answer, {
            serverMs,
            consumers: refusal === null ? (consumers.get(queue.base)?.length ?? 0) : null,
            areConsumersLate: !this.#clients.isFresh,
            retrying: retrying.get(queue.base) ?? null,
            displayName,
            isPausedByUs: hasPause(ours),
          }),
        )
      }
    }
    const isPresent = queues.length > 0
    const usual = [...versions].sort((one, other) => other[1] - one[1])[0]?.[0] ?? null
    return {
      systems: isPresent ? [{ name: 'bullmq', version: usual, cannotTell: CANNOT_TELL, levers: LEVERS }] : [],
      queues,
      workers: isPresent ? workers.map((worker) => workerRow(worker, this.#nameOf(worker.queue), serverMs)) : [],
      ...(isPresent ? { controls: placed } : {}),
      gaps: [
        ...(this.#fixed ? missing(this.#fixed, answers) : [this.#discovery.gap(keys) ?? []].flat()),
        ...unread.slice(0, GAPS_MAX).map(({ name, error }) => gapOf(`queue ${name}`, error)),
        ...(unread.length > GAPS_MAX ? [gapOf(`${unread.length - GAPS_MAX} more queues`, 'as those named')] : []),
        ...(refusal && isPresent ? [{ what: 'workers of bullmq', code: 'refused' as const, message: refusal }] : []),
      ],
    }
  }
}

/** 64 queues are about 0.5 ms of Redis in one call: others wait no longer, and 1,000 queues are 16 calls. */
const SLICE = 64
const PLAIN_SLICE = 200
const RETRY_SLICE = 8
const RETRY_PAGE = 500
const GAPS_MAX = 5
/** Beyond, one CLIENT LIST would be more than 6 MB. */
const CLIENTS_MAX = 20_000

const CANNOT_TELL: SystemFound['cannotTell'] = {
  retrying: 'BullMQ keeps retries among the delayed jobs; they are counted for a queue that somebody looks at',
  finished: 'this queue holds more jobs than were counted as added, so those that finished cannot be told',
  failed:
    'BullMQ counts failures only where the worker sets `metrics`, from the first one on; `dead` are those it kept',
  redelivered: 'BullMQ does not count jobs that were taken again after a stall',
}

const OUTLIVES = 'BullMQ’s own does not end by itself: it ends when a Sluice is running at its end or after it'
const LEVERS: Readonly<Record<Verb, Lever>> = {
  pause: { by: 'system', how: 'BullMQ reads its pause flag in the step that takes a job', caveat: OUTLIVES },
  throttle: {
    by: 'system',
    how: 'BullMQ’s global rate limit, so many in each window',
    caveat: `${OUTLIVES}; a worker with a limiter of its own keeps its own window`,
  },
  limit: { by: 'system', how: 'BullMQ’s global concurrency', caveat: OUTLIVES },
}

interface ClientsRead {
  readonly workers: readonly BullmqWorker[]
  readonly refusal: string | null
  readonly readAtMs: number | null
  /** Read at this collect, not at an earlier one. */
  readonly isFresh: boolean
}

/** Only of queues that have some. A control that cannot be read is not in place for us: no gap tells more. */
async function readControls(found: readonly BullmqQueue[], rows: RowsRead, { topology, scripts, signal }: Reading) {
  const controls = new Map<string, readonly ControlText[]>()
  const having = found.filter(({ base }) => {
    const answer = rows.answers.get(base)
    return typeof answer === 'object' && 'controls' in answer && answer.controls > 0
  })
  for (const [link, own] of byLink(having, topology)) {
    const slices = sliced(own, SLICE)
    const calls = slices.map((slice) => slice.map(({ base }) => base))
    const replies = await scripts.run(link, BULLMQ_CONTROLS, calls, signal)
    for (const [at, slice] of slices.entries()) {
      const reply = replies?.[at]
      const answers = listOf(reply)
      for (const [index, { base }] of slice.entries()) controls.set(base, bullmqControls(answers[index]))
    }
  }
  return controls
}

interface RowsRead {
  readonly answers: ReadonlyMap<string, BullmqAnswer>
  readonly serverMs: number
}

/** At every collect while it is ≤ 30 KB, then each 10 s, then each 30 s. */
function clientListEveryMs(clients: number | null): number {
  if (clients === null || clients > 1_000) return 30_000
  return clients > 100 ? 10_000 : 0
}

function isRow(answer: BullmqAnswer | undefined): boolean {
  return answer !== undefined && answer !== 'gone' && !('error' in answer)
}

/** `system:name` and percent-escapes of a reference, undone. */
function plainTail(tail: string): string {
  const name = tail.startsWith('bullmq:') ? tail.slice('bullmq:'.length) : tail
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** All keys of a queue lie on one node (BullMQ needs a hash tag in a Cluster). A queue without a node is left out: `gone`. */
function byLink(queues: readonly BullmqQueue[], topology: Topology): readonly [Link, readonly BullmqQueue[]][] {
  const groups = groupedBy(queues, ({ base }) => topology.linkOf(`${base}meta`))
  return [...groups].flatMap(([link, own]): [Link, readonly BullmqQueue[]][] => (link ? [[link, own]] : []))
}

function missing(fixed: readonly BullmqQueue[], answers: ReadonlyMap<string, BullmqAnswer>): readonly Gap[] {
  const names = [...groupedBy(fixed, ({ name }) => name)]
  const absent = names.filter(([, queues]) => queues.every(({ base }) => (answers.get(base) ?? 'gone') === 'gone'))
  return absent.slice(0, GAPS_MAX).map(([name]) => ({
    what: `queue ${name}`,
    code: 'not-found' as const,
    message: `queue "${name}" is configured but there is none in this database`,
  }))
}

function gapOf(what: string, error: string): Gap {
  const { code, message } = replyFault('read', 'server', error)
  return { what, code, message }
}
