import type { ControlBody, ControlList, ControlRow } from '../server/api/control.ts'
import { listPath } from '../server/api/paths.ts'
import type { ControlPhase } from '../server/domain/control.ts'
import { controlPath } from './describe/subject.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { follow } from './follow.ts'
import { isLiving, stepWords } from './format/control-words.ts'
import { formatAge } from './format/figures.ts'
import type { Session } from './session.ts'

export interface WaitOptions {
  /** Ms; 0 = not at all. */
  readonly waitMs: number
  /** Until nothing is in hand any more, not only until nothing is started. */
  readonly drained: boolean
}

/** More than this are followed as one list: a stream follows at most 24 paths. */
const FOLLOWED_MAX = 20

/** Whether a control does what it was made for. A pause does when nothing is started any more. */
export function isReached({ phase, order }: ControlRow, { drained }: Pick<WaitOptions, 'drained'>): boolean {
  return phase === 'in-effect' || (!drained && order.verb === 'pause' && phase === 'draining')
}

/**
 * Follows controls until each does what it was made for, or has ended, or the time is over, and says each phase as it
 * comes. Resolves with the rows as they were last seen, in the order given.
 */
export async function followPhases(
  session: Session,
  controls: readonly ControlRow[],
  wait: WaitOptions,
): Promise<readonly ControlRow[]> {
  if (wait.waitMs <= 0 || controls.length === 0) return controls
  const rows = new Map(controls.map((row) => [row.id, row]))
  const teller = new Teller(session, controls)
  const isOver = () => [...rows.values()].every((row) => isReached(row, wait) || !isLiving(row))
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), wait.waitMs)
  const see = (row: ControlRow, steps: readonly Step[]) => {
    if (!rows.has(row.id)) return
    rows.set(row.id, row)
    teller.tell(row, steps)
    if (isOver()) stop.abort()
  }
  const paths =
    controls.length > FOLLOWED_MAX
      ? [listPath('controls', { state: 'all', limit: 200 })]
      : controls.map(({ id }) => controlPath(id))
  await follow(
    session.api.until(AbortSignal.any([session.io.interrupt, stop.signal])),
    paths,
    {
      onResult: (_, body) => {
        if (controls.length > FOLLOWED_MAX) for (const row of (body as ControlList).items) see(row, stepOf(row))
        else see((body as ControlBody).control, (body as ControlBody).steps)
      },
      onProblem: (_, failure) => session.note(failure.message),
      onLink: (link) => {
        if (link.state === 'lost') teller.say(`live updates lost (${link.why}), polling every 5s`)
      },
    },
    AbortSignal.any([session.io.interrupt, stop.signal]),
  )
  clearTimeout(timer)
  teller.end()
  return controls.map((row) => rows.get(row.id) ?? row)
}

interface Step {
  readonly phase: ControlPhase
  readonly atMs: number
}

function stepOf(row: ControlRow): Step[] {
  return [{ phase: row.phase, atMs: row.phaseSinceMs }]
}

/** Says steps as they come: one control on a line that grows, several each step on a line of its own. */
class Teller {
  readonly #session: Session
  readonly #isOne: boolean
  readonly #told = new Map<string, Set<string>>()
  #isLineOpen = false

  constructor(session: Session, controls: readonly ControlRow[]) {
    this.#session = session
    this.#isOne = controls.length === 1 && session.err.isTty
  }

  tell(row: ControlRow, steps: readonly Step[]): void {
    const told = this.#told.get(row.id) ?? new Set()
    this.#told.set(row.id, told)
    for (const step of steps) {
      const key = `${step.phase} ${step.atMs}`
      if (told.has(key)) continue
      told.add(key)
      const words = stepWords(row, step, this.#session.err.glyphs)
      if (this.#isOne) {
        this.#session.noteRaw(`${this.#isLineOpen ? '  ' : ''}${words}`)
        this.#isLineOpen = true
      } else this.#session.note(`${row.target}  ${words}`)
    }
  }

  say(text: string): void {
    this.end()
    this.#session.note(text)
  }

  end(): void {
    if (this.#isLineOpen) this.#session.note('')
    this.#isLineOpen = false
  }
}

/** Says of each control that does not do what it should why, and who is silent or disobeys; 0, 3 or 7. */
export async function judgePhases(
  session: Session,
  controls: readonly ControlRow[],
  wait: WaitOptions,
): Promise<ExitCode> {
  if (wait.waitMs <= 0) return EXIT.done
  const behind = controls.filter((row) => !isReached(row, wait))
  for (const row of behind) {
    const aim = row.order.verb === 'pause' && wait.drained ? 'not drained' : 'not in effect'
    session.note(`${row.target}: ${aim} within ${formatAge(wait.waitMs)}: ${row.phase}, ${row.detail}`)
    for (const line of await suspects(session, row)) session.note(`  ${line}`)
  }
  if (behind.length === 0) return EXIT.done
  return behind.every(({ phase }) => phase === 'unknown') ? EXIT.unreachable : EXIT.partly
}

const SUSPECTS_MAX = 10

/** The workers that do not obey: `worker/redis-main/api-7 disobeys: it started work since`. */
async function suspects({ api }: Session, { id }: ControlRow): Promise<string[]> {
  let body: ControlBody
  try {
    body = await api.get<ControlBody>(controlPath(id))
  } catch {
    // What is known was said already; the suspects are only its details.
    return []
  }
  const bad = body.workers.filter(({ obeys, disobeys }) => disobeys || !obeys)
  const lines = bad.slice(0, SUSPECTS_MAX).map(({ ref, disobeys, beatAtMs, version }) => {
    const beat =
      beatAtMs === null ? 'never heard of' : `last heard ${formatAge(Math.max(0, body.asOfMs - beatAtMs))} ago`
    const about = version === null ? beat : `${beat}, version ${version}`
    return disobeys ? `${ref} disobeys: it started work since (${about})` : `${ref} is silent on it (${about})`
  })
  return bad.length > SUSPECTS_MAX ? [...lines, `and ${bad.length - SUSPECTS_MAX} more`] : lines
}
