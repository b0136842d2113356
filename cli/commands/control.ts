import type { ControlRow, ControlsMade, OrderBody, Preview } from '../../server/api/control.ts'
import { CONTROL_TTL_MS } from '../../server/domain/control.ts'
import { agree, type ConsentOptions, checkConsent, reasonOf } from '../consent.ts'
import { count, madeWords, previewLines } from '../describe/preview.ts'
import { CliFailure, EXIT, type ExitCode, usage } from '../exit.ts'
import { orderWords } from '../format/control-words.ts'
import { formatAge, formatWhen } from '../format/figures.ts'
import { inert } from '../format/inert.ts'
import { type Line, wrapLine } from '../format/line.ts'
import { followPhases, judgePhases, type WaitOptions } from '../phases.ts'
import { isBody, paintLines, printBody } from '../print.ts'
import type { Session } from '../session.ts'
import { targetsOf } from '../targets.ts'

export interface WaitFlags {
  /** Ms from --wait; false from --no-wait. */
  readonly wait?: number | boolean
  readonly drained?: boolean
}

export interface ControlOptions extends ConsentOptions, WaitFlags {
  /** Ms. */
  readonly for?: number
  /** Unix ms. */
  readonly until?: number
}

const WAIT_MS = 30_000

/** Pauses, throttles or limits: preview, consent, order, and then what becomes of it. */
export async function control(
  session: Session,
  words: readonly string[],
  { order, options }: { order: OrderBody; options: ControlOptions },
): Promise<ExitCode> {
  const ttlMs = ttlOf(options)
  checkConsent(session, options)
  const targets = await targetsOf(session, words)
  const preview = await session.api.post('previewControl', { targets, order, ttlMs })
  const refusal = refusalOf(preview, order)
  if (options.dryRun) {
    await printPreview(session, { preview, order, ttlMs })
    if (refusal) throw refusal
    return EXIT.done
  }
  if (refusal) throw refusal
  if (!options.yes) {
    session.io.stderr.write(paintLines(wouldLines(session, { preview, order, ttlMs }, session.err), session.err))
  }
  const reason = await reasonOf(session, options.reason)
  const question = `${headWords({ preview, order, ttlMs })}?`
  await agree(session, { question, count: preview.controllable, yes: options.yes })
  const { fingerprint } = preview
  const made = await session.api.post('makeControls', { targets, order, ttlMs, reason, fingerprint })
  return afterMade(session, made, waitOf(options))
}

/** Tells what was made and how to undo it, while it comes into effect; the exit code is that of the worst of it. */
export async function afterMade(session: Session, made: ControlsMade, wait: WaitOptions): Promise<ExitCode> {
  for (const { ref, why } of made.skipped) session.note(`${ref}: skipped, ${why}`)
  for (const { ref, message } of made.failed) session.note(`${ref}: failed, ${message}`)
  // The person may leave while it is waited for: how to undo it is said even then.
  const rows = await followPhases(session, made.controls, wait)
  if (isBody(session.output)) await printBody(session, { ...made, controls: rows })
  else if (session.output === 'name') session.write(rows.map(({ id }) => `${id}\n`).join(''))
  else session.write(rows.map((row) => `${inert(madeWords(row, Date.now()))}\n`).join(''))
  if (session.io.interrupt.aborted) throw session.io.interrupt.reason
  const judged = await judgePhases(session, rows, wait)
  if (made.failed.length > 0 && made.controls.length === 0) return failedCode(made)
  return made.failed.length > 0 || made.skipped.length > 0 ? EXIT.partly : judged
}

function failedCode({ failed }: ControlsMade): ExitCode {
  if (failed.every(({ code }) => code === 'unsupported')) return EXIT.unsupported
  if (failed.every(({ code }) => code === 'unreachable' || code === 'timeout' || code === 'unavailable')) {
    return EXIT.unreachable
  }
  return EXIT.failed
}

export function waitOf({ wait, drained = false }: WaitFlags): WaitOptions {
  return { waitMs: wait === false ? 0 : typeof wait === 'number' ? wait : WAIT_MS, drained }
}

function ttlOf({ for: forMs, until }: ControlOptions): number {
  if (forMs !== undefined && until !== undefined) throw usage('--for and --until exclude each other')
  const ttlMs = until === undefined ? (forMs ?? CONTROL_TTL_MS.fallback) : until - Date.now()
  return checkTtl(ttlMs, until === undefined ? '--for' : '--until')
}

/** Throws a usage failure for a life that no control may have. */
export function checkTtl(ttlMs: number, flag: string): number {
  const { min, max } = CONTROL_TTL_MS
  if (ttlMs >= min && ttlMs <= max) return Math.round(ttlMs)
  const got = ttlMs <= 0 ? 'what is past' : formatAge(ttlMs)
  throw usage(`${flag}: a control lives for ${formatAge(min)} to ${max / 3_600_000}h, got ${got}`)
}

/** Why nothing of it can be done: a target that is not there (5), or none that has a lever (6). */
function refusalOf({ unmatched, controllable, targets }: Preview, { verb }: OrderBody): CliFailure | null {
  if (unmatched.length > 0) {
    const known = '; nothing was done. `sluice list queues` shows what there is'
    return new CliFailure(EXIT.notFound, `nothing is called ${unmatched.map((one) => `"${one}"`).join(', ')}${known}`)
  }
  if (controllable > 0) return null
  const [only] = targets
  if (targets.length === 1 && only?.lever.by === 'none') {
    return new CliFailure(EXIT.unsupported, `cannot ${verb} ${only.ref}: ${only.lever.why}`)
  }
  const whys = targets.map(({ ref, lever }) => `  ${ref}: ${lever.by === 'none' ? lever.why : ''}`)
  return new CliFailure(EXIT.unsupported, `cannot ${verb} any of these ${targets.length}`, whys)
}

interface Asked {
  readonly preview: Preview
  readonly order: OrderBody
  readonly ttlMs: number
}

/** `Pause 2 targets for 15m`. */
function headWords({ preview: { controllable, targets }, order, ttlMs }: Asked): string {
  const verb = `${order.verb[0]?.toUpperCase()}${order.verb.slice(1)}`
  const what =
    controllable === 1 ? (targets.find(({ lever }) => lever.by !== 'none')?.ref ?? '') : `${controllable} targets`
  const words = orderWords(bodyOrder(order))
  return `${verb} ${what}${words === '' ? '' : ` to ${words}`} for ${formatAge(ttlMs)}`
}

/** A request may leave out what an order states. */
function bodyOrder(order: OrderBody): ControlRow['order'] {
  return order.verb === 'throttle' ? { ...order, fromPerSecond: order.fromPerSecond ?? null } : order
}

function wouldLines(session: Session, asked: Asked, look: Session['out']): Line[] {
  const { order, preview, ttlMs } = asked
  const words = orderWords(bodyOrder(order))
  const until = `until ${formatWhen(preview.untilMs, preview.asOfMs)} (${formatAge(ttlMs)})`
  const what = count(preview.controllable, 'target')
  const head = `Would ${order.verb} ${what}${words === '' ? '' : ` to ${words}`} at ${session.api.server.host} ${until}`
  const { glyphs, width } = look
  const lines: Line[] = [
    [{ text: inert(head), tone: 'strong' }],
    ...previewLines(preview, { glyphs, nowMs: preview.asOfMs }),
  ]
  return width === null ? lines : lines.flatMap((line) => wrapLine(line, width))
}

async function printPreview(session: Session, asked: Asked): Promise<void> {
  const { preview } = asked
  if (isBody(session.output)) return printBody(session, preview)
  if (session.output === 'name') {
    const able = preview.targets.filter(({ lever }) => lever.by !== 'none')
    return session.write(able.map(({ ref }) => `${inert(ref)}\n`).join(''))
  }
  session.write(paintLines(wouldLines(session, asked, session.out), session.out))
  session.note('Apply with --yes, or run in a terminal to confirm.')
}
