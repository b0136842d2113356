import type { SagaList, SagaRow } from '../../server/api/saga.ts'
import { parseReference } from '../../server/domain/reference.ts'
import { SAGA_SHOWN, type SagaAct } from '../../server/domain/saga.ts'
import { SAGA_COLUMNS } from '../columns/saga-columns.ts'
import { agree, type ConsentOptions, checkConsent, reasonOf } from '../consent.ts'
import { EXIT, type ExitCode, usage } from '../exit.ts'
import { lateSources } from '../format/fresh.ts'
import { inert } from '../format/inert.ts'
import { hint } from '../hint.ts'
import { checkFields, isBody, printBody, printListing } from '../print.ts'
import type { Session } from '../session.ts'
import { requireQueue } from '../targets.ts'
import { printMade } from './act.ts'

export interface SagaListOptions {
  readonly state?: string
  readonly source?: string
  readonly filter?: string
  /** Rows at most; Infinity for `all`. */
  readonly limit: number
  readonly offset: number
}

/** Sagas of all queues or of one, read from their sources now; those that need somebody first. */
export async function listSagas(
  session: Session,
  queue: string | undefined,
  { state: status, source, filter, limit, offset }: SagaListOptions,
): Promise<ExitCode> {
  checkFields(SAGA_COLUMNS, session.fields)
  if (status !== undefined && !SAGA_SHOWN.some((one) => one === status))
    throw usage(`--state: no state "${inert(status)}" of sagas: ${hint(status, SAGA_SHOWN, 'choose from')}`)
  if (queue !== undefined) requireQueue(queue)
  const listed = await session.api.list<SagaRow>('sagas', { status, source, queue, filter }, { offset, limit })
  const body = listed as SagaList
  await printListing(session, { body, rows: body.items, columns: SAGA_COLUMNS, nameOf: ({ ref }) => ref })
  for (const line of lateSources(body)) session.note(line)
  for (const gap of body.gaps) session.note(`not read: ${gap}`)
  if (body.unseen > 0) session.note(`${body.unseen} more were not looked at: name a queue`)
  if (body.total === 0) session.note(`no sagas${status === undefined ? ' that are not over' : ` are ${status}`}`)
  else if (offset + body.items.length < body.total)
    session.note(`${body.items.length} of ${body.total} shown: --limit all`)
  return EXIT.done
}

export interface SagaOptions extends ConsentOptions {
  readonly step?: string
}

const PAST: Readonly<Record<SagaAct, string>> = {
  'retry-step': 'goes on',
  'skip-step': 'goes on without that step',
  compensate: 'is turned back, the last step first',
  abandon: 'is left as it is, for good',
}

/** Repairs one saga, once a person has seen what that does and said why. */
export async function repairSaga(
  session: Session,
  act: SagaAct,
  { ref, options }: { ref: string; options: SagaOptions },
): Promise<ExitCode> {
  if (parseReference(ref)?.kind !== 'saga') throw usage(`"${inert(ref)}" is not a saga: write saga/source/queue/id`)
  checkConsent(session, options)
  const asked = { act, queue: ref, step: options.step }
  const preview = await session.api.post('previewAction', asked)
  if (options.dryRun) {
    if (isBody(session.output)) await printBody(session, preview)
    else session.write(`${inert(preview.sentence)}\n`)
    session.note('Apply with --yes, or run in a terminal to confirm.')
    return EXIT.done
  }
  if (!options.yes) session.io.stderr.write(`${inert(preview.sentence)}\n`)
  const reason = await reasonOf(session, options.reason)
  await agree(session, { question: 'Do it?', count: 1, yes: options.yes })
  const made = await session.api.post('act', { ...asked, reason, fingerprint: preview.fingerprint })
  const results = made.results.map((one) => ({ ...one, id: ref }))
  return printMade(session, { ...made, results }, made.done === 1 ? `${ref} ${PAST[act]}` : 'nothing was done')
}
