import { REASON_LENGTH } from '../server/domain/control.ts'
import { CliFailure, EXIT, usage } from './exit.ts'
import type { Session } from './session.ts'

/** What every command that changes something takes. */
export interface ConsentOptions {
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly reason?: string
}

/** From here on a yes is not enough: the number of targets is typed. */
const NARROW_TARGETS_MAX = 5

/**
 * Refuses a change that nobody can agree to, before the server is asked anything: no terminal and no --yes, or no reason
 * and nobody to ask for one.
 */
export function checkConsent(
  session: Session,
  { yes, dryRun, reason }: ConsentOptions,
  { needsReason = true } = {},
): void {
  if (reason !== undefined) checkReason(reason)
  if (dryRun) return
  if (!yes && !session.isInteractive) {
    throw usage('nothing was done: --yes does it, --dry-run shows what it would do, and in a terminal it asks')
  }
  if (needsReason && reason === undefined && !session.isInteractive) {
    throw usage('nothing was done: --reason "…" says why; it stands in the history')
  }
}

/** The reason given, or the one a person types. */
export async function reasonOf(session: Session, given: string | undefined): Promise<string> {
  if (given !== undefined) return given.trim()
  const { min, max } = REASON_LENGTH
  for (;;) {
    const answer = await session.io.stdin.ask(`Reason (${min} to ${max} characters): `, session.io.interrupt)
    if (answer === null) throw declined()
    const isGood = lengthFits(answer)
    if (isGood) return answer.trim()
    session.note(`${[...answer.trim()].length} characters: say it so that others understand it, ${min} to ${max}`)
  }
}

/** Asks for the last word, where --yes has not said it. What is wide is agreed to by its number. */
export async function agree(
  session: Session,
  { question, count, yes }: { question: string; count: number; yes: boolean | undefined },
): Promise<void> {
  if (yes) return
  const word = count > NARROW_TARGETS_MAX ? String(count) : null
  const hint = word === null ? '[y/N]' : `Type ${word}:`
  const answer = await session.io.stdin.ask(`${question} ${hint} `, session.io.interrupt)
  const said = (answer ?? '').trim().toLowerCase()
  if (word === null ? said !== 'y' && said !== 'yes' : said !== word) throw declined()
}

function declined(): CliFailure {
  return new CliFailure(EXIT.usage, 'nothing was done')
}

function lengthFits(reason: string): boolean {
  const length = reason.trim().length
  return length >= REASON_LENGTH.min && length <= REASON_LENGTH.max
}

function checkReason(reason: string): void {
  if (lengthFits(reason)) return
  const { min, max } = REASON_LENGTH
  throw usage(`--reason: expected ${min} to ${max} characters, got ${reason.trim().length}`)
}
