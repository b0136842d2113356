import type { Queue, QueueFigure } from '../../domain/queue.ts'
import { UNKNOWN_QUEUE } from '../../domain/queue.ts'
import type { Worker } from '../../domain/worker.ts'
import { listOf, type Reply } from './link.ts'

/** What Redis holds of one Sidekiq queue. */
export interface SidekiqRow {
  readonly name: string
  readonly length: number
  /** When the next job was pushed (a retry's push counts anew), Unix ms; null = nothing waits, or not told. */
  readonly enqueuedAtMs: number | null
  readonly isPaused: boolean
  readonly concurrency: number | null
}

/** What a process last said of itself, at its beat (each 5 s in Sidekiq 6, each 10 s in 7 and 8). */
export interface SidekiqProcess {
  readonly identity: string
  /** Its hash has expired while it was never taken off the list: it did not end in peace. */
  readonly isGone: boolean
  readonly host: string | null
  readonly pid: number | null
  readonly version: string | null
  readonly queues: readonly string[]
  readonly concurrency: number | null
  readonly busy: number | null
  readonly isQuiet: boolean
  readonly startedAtMs: number | null
  readonly beatAtMs: number | null
  /** Jobs running, by queue. */
  readonly running: ReadonlyMap<string, number>
}

/** A row of the queues' script, or the same from plain commands; null when it could not be read. */
export function sidekiqRow(name: string, reply: Reply | undefined): SidekiqRow | null {
  if (!Array.isArray(reply) || typeof reply[0] !== 'number') return null
  const [length, at, paused, limit] = reply
  return {
    name,
    length,
    enqueuedAtMs: length > 0 ? sidekiqTimeMs(at) : null,
    isPaused: Number(paused) > 0,
    concurrency: positive(limit),
  }
}

/** Sidekiq ≤ 7 writes seconds with a fraction, 8 whole milliseconds. Told apart by size: 10^11 s is the year 5138. */
export function sidekiqTimeMs(value: Reply | undefined): number | null {
  const number = typeof value === 'string' || typeof value === 'number' ? positive(value) : null
  if (number === null) return null
  return number < 1e11 ? Math.round(number * 1000) : Math.round(number)
}

/** A row of the processes' script. */
export function sidekiqProcess(identity: string, reply: Reply | undefined): SidekiqProcess {
  const [host, pid] = /^(.*):(\d+):[0-9a-f]+$/.exec(identity)?.slice(1) ?? []
  const fields = listOf(reply)
  const [beat, busy, quiet, concurrency, infoText, running] = fields
  const info = parseInfoField(infoText)
  return {
    identity,
    isGone: fields.length === 0,
    host: text(info.hostname) ?? host ?? null,
    pid: positive(info.pid) ?? positive(pid),
    version: text(info.version),
    queues: queuesOf(info),
    concurrency: positive(concurrency) ?? positive(info.concurrency),
    busy: busy === '' || busy === undefined ? null : Number(busy),
    isQuiet: quiet === 'true',
    startedAtMs: sidekiqTimeMs(info.started_at as Reply),
    beatAtMs: sidekiqTimeMs(beat),
    running: pairs(running),
  }
}

/** [name, count, …] as a map. */
export function pairs(reply: Reply | undefined): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const flat = listOf(reply)
  for (let at = 0; at + 1 < flat.length; at += 2) counts.set(String(flat[at]), Number(flat[at + 1]))
  return counts
}

/** Jobs of one queue in the three sets that all queues share; null = not counted. */
export interface SharedCounts {
  readonly retrying: number | null
  readonly dead: number | null
  readonly delayed: number | null
  /** Those that were counted some seconds ago. */
  readonly estimated: readonly QueueFigure[]
}

export function queueOfSidekiq(
  { name, length, enqueuedAtMs, isPaused, concurrency }: SidekiqRow,
  processes: readonly SidekiqProcess[],
  { shared, serverMs }: { readonly shared: SharedCounts; readonly serverMs: number },
): Queue {
  const live = processes.filter(({ isGone }) => !isGone)
  const active = live.reduce((sum, { running }) => sum + (running.get(name) ?? 0), 0)
  return {
    ...UNKNOWN_QUEUE,
    name,
    system: 'sidekiq',
    depth: length,
    active,
    delayed: shared.delayed,
    retrying: shared.retrying,
    dead: shared.dead,
    oldestAgeMs: length === 0 ? 0 : enqueuedAtMs === null ? null : Math.max(0, serverMs - enqueuedAtMs),
    consumers: live.filter(({ queues }) => queues.includes(name)).length,
    pausedBy: isPaused ? 'elsewhere' : 'nobody',
    // Processes report what they run only at their beat.
    estimated: live.length > 0 ? ['active', ...shared.estimated] : shared.estimated,
    limit: concurrency === null ? null : { concurrency, perSecond: null },
  }
}

export function workerOfSidekiq(process: SidekiqProcess): Worker {
  const { identity, isGone, isQuiet, queues, concurrency, busy } = process
  return {
    id: identity,
    system: 'sidekiq',
    host: process.host,
    pid: process.pid,
    version: process.version,
    serves: queues,
    capacity: concurrency,
    busy: isGone ? null : busy,
    phase: isGone ? 'gone' : isQuiet ? 'quiet' : 'running',
    startedAtMs: process.startedAtMs,
    beatAtMs: process.beatAtMs,
  }
}

type Info = Readonly<Record<string, unknown>>

function parseInfoField(reply: Reply | undefined): Info {
  if (typeof reply !== 'string' || reply === '') return {}
  try {
    const value: unknown = JSON.parse(reply)
    return isRecord(value) ? value : {}
  } catch {
    return {} // Written by any client of that Redis: what cannot be read is not told.
  }
}

/** `queues`, or the keys of the weights of all capsules (8.0.9 and later). */
function queuesOf(info: Info): readonly string[] {
  if (Array.isArray(info.queues)) return [...new Set(info.queues.filter((name) => typeof name === 'string'))]
  if (!isRecord(info.capsules)) return []
  const names = Object.values(info.capsules).flatMap((capsule) =>
    isRecord(capsule) && isRecord(capsule.weights) ? Object.keys(capsule.weights) : [],
  )
  return [...new Set(names)]
}

function isRecord(value: unknown): value is Info {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : null
}

function positive(value: unknown): number | null {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN
  return Number.isFinite(number) && number > 0 ? number : null
}
