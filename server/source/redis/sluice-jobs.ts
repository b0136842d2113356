import type { Clock } from '../../domain/clock.ts'
import { OpsError } from '../../domain/errors.ts'
import {
  ACTION_IDS_MAX,
  type Action,
  type ActionResult,
  ARGS_SHOWN_MAX,
  type ErrorGroup,
  JOB_PAGE_MAX,
  type Job,
  type JobPage,
  type JobQuery,
  type JobState,
} from '../../domain/job.ts'
import { redactCut, redactText } from '../../domain/redact.ts'
import type { JobPort } from '../../domain/source.ts'
import { ACT } from '../../runtime/layout/lua/acts.ts'
import type { Acting } from './acting.ts'
import { ErrorGroups } from './error-groups.ts'
import type { Finding } from './finding.ts'
import { sliced } from './grouping.ts'
import { listOf, type Reply } from './link.ts'
import { SLUICE_FAILED, SLUICE_PAGE } from './sluice-jobs-script.ts'
import type { SluiceSagas } from './sluice-sagas.ts'

/** Units looked at for error groups, in one call and in all. */
const FAILED_PAGE = 500
const FAILED_MAX = 10_000
/** Ids in one call of the script that acts. It does what one call may, and is asked again for so long. */
const ACT_IDS = 100
const ACT_MS = 1_400

interface JobsParts {
  readonly acting: Acting
  readonly finding: Finding
  readonly sagas: SluiceSagas
  readonly clock: Clock
}

/** Looks at single units of our own runtime and acts on them. */
export class SluiceJobs implements JobPort {
  readonly #acting: Acting
  readonly #finding: Finding
  readonly #sagas: SluiceSagas
  readonly #clock: Clock

  constructor({ acting, finding, sagas, clock }: JobsParts) {
    this.#acting = acting
    this.#finding = finding
    this.#sagas = sagas
    this.#clock = clock
  }

  /** Rejects with OpsError: `not-found`, `invalid` (the cursor is none of this state). */
  async page({ queue: tail, state, cursor, limit }: JobQuery): Promise<JobPage> {
    const after = cursor === null ? ['', '', ''] : readCursor(cursor, state)
    const most = Math.min(JOB_PAGE_MAX, Math.max(1, limit))
    const { base } = await this.#finding.queue('page', tail)
    const calls = [[base, state, most, ARGS_SHOWN_MAX, ...after]]
    const [reply] = await this.#acting.read('page', base, { script: SLUICE_PAGE, calls })
    const [total, next, units] = listOf(reply)
    const last = listOf(next).map(String)
    return {
      jobs: listOf(units).flatMap((unit) => jobOf(unit, state) ?? []),
      total: Number(total ?? 0),
      next: last.length === 3 ? cursorOf(state, last) : null,
    }
  }

  /** The units that died or failed last come first, should there be more than FAILED_MAX. */
  async errorGroups(tail: string, signal: AbortSignal): Promise<readonly ErrorGroup[]> {
    const { base } = await this.#finding.queue('errorGroups', tail)
    const groups = new ErrorGroups()
    let left = FAILED_MAX
    for (const set of ['dead', 'retry'] as const) {
      for (let from = 0; left > 0; from += FAILED_PAGE) {
        if (signal.aborted) throw new OpsError('timeout', 'errorGroups', 'given up before all was read')
        const to = from + Math.min(FAILED_PAGE, left) - 1
        const [reply] = await this.#acting.read('errorGroups', base, {
          script: SLUICE_FAILED,
          calls: [[base, set, from, to]],
        })
        const units = listOf(reply)
        for (const unit of units) {
          const [id, score, job, error] = listOf(unit).map(String)
          if (id !== undefined && job !== undefined)
            groups.add({ id, job, error: error ?? '', set, atMs: Number(score) })
        }
        left -= units.length
        if (units.length < FAILED_PAGE) break
      }
    }
    return groups.all()
  }

  /**
   * What could not be done in ACT_MS (ids far back in very long queues) is `not-now`. To cancel a run that goes on with a
   * saga turns the saga back.
   */
  async perform({ act, queue: tail, ids, reason }: Action, signal: AbortSignal): Promise<readonly ActionResult[]> {
    if (ids.length > ACTION_IDS_MAX) throw new OpsError('invalid', 'perform', `at most ${ACTION_IDS_MAX} at once`)
    const { base } = await this.#finding.queue('perform', tail)
    const answers = new Map<string, string>()
    const undone = new Map<string, ActionResult>()
    const startedMs = this.#clock.monotonicMs()
    const isInTime = () => !signal.aborted && this.#clock.monotonicMs() - startedMs < ACT_MS
    for (const run of act === 'cancel' ? new Set(ids) : []) {
      const result = isInTime() ? await this.#sagas.cancel({ base, run }, reason, signal) : null
      if (result) undone.set(run, result)
    }
    let left = [...new Set(ids)].filter((id) => !undone.has(id))
    while (left.length > 0 && isInTime()) {
      for (const some of sliced(left, ACT_IDS)) {
        if (!isInTime()) break
        const calls = [{ base, args: [act, some.length, ...some] }]
        const [reply] = await this.#acting.write('perform', ACT, { calls, signal })
        const told = listOf(reply).map(String)
        for (const [at, id] of some.entries()) answers.set(id, told[at] ?? 'later')
      }
      const later = left.filter((id) => (answers.get(id) ?? 'later') === 'later')
      if (later.length === left.length) break
      left = later
    }
    if (act === 'force-cancel') {
      for (const [run, answer] of answers) {
        if (answer === 'done') await this.#sagas.cancel({ base, run }, reason, signal)
      }
    }
    return ids.map((id) => undone.get(id) ?? resultOf(id, answers.get(id) ?? 'later'))
  }
}

function resultOf(id: string, answer: string): ActionResult {
  if (answer === 'done' || answer === 'gone' || answer === 'cancelling') return { id, result: answer, why: null }
  if (answer === 'later')
    return {
      id,
      result: 'not-now',
      why: 'its queue is very long, and there was no time left to look for it; try again',
    }
  return { id, result: 'not-now', why: answer.replace(/^not-now /, '') }
}

/** A unit of the page script; null when it is none. */
export function jobOf(reply: Reply, state: JobState): Job | null {
  const [id, score, line, label, version, enqueued, args, argsBytes, ...more] = listOf(reply)
  if (typeof id !== 'string' || typeof label !== 'string') return null
  const [failures = 0, interruptions = 0, crashes = 0] = more.slice(0, 3).map(Number)
  const [error = '', deadReason = ''] = more.slice(3).map(String)
  const [job = '', ...tags] = label.split(' ')
  const [, worker, claimedAtMs] = /^\d+ (\S+) (\d+) /.exec(String(line)) ?? []
  const isActive = state === 'active'
  return {
    ...{ id, job, state, tags, enqueuedAtMs: Number(enqueued) },
    atMs: isActive ? (claimedAtMs === undefined ? null : Number(claimedAtMs)) : score === '' ? null : Number(score),
    // The attempt in hand has begun; one that waits has not.
    attempt: isActive ? failures + 1 : failures,
    ...{ interruptions, crashes },
    error: error === '' ? null : redactText(error),
    deadReason: deadReason === '' ? null : deadReason,
    worker: worker ?? null,
    args: redactCut(String(args)),
    argsBytes: Number(argsBytes),
    version: Number(version),
  }
}

function cursorOf(state: JobState, last: readonly string[]): string {
  return Buffer.from(JSON.stringify([state, ...last])).toString('base64url')
}

function readCursor(cursor: string, state: JobState): readonly string[] {
  try {
    const words: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(words) && words.length === 4 && words[0] === state) {
      const [, place, ...rest] = words.map(String)
      if (place !== undefined && Number.isFinite(Number(place))) return [place, ...rest]
    }
  } catch {
    // said below
  }
  throw new OpsError('invalid', 'page', `"${cursor.slice(0, 50)}" is no cursor of ${state} units; begin anew`)
}
