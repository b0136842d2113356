import type { ActionMade, ActionPreview } from '../../server/api/control.ts'
import { ACTION_IDS_MAX, type Act } from '../../server/domain/job.ts'
import { parseReference } from '../../server/domain/reference.ts'
import { agree, type ConsentOptions, checkConsent, reasonOf } from '../consent.ts'
import { CliFailure, EXIT, type ExitCode, usage } from '../exit.ts'
import { inert } from '../format/inert.ts'
import { isBody, printBody } from '../print.ts'
import type { Session } from '../session.ts'
import { requireQueue } from '../targets.ts'
import type { WaitFlags } from './control.ts'
import { exportJobs } from './export.ts'
import { jobState, readFailures } from './jobs.ts'

export interface ActOptions extends ConsentOptions, WaitFlags {
  /** Glob over what failed. */
  readonly error?: string
  readonly state?: string
  readonly limit?: number
  /** The queue's name, typed: what a discard needs instead of --yes. */
  readonly confirm?: string
  /** File for what is discarded; false under --no-export. */
  readonly export?: string | boolean
}

/** What is meant where neither ids nor an error nor a state are named. Nothing is discarded by default. */
const STATE_MEANT = { retry: 'dead', promote: 'delayed', discard: null } as const

interface Chosen {
  readonly queue: string
  readonly preview: ActionPreview
}

/** Retries, promotes or discards jobs of one queue: the ids are frozen by the preview, and only they are touched. */
export async function actOnJobs(
  session: Session,
  act: Exclude<Act, 'cancel' | 'force-cancel'>,
  { queue, ids, options }: { queue: string; ids: readonly string[]; options: ActOptions },
): Promise<ExitCode> {
  const consent = act === 'discard' ? { ...options, yes: options.confirm !== undefined } : options
  requireQueue(queue)
  checkChoice(act, { ids, options })
  if (act === 'discard') checkDiscard(session, queue, options)
  checkConsent(session, consent)
  const preview = await choose(session, act, { queue, ids, options })
  if (options.dryRun) return printPreview(session, preview)
  if (preview.ids.length === 0) {
    session.note(`nothing to ${act}: ${preview.sentence}`)
    return EXIT.notFound
  }
  if (!consent.yes) session.io.stderr.write(`${inert(preview.sentence)}\n`)
  const reason = await reasonOf(session, options.reason)
  const confirm = act === 'discard' ? await confirmed(session, queue, options) : undefined
  if (act !== 'discard') {
    const what = preview.ids.length === 1 ? '1 job' : `${preview.ids.length} jobs`
    const question = `${act === 'retry' ? 'Retry' : 'Promote'} ${what} of ${inert(queue)}?`
    await agree(session, { question, count: preview.ids.length, yes: options.yes })
  }
  if (typeof options.export === 'string') {
    const state = options.state === undefined ? null : jobState(options.state)
    await exportJobs(session, { queue, preview, state }, options.export)
  }
  const { fingerprint } = preview
  const made = await session.api.post('act', { act, queue, ids: [...preview.ids], reason, fingerprint, confirm })
  const past = { retry: 'Retried', promote: 'Promoted', discard: 'Discarded' }[act]
  return printMade(session, made, `${past} ${made.done} of ${preview.ids.length} jobs of ${queue}`)
}

function checkChoice(
  act: keyof typeof STATE_MEANT,
  { ids, options }: { ids: readonly string[]; options: ActOptions },
): void {
  const { error, state } = options
  if (ids.length > 0 && (error !== undefined || state !== undefined)) throw usage('ids exclude --error and --state')
  if (error !== undefined && state !== undefined) throw usage('--error and --state exclude each other')
  if (ids.length > ACTION_IDS_MAX) throw usage(`at most ${ACTION_IDS_MAX} ids at once`)
  if (state !== undefined) jobState(state)
  if (act === 'discard' && ids.length === 0 && error === undefined && state === undefined) {
    throw usage('discard what? Name ids, --error "…" or --state dead')
  }
}

/** What is discarded is gone: it is exported first, or the person says that it need not be; and the name is typed. */
function checkDiscard(session: Session, queue: string, options: ActOptions): void {
  const { confirm, export: file, dryRun } = options
  if (dryRun) return
  if (confirm !== undefined && !isConfirmed(queue, confirm)) {
    throw usage(`--confirm: expected the name of the queue, "${inert(nameOf(queue))}"`)
  }
  if (typeof file !== 'string' && file !== false) {
    throw usage('nothing was done: --export <file> keeps what is discarded, --no-export does not')
  }
  if (confirm === undefined && !session.isInteractive) {
    throw usage(
      `nothing was done: discarding needs --confirm=${inert(nameOf(queue))}; --dry-run shows what it would do`,
    )
  }
}

async function confirmed(session: Session, queue: string, { confirm }: ActOptions): Promise<string> {
  if (confirm !== undefined) return confirm
  const question = `This cannot be undone. Type ${inert(nameOf(queue))} to discard: `
  const answer = ((await session.io.stdin.ask(question, session.io.interrupt)) ?? '').trim()
  if (!isConfirmed(queue, answer)) throw new CliFailure(EXIT.usage, 'nothing was done')
  return answer
}

function isConfirmed(queue: string, typed: string): boolean {
  return typed === nameOf(queue)
}

/** `redis-main/sidekiq:default` → `default`. */
function nameOf(queue: string): string {
  const tail = parseReference(queue)?.tail ?? queue
  return decodeURIComponent(tail.slice(tail.indexOf(':') + 1))
}

/** The server's preview of exactly the jobs that are meant, at most 1,000. */
async function choose(
  session: Session,
  act: keyof typeof STATE_MEANT,
  { queue, ids, options }: { queue: string; ids: readonly string[]; options: ActOptions },
): Promise<ActionPreview> {
  const { api } = session
  const { error, limit = ACTION_IDS_MAX } = options
  if (ids.length > 0) return api.post('previewAction', { act, queue, ids: ids.slice(0, limit) })
  if (error === undefined) {
    const state = jobState(options.state ?? STATE_MEANT[act] ?? 'dead')
    if (state === 'active') throw usage('--state: active jobs are in hand; they end by themselves')
    const preview = await api.post('previewAction', { act, queue, state })
    return narrowed(session, act, { queue, preview, ids: preview.ids.slice(0, limit) })
  }
  const { groups } = await readFailures(session, queue)
  const found = groups.filter(({ pattern, sample }) => [pattern, sample].some((text) => globMatches(error, text)))
  const [first] = found
  if (!first) {
    const near = groups.slice(0, 8).map(({ count, pattern }) => `  ${count}  ${pattern}`)
    throw new CliFailure(
      EXIT.notFound,
      `nothing in ${queue} failed like "${error}"${near.length > 0 ? '; there are' : ''}`,
      near,
    )
  }
  const union = new Set<string>()
  let preview: ActionPreview | null = null
  for (const { fingerprint } of found) {
    preview = await api.post('previewAction', { act, queue, fingerprintOfErrors: fingerprint })
    for (const id of preview.ids) union.add(id)
  }
  const chosen = [...union].slice(0, Math.min(limit, ACTION_IDS_MAX))
  if (!preview || found.length > 1) return api.post('previewAction', { act, queue, ids: chosen })
  return narrowed(session, act, { queue, preview, ids: chosen })
}

/** The preview itself, or one of fewer ids: what is done is done to what was previewed. */
async function narrowed(
  { api }: Session,
  act: Act,
  { queue, preview, ids }: Chosen & { readonly ids: readonly string[] },
): Promise<ActionPreview> {
  return ids.length === preview.ids.length ? preview : api.post('previewAction', { act, queue, ids: [...ids] })
}

function globMatches(glob: string, text: string): boolean {
  const pattern = glob
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${pattern}$`, 'is').test(text)
}

async function printPreview(session: Session, preview: ActionPreview): Promise<ExitCode> {
  if (isBody(session.output)) await printBody(session, preview)
  else if (session.output === 'name') session.write(preview.ids.map((id) => `${inert(id)}\n`).join(''))
  else {
    session.write(`${inert(preview.sentence)}\n`)
    if (preview.total > preview.ids.length)
      session.note(`${preview.ids.length} of ${preview.total}: the rest is for the next time`)
    session.note('Apply with --yes, or run in a terminal to confirm.')
  }
  return EXIT.done
}

/** Says what became of each that was not done; 0, 3 when some were not, 5 or 8 when none was. */
export async function printMade(session: Session, made: ActionMade, words: string): Promise<ExitCode> {
  const left = made.results.filter(({ result }) => result === 'gone' || result === 'not-now')
  for (const { id, result, why } of left.slice(0, 20))
    session.note(`${id}: ${why ?? (result === 'gone' ? 'gone' : 'not now')}`)
  if (left.length > 20) session.note(`and ${left.length - 20} more`)
  if (isBody(session.output)) await printBody(session, made)
  else if (session.output === 'name') {
    session.write(
      made.results
        .filter((one) => !left.includes(one))
        .map(({ id }) => `${inert(id)}\n`)
        .join(''),
    )
  } else session.write(`${inert(words)}\n`)
  if (left.length === 0) return EXIT.done
  if (left.length < made.results.length) return EXIT.partly
  return left.every(({ result }) => result === 'gone') ? EXIT.notFound : EXIT.conflict
}
