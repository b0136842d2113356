import { rateAt } from '../../domain/control.ts'
import type { Queue } from '../../domain/queue.ts'
import type { Run } from '../../domain/run.ts'
import type { Worker } from '../../domain/worker.ts'
import { type ControlText, parseControl } from '../../runtime/layout/control-text.ts'
import { queueBase } from '../../runtime/layout/keys.ts'
import { parseRunState } from '../../runtime/layout/run-state.ts'
import { parseBeat, type WorkerBeat } from '../../runtime/layout/worker-beat.ts'
import { listOf, type Reply } from './link.ts'
import { BEAT_FIELDS } from './sluice-script.ts'

/** One queue of our own runtime: its name, and the start of all its keys (`sluice:{mail}:`). */
export interface SluiceQueue {
  readonly prefix: string
  readonly name: string
  readonly base: string
  /** As it is shown: the plain name under the first prefix, `prefix:name` under another. */
  readonly shown: string
}

export function sluiceQueue(prefix: string, name: string, prefixes: readonly string[]): SluiceQueue {
  return { prefix, name, base: queueBase(prefix, name), shown: prefix === prefixes[0] ? name : `${prefix}:${name}` }
}

/** What Redis holds of one queue. */
export interface SluiceRow {
  readonly pending: number
  readonly active: number
  readonly delayed: number
  readonly retry: number
  readonly dead: number
  /** When the unit that is next was enqueued, Unix ms; null = nothing waits, or not told. */
  readonly oldestAtMs: number | null
  readonly enqueued: number
  readonly succeeded: number
  readonly failed: number
  readonly crashed: number
  readonly poisoned: number
  readonly runs: number
  /** Null = none was ever begun here. */
  readonly sagas: Queue['sagas']
  readonly controls: readonly ControlInQueue[]
}

/** A control in force in one queue, and what it does there. */
export interface ControlInQueue {
  readonly id: string
  /** Without its second line where another queue of the same reply has told it. */
  readonly text: string
  readonly inHand: number
  readonly heldBack: number
  /** Units it concerns ever started in this queue; null = not counted. */
  readonly starts: number | null
  readonly disobeyedBy: readonly string[]
}

/** A row of the script; the server's error as text; null when it is neither. */
export function sluiceRow(reply: Reply | undefined): SluiceRow | string | null {
  const [line, ...controls] = listOf(reply)
  if (typeof line !== 'string') return null
  if (line.startsWith('!')) return line.slice(1)
  const words = line.split(',')
  const numbers = words.map(Number)
  if (numbers.length !== 14 || numbers.some((number) => !Number.isSafeInteger(number))) return null
  const [pending = 0, active = 0, delayed = 0, retry = 0, dead = 0, oldest = 0, ...counts] = numbers
  const [enqueued = 0, succeeded = 0, failed = 0, crashed = 0, poisoned = 0, runs = 0, open = 0, stuck = 0] = counts
  const oldestAtMs = words[5] === '' ? null : oldest
  const own = controls.length === 0 ? NO_CONTROLS : controls.flatMap(controlInQueue)
  // Written out, here and in queueOfSluice: there are thousands, and a spread is dear.
  return {
    pending,
    active,
    delayed,
    retry,
    dead,
    oldestAtMs,
    enqueued,
    succeeded,
    failed,
    crashed,
    poisoned,
    runs,
    sagas: words[12] === '' ? null : { open, stuck },
    controls: own,
  }
}

const NO_CONTROLS: readonly ControlInQueue[] = []

function controlInQueue(reply: Reply): readonly ControlInQueue[] {
  const [id, text, inHand, heldBack, starts, workers] = listOf(reply)
  if (typeof id !== 'string' || typeof text !== 'string' || typeof starts !== 'number') return []
  const disobeyedBy = listOf(workers).map(String)
  return [
    ...[
      { id, text, inHand: Number(inHand), heldBack: Number(heldBack), starts: starts < 0 ? null : starts, disobeyedBy },
    ],
  ]
}

/**
 * The controls of all rows, parsed. A text that came without its second line gets that of its namesake. One that stayed as
 * it was since the last refresh is not parsed again.
 */
export class ControlTexts {
  #last = new Map<string, Parsed>()

  read(rows: ReadonlyMap<SluiceQueue, SluiceRow>): ReadonlyMap<ControlInQueue, ControlText> {
    const people = new Map<string, string>()
    const parsed = new Map<ControlInQueue, ControlText>()
    const now = new Map<string, Parsed>()
    const all = [...rows].flatMap(([{ base }, { controls }]) => controls.map((control) => ({ base, control })))
    for (const { control } of all) {
      const end = control.text.indexOf('\n')
      if (end >= 0) people.set(sameAs(control.id, control.text), control.text.slice(end))
    }
    for (const { base, control } of all) {
      const { id, text } = control
      const end = text.indexOf('\n')
      const line = end >= 0 ? text.slice(0, end) : text
      const key = base + id
      const last = this.#last.get(key)
      const whole = last?.line === line ? last.text : parseControl(id, line + (people.get(sameAs(id, line)) ?? ''))
      if (!whole) continue
      now.set(key, { line, text: whole })
      parsed.set(control, whole)
    }
    this.#last = now
    return parsed
  }
}

interface Parsed {
  readonly line: string
  readonly text: ControlText
}

/** Id and revision, the eighth word: what queues tell of one control differs only in the first line. */
function sameAs(id: string, text: string): string {
  return `${id} ${text.split(' ', 8)[7]}`
}

/** What is known of a queue from elsewhere. */
export interface SluiceContext {
  readonly serverMs: number
  /** Of those that serve it, alive and not stopping. */
  readonly consumers: number
  /** Controls in force on the whole queue. */
  readonly whole: readonly ControlText[]
}

export function queueOfSluice(shown: string, row: SluiceRow, { serverMs, consumers, whole }: SluiceContext): Queue {
  const { pending, oldestAtMs } = row
  return {
    name: shown,
    vhost: null,
    system: 'sluice',
    depth: pending,
    active: row.active,
    delayed: row.delayed,
    retrying: row.retry,
    dead: row.dead,
    oldestAgeMs: pending === 0 ? 0 : oldestAtMs === null ? null : Math.max(0, serverMs - oldestAtMs),
    added: row.enqueued,
    finished: row.succeeded,
    failed: row.failed,
    // Those whose worker vanished and that were not given up for it.
    redelivered: Math.max(0, row.crashed - row.poisoned),
    consumers,
    pausedBy: whole.some(({ order }) => order.verb === 'pause') ? 'sluice' : 'nobody',
    estimated: NONE,
    limit: whole.length === 0 ? null : limitOf(whole, serverMs),
    trouble: null,
    idleSinceMs: null,
    deadLetter: null,
    role: 'work',
    feeds: NONE,
    sagas: row.sagas,
  }
}

const NONE: readonly never[] = []

/** The strictest wins. */
function limitOf(controls: readonly ControlText[], nowMs: number): Queue['limit'] {
  let concurrency: number | null = null
  let perSecond: number | null = null
  for (const control of controls) {
    const { order } = control
    if (order.verb === 'limit') concurrency = Math.min(concurrency ?? order.concurrency, order.concurrency)
    if (order.verb === 'throttle') {
      const rate = rateAt(order, control, nowMs)
      perSecond = Math.min(perSecond ?? rate, rate)
    }
  }
  return concurrency === null && perSecond === null ? null : { concurrency, perSecond }
}

/** Workers beat at least each 2 s: one that is silent for so long has vanished, or cannot reach Redis. */
export const BEAT_GONE_MS = 10_000

/** A worker of the fleet script; null when its hash has expired or is not one of ours. */
export function sluiceBeat(reply: Reply): WorkerBeat | null {
  const [id, ...values] = listOf(reply).map(String)
  if (id === undefined) return null
  const fields = BEAT_FIELDS.map((name, at): [string, string] => [name, values[at] ?? ''])
  return parseBeat(id, Object.fromEntries(fields.filter(([, value]) => value !== '')))
}

/** @param shown the queue's name as it is shown */
export function workerOfSluice(beat: WorkerBeat, serverMs: number, shown: (queue: string) => string): Worker {
  const isGone = serverMs - beat.beatAtMs > BEAT_GONE_MS
  return {
    id: beat.id,
    system: 'sluice',
    host: beat.host,
    pid: beat.pid,
    version: beat.version,
    serves: beat.serves.map(shown),
    capacity: beat.capacity,
    busy: isGone ? null : beat.busy,
    phase: isGone ? 'gone' : beat.phase,
    startedAtMs: beat.startedAtMs,
    beatAtMs: beat.beatAtMs,
    skewMs: beat.ownClockMs - beat.beatAtMs,
  }
}

/** A run of the runs script; null when it is none. A running one that a pause concerns is `pausing`. */
export function runOfSluice(reply: Reply, queue: string, controls: readonly ControlText[]): Run | null {
  const [id, line, ...values] = listOf(reply).map(String)
  if (id === undefined || line === undefined) return null
  const state = parseRunState(values.map((value) => (value === '' ? null : value)))
  if (state.status === null) return null
  const [, worker, label = ''] = /^\d+ (\S+) \d+ (.*)$/.exec(line) ?? []
  const isPausing = state.status === 'running' && controls.some((control) => pauses(control, id, label))
  const isBetween = state.status === 'queued' || state.status === 'failed'
  return {
    id,
    job: state.job ?? '',
    queue,
    system: 'sluice',
    status: isPausing ? 'pausing' : state.status,
    attempt: state.startedAtMs === null ? 0 : isBetween ? Math.max(1, state.failures) : state.failures + 1,
    interruptions: state.interruptions,
    tickCount: state.done,
    tickTotal: state.total,
    cursor: state.cursor,
    startedAtMs: state.startedAtMs,
    tickedAtMs: state.tickedAtMs,
    runningMs: state.runningMs,
    error: state.error,
    crashes: state.crashes,
    perSecond: state.perSecond,
    worker: worker ?? null,
    saga: state.saga,
  }
}

function pauses({ order, scope, name }: ControlText, id: string, label: string): boolean {
  if (order.verb !== 'pause') return false
  if (scope === 'queue') return true
  if (scope === 'run') return name === id
  const [job, ...tags] = label.split(' ')
  return scope === 'job' ? name === job : name !== null && tags.includes(name)
}
