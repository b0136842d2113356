import { createHash } from 'node:crypto'
import { Cron } from 'croner'
import { messageOf, OpsError } from '../../domain/errors.ts'
import { requireName } from './definition.ts'

/** When a unit of a job is enqueued again and again. */
export interface ScheduleOptions {
  /** Unique in its queue. No white space or braces. */
  readonly name: string
  /** Cron expression of 5 fields, or 6 with seconds first: `30 2 * * *`. */
  readonly cron: string
  /**
   * IANA name. A time that the clocks skip in spring fires right after the jump, one that they repeat in autumn fires once.
   * (Default: `UTC`)
   */
  readonly timeZone?: string
  readonly tags?: readonly string[]
}

/** What `SCHEDULE` enqueues at each of its times. */
export interface Schedule {
  readonly name: string
  readonly queue: string
  /** Another one under the same name replaces what is not yet due. */
  readonly fingerprint: string
  readonly text: string
  readonly more: string
  /** The first moment after this one, Unix ms; null = never again. */
  readonly nextAfterMs: (ms: number) => number | null
}

/** Occurrences are placed this long ahead, ms, and at least one: a worker beats more often. */
const AHEAD_MS = 10_000
const AHEAD_MAX = 20

/** Throws OpsError `invalid` for an expression, time zone or name that cannot be. */
export function compileSchedule(
  { name, cron, timeZone = 'UTC' }: ScheduleOptions,
  unit: { readonly queue: string; readonly text: string; readonly more: string },
): Schedule {
  requireName('schedule', name)
  const nextAfterMs = compileCron(name, cron, timeZone)
  const identity = JSON.stringify([cron, timeZone, unit.text, unit.more])
  const fingerprint = createHash('sha256').update(identity).digest('base64url').slice(0, 12)
  return { name, fingerprint, nextAfterMs, ...unit }
}

function compileCron(name: string, cron: string, timeZone: string): Schedule['nextAfterMs'] {
  try {
    const compiled = new Cron(cron, { timezone: timeZone, mode: '5-or-6-parts', paused: true, legacyMode: true })
    const nextAfterMs = (ms: number) => compiled.nextRun(new Date(ms))?.getTime() ?? null
    if (nextAfterMs(0) === null) throw new Error('it never fires')
    return nextAfterMs
  } catch (cause) {
    const why = messageOf(cause).slice(0, 200)
    throw new OpsError('invalid', 'schedule', `schedule "${name}": "${cron}" in ${timeZone}: ${why}`, cause)
  }
}

/** The occurrences that should lie ahead. @param lastMs the last that was placed, Unix ms; 0 = none */
export function duesAhead(schedule: Schedule, nowMs: number, lastMs: number): readonly number[] {
  const dues: number[] = []
  let last = Math.max(nowMs, lastMs)
  while (dues.length < AHEAD_MAX && last <= nowMs + AHEAD_MS) {
    const next = schedule.nextAfterMs(last)
    if (next === null) break
    dues.push(next)
    last = next
  }
  return dues
}
