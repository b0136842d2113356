import type { ControlBody, ControlList, ControlRow } from '../../server/api/control.ts'
import { listPath } from '../../server/api/paths.ts'
import { CONTROL_TTL_MS } from '../../server/domain/control.ts'
import { CONTROL_COLUMNS } from '../columns/control-columns.ts'
import { agree, type ConsentOptions, checkConsent } from '../consent.ts'
import { controlPath } from '../describe/subject.ts'
import { EXIT, type ExitCode, usage } from '../exit.ts'
import { isLiving } from '../format/control-words.ts'
import { formatAge, formatWhen } from '../format/figures.ts'
import { lateSources } from '../format/fresh.ts'
import { inert } from '../format/inert.ts'
import { checkFields, isBody, printBody, printListing } from '../print.ts'
import type { Session } from '../session.ts'
import { afterMade, checkTtl, type WaitFlags, waitOf } from './control.ts'
import { describe } from './describe.ts'
import { liftedWords } from './resume.ts'

export interface ControlsListOptions {
  readonly all?: boolean
  readonly filter?: string
  readonly source?: string
  readonly limit: number
}

/** Controls in force, those that end soonest first; with --all also the ended of the last 7 days. */
export async function controlsList(session: Session, options: ControlsListOptions): Promise<ExitCode> {
  checkFields(CONTROL_COLUMNS, session.fields)
  const { all, filter, source } = options
  const limit = Math.min(200, options.limit)
  const path = listPath('controls', { state: all ? 'all' : 'living', filter, source, limit })
  const body = await session.api.get<ControlList>(path)
  await printListing(session, { body, rows: body.items, columns: CONTROL_COLUMNS, nameOf: ({ id }) => id })
  for (const line of lateSources(body)) session.note(line)
  if (body.total === 0) session.note(all ? 'no control in the last 7 days' : 'no control is in force')
  if (body.items.length < body.total)
    session.note(`${body.items.length} of ${body.total} controls shown: --limit, --filter`)
  if (body.elsewhere.length > 0) session.note(`paused elsewhere: ${body.elsewhere.join(', ')}`)
  if (body.problems > 0) session.note(`${body.problems} not as asked: sluice controls show <id> says why`)
  if (body.fault) session.note(body.fault)
  return EXIT.done
}

export async function controlsShow(session: Session, id: string): Promise<ExitCode> {
  return describe(session, checkId(id))
}

/** Ends controls by id, and no others. */
export async function controlsLift(
  session: Session,
  ids: readonly string[],
  options: ConsentOptions,
): Promise<ExitCode> {
  for (const id of ids) checkId(id)
  checkConsent(session, options, { needsReason: false })
  const rows: ControlRow[] = []
  for (const id of ids) rows.push((await session.api.get<ControlBody>(controlPath(id))).control)
  const living = rows.filter(isLiving)
  for (const row of rows) if (!isLiving(row)) session.note(`${row.id} is over already: ${row.detail}`)
  const words = living.map(
    ({ id, target, sentence, actor, reason }) => `  ${id}  ${target} ${sentence} by ${actor} (${reason})`,
  )
  const would = [`Would lift ${living.length === 1 ? 'this control' : `these ${living.length} controls`}`, ...words]
  const text = would.map((line) => `${inert(line)}\n`).join('')
  if (options.dryRun) {
    if (isBody(session.output)) await printBody(session, { controls: living })
    else session.write(text)
    return EXIT.done
  }
  if (living.length > 0 && !options.yes) {
    session.io.stderr.write(text)
    await agree(session, { question: 'Lift?', count: living.length, yes: false })
  }
  const lifted: ControlRow[] = []
  const failed: { ref: string; code: string; message: string }[] = []
  for (const { id } of living) {
    const made = await session.api.post('liftControl', options.reason ? { reason: options.reason } : {}, { id })
    lifted.push(...made.controls)
    failed.push(...made.failed)
  }
  for (const { ref, message } of failed) session.note(`${ref}: failed, ${message}`)
  if (isBody(session.output)) await printBody(session, { controls: lifted, skipped: [], failed })
  else session.write(lifted.map((row) => `${inert(liftedWords(row))}\n`).join(''))
  return failed.length > 0 ? EXIT.partly : EXIT.done
}

export interface ExtendOptions extends ConsentOptions, WaitFlags {
  /** Ms more than it has left. */
  readonly by?: number
  /** Ms from now on. */
  readonly for?: number
}

/** Lets a control live longer, with the reason it has. */
export async function controlsExtend(session: Session, id: string, options: ExtendOptions): Promise<ExitCode> {
  checkId(id)
  const { by, for: forMs } = options
  if (by !== undefined && forMs !== undefined) throw usage('--by and --for exclude each other')
  if (forMs !== undefined) checkTtl(forMs, '--for')
  checkConsent(session, options, { needsReason: false })
  const body = await session.api.get<ControlBody>(controlPath(id))
  const { control } = body
  const ttlMs = forMs ?? Math.max(0, control.expiresAtMs - body.asOfMs) + (by ?? CONTROL_TTL_MS.fallback)
  checkTtl(ttlMs, '--by')
  const until = formatWhen(body.asOfMs + ttlMs, body.asOfMs)
  const what = `${control.id} (${control.target} ${control.sentence}) until ${until}, ${formatAge(ttlMs)} from now`
  if (options.dryRun) {
    if (isBody(session.output)) await printBody(session, { control, ttlMs })
    else session.write(`Would extend ${inert(what)}\n`)
    return EXIT.done
  }
  await agree(session, { question: `Extend ${inert(what)}?`, count: 1, yes: options.yes })
  const made = await session.api.post('extendControl', { ttlMs, revision: control.revision }, { id })
  return afterMade(session, made, waitOf(options))
}

function checkId(id: string): string {
  if (/^ctl_[0-9A-Za-z]{1,60}$/.test(id)) return id
  throw usage(`"${inert(id)}" is not the id of a control, such as ctl_7Qa2Zk91Bc: sluice controls list has them`)
}
