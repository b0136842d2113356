import type { ControlList, ControlRow, ControlsMade } from '../../server/api/control.ts'
import { listPath, onePath } from '../../server/api/paths.ts'
import type { QueueBody } from '../../server/api/queue.ts'
import { parseReference } from '../../server/domain/reference.ts'
import { agree, type ConsentOptions, checkConsent, reasonOf } from '../consent.ts'
import { controlWords, madeWords } from '../describe/preview.ts'
import { CliFailure, EXIT, type ExitCode, usage } from '../exit.ts'
import { isLiving, rateWords } from '../format/control-words.ts'
import { formatAge, formatCount, formatDuration, formatRate } from '../format/figures.ts'
import { inert } from '../format/inert.ts'
import { followPhases, judgePhases } from '../phases.ts'
import { isBody, printBody } from '../print.ts'
import type { Session } from '../session.ts'
import { names, targetsOf } from '../targets.ts'
import { checkTtl, type WaitFlags, waitOf } from './control.ts'

export interface ResumeOptions extends ConsentOptions, WaitFlags {
  /** Starts a second to begin with. */
  readonly ramp?: number
  /** Starts a second at the end of the ramp. */
  readonly to?: number
  /** Ms. */
  readonly over?: number
}

const RAMP_GROWTH = 10
const RAMP_MS = 5 * 60_000
const RATE_MAX = 100_000
/** Queues whose backlog is read for the question. */
const HERD_MAX = 20

/** Ends every control on the targets, at once or with a ramp. */
export async function resume(session: Session, words: readonly string[], options: ResumeOptions): Promise<ExitCode> {
  const ramp = rampOf(options)
  checkConsent(session, options)
  const targets = await targetsOf(session, words)
  const found = await controlsOn(session, targets)
  if (options.dryRun || !options.yes) {
    const lines = await wouldLines(session, { targets, found, ramp })
    const text = lines.map((line) => `${inert(line)}\n`).join('')
    if (!options.dryRun) session.io.stderr.write(text)
    else if (isBody(session.output)) {
      await printBody(session, { targets, ramp, controls: found })
      return EXIT.done
    } else {
      session.write(text)
      session.note('Apply with --yes, or run in a terminal to confirm.')
      return EXIT.done
    }
  }
  const reason = await reasonOf(session, options.reason)
  const question = `Lift ${found.length} ${found.length === 1 ? 'control' : 'controls'}${ramp ? ', with a ramp' : ''}?`
  await agree(session, { question, count: found.length, yes: options.yes })
  const made = await session.api.post('resume', { targets, reason, ramp })
  return afterResume(session, made, options)
}

async function afterResume(session: Session, made: ControlsMade, options: ResumeOptions): Promise<ExitCode> {
  for (const { ref, why } of made.skipped) session.note(`${ref}: skipped, ${why}`)
  for (const { ref, message } of made.failed) session.note(`${ref}: failed, ${message}`)
  const ramps = made.controls.filter(isLiving)
  const wait = waitOf(options)
  const rows = await followPhases(session, ramps, wait)
  const all = [...made.controls.filter((row) => !isLiving(row)), ...rows]
  if (isBody(session.output)) await printBody(session, { ...made, controls: all })
  else if (session.output === 'name') session.write(all.map(({ id }) => `${id}\n`).join(''))
  else for (const row of all) session.write(`${inert(isLiving(row) ? madeWords(row, Date.now()) : liftedWords(row))}\n`)
  const judged = await judgePhases(session, rows, wait)
  return made.failed.length > 0 || made.skipped.length > 0 ? EXIT.partly : judged
}

/** `Resumed redis-main/emails: lifted ctl_… (paused by ana, …)`. */
export function liftedWords({ id, target, sentence, actor, reason }: ControlRow): string {
  return `Resumed ${target}: lifted ${id} (${sentence} by ${actor}: ${reason})`
}

function rampOf({
  ramp,
  to,
  over,
}: ResumeOptions): { fromPerSecond: number; toPerSecond: number; overMs: number } | null {
  if (ramp === undefined) {
    if (to !== undefined || over !== undefined) throw usage('--to and --over belong to --ramp: --ramp 10/s --over 5m')
    return null
  }
  const toPerSecond = to ?? Math.min(RATE_MAX, ramp * RAMP_GROWTH)
  if (toPerSecond < ramp) throw usage('--to: a ramp grows, so it ends at no less than --ramp')
  return { fromPerSecond: ramp, toPerSecond, overMs: checkTtl(over ?? RAMP_MS, '--over') }
}

/** The living controls that these targets name. None: 5, or 6 where something else than Sluice holds them closed. */
async function controlsOn(session: Session, targets: readonly string[]): Promise<ControlRow[]> {
  const body = await session.api.get<ControlList>(listPath('controls', { state: 'living', limit: 200 }))
  const found = body.items.filter(({ target }) => targets.some((typed) => names(typed, target)))
  if (found.length > 0) return found
  const elsewhere = body.elsewhere.filter((ref) => targets.some((typed) => names(typed, ref)))
  if (elsewhere.length > 0) {
    const message = `${elsewhere.join(', ')}: paused by something else than Sluice, which has to resume it`
    throw new CliFailure(EXIT.unsupported, message)
  }
  const near = body.items.slice(0, 8).map((row) => `  ${row.target}  ${controlWords(row, body.asOfMs)}`)
  const said = near.length === 0 ? 'no control is in force' : 'none of these controls is on it'
  throw new CliFailure(EXIT.notFound, `nothing to resume: ${said}`, near)
}

/** What is lifted, and the herd behind it: how much waits, how fast it comes in. */
async function wouldLines(
  session: Session,
  {
    targets,
    found,
    ramp,
  }: { targets: readonly string[]; found: readonly ControlRow[]; ramp: ReturnType<typeof rampOf> },
): Promise<string[]> {
  const lines = [
    `Would lift ${found.length} ${found.length === 1 ? 'control' : 'controls'} at ${session.api.server.host}`,
  ]
  for (const { id, target, sentence, actor, reason, expiresAtMs } of found) {
    const left = formatAge(Math.max(0, expiresAtMs - Date.now()))
    lines.push(`  ${target}  ${sentence} by ${actor}, ${left} left (${id}: ${reason})`)
    const herd = await herdWords(session, target, found.length <= HERD_MAX)
    if (herd !== null) lines.push(`    ${herd}`)
  }
  const missing = targets.filter((typed) => !found.some(({ target }) => names(typed, target)))
  if (missing.length > 0) lines.push(`  without a control: ${missing.join(', ')}`)
  if (ramp) {
    const { fromPerSecond, toPerSecond, overMs } = ramp
    lines.push(
      `  comes back from ${rateWords(fromPerSecond)} up to ${rateWords(toPerSecond)} over ${formatAge(overMs)}`,
    )
  } else lines.push('  all of it at once; --ramp 10/s --over 5m lets it come back slowly')
  return lines
}

async function herdWords({ api }: Session, target: string, isAsked: boolean): Promise<string | null> {
  const reference = parseReference(target)
  if (!isAsked || reference?.kind !== 'queue') return null
  try {
    const { queue } = await api.get<QueueBody>(onePath('queues', reference.source, reference.tail))
    const words = [
      queue.depth === null ? null : `${formatCount(queue.depth)} waiting`,
      queue.oldestAgeMs === null ? null : `oldest ${formatDuration(queue.oldestAgeMs)}`,
      queue.inPerSecond === null ? null : `in ${formatRate(queue.inPerSecond)}/s`,
    ].filter((word) => word !== null)
    return words.length === 0 ? null : words.join(', ')
  } catch {
    // The figures are only for the question; without them it is asked all the same.
    return 'how much waits cannot be told'
  }
}
