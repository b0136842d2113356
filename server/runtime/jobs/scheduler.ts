import { SCHEDULE } from './lua/schedule.ts'
import { duesAhead, type Schedule } from './schedule.ts'
import type { Script } from './script.ts'

type Run = (script: Script, args: readonly (string | number)[]) => Promise<unknown>

/** Should Redis have forgotten a schedule, it is placed again within this time. */
const PLACE_AGAIN_MS = 60_000

/**
 * Places the next occurrences of the schedules that one worker knows, as delayed units. Every worker does; Redis takes
 * each occurrence once. So one fires although nobody but a worker of its queue is alive, and of those missed while nobody
 * was there at most what had been placed comes late.
 */
export class Scheduler {
  readonly #schedules: readonly Schedule[]
  readonly #lastMs = new Map<Schedule, number>()
  readonly #placedMs = new Map<Schedule, number>()

  constructor(schedules: readonly Schedule[]) {
    this.#schedules = schedules
  }

  /** @param nowMs of Redis, Unix ms */
  async place(queue: string, nowMs: number, run: Run): Promise<void> {
    for (const schedule of this.#schedules) {
      if (schedule.queue !== queue) continue
      const isOld = nowMs - (this.#placedMs.get(schedule) ?? 0) > PLACE_AGAIN_MS
      const dues = duesAhead(schedule, nowMs, isOld ? 0 : (this.#lastMs.get(schedule) ?? 0))
      if (dues.length === 0) continue
      const { name, fingerprint, text, more } = schedule
      const last = (await run(SCHEDULE, [name, fingerprint, text, more, dues.length, ...dues])) as number
      this.#lastMs.set(schedule, last)
      this.#placedMs.set(schedule, nowMs)
    }
  }
}
