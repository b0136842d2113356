import type { FailureBody, JobPageBody } from '../../server/api/job.ts'
import { listPath, onePath } from '../../server/api/paths.ts'
import { JOB_PAGE_MAX, JOB_STATES, type JobState } from '../../server/domain/job.ts'
import { FAILURE_COLUMNS, JOB_COLUMNS } from '../columns/job-columns.ts'
import { EXIT, type ExitCode, usage } from '../exit.ts'
import { inert } from '../format/inert.ts'
import { hint } from '../hint.ts'
import { checkFields, printListing } from '../print.ts'
import type { Session } from '../session.ts'
import { requireQueue } from '../targets.ts'

export interface JobsOptions {
  readonly state?: string
  readonly cursor?: string
  /** Rows at most; Infinity for `all`. */
  readonly limit: number
}

/** Jobs of one queue in one state, read from its source now, page by page. */
export async function listJobs(session: Session, queue: string, options: JobsOptions): Promise<ExitCode> {
  checkFields(JOB_COLUMNS, session.fields)
  const state = jobState(options.state ?? 'pending')
  const body = await readJobs(session, { queue, state, cursor: options.cursor, limit: options.limit })
  await printListing(session, { body, rows: body.items, columns: JOB_COLUMNS, nameOf: ({ id }) => id })
  if (body.items.length === 0) session.note(`no ${state} jobs in ${queue}`)
  else if (body.next !== null) {
    session.note(
      `${body.items.length} of ${body.total} ${state} jobs shown: --limit all, or --cursor ${body.next} for the next`,
    )
  }
  return EXIT.done
}

/** Failures of one queue by what looks alike, most frequent first. */
export async function listFailures(session: Session, queue: string): Promise<ExitCode> {
  checkFields(FAILURE_COLUMNS, session.fields)
  const body = await readFailures(session, queue)
  await printListing(session, {
    body,
    rows: body.groups,
    columns: FAILURE_COLUMNS,
    nameOf: ({ fingerprint }) => fingerprint,
  })
  if (body.groups.length === 0) session.note(`nothing failed in ${queue}`)
  return EXIT.done
}

interface Pages {
  readonly queue: string
  readonly state: JobState
  readonly cursor?: string | undefined
  readonly limit: number
}

/** As many pages as the limit asks for, as one. */
async function readJobs(session: Session, pages: Pages): Promise<JobPageBody> {
  const items = new Map<string, JobPageBody['items'][number]>()
  let last: JobPageBody | null = null
  for await (const page of jobPages(session, pages)) {
    for (const item of page.items) items.set(item.id, item)
    last = page
  }
  if (!last) throw usage('--limit: expected a number from 1')
  return { ...last, items: [...items.values()] }
}

/** Pages one after the other, at least one: a job that moves meanwhile may be seen once, twice or not at all. */
export async function* jobPages({ api }: Session, { queue, state, cursor, limit }: Pages): AsyncGenerator<JobPageBody> {
  const path = queuePath('jobs', queue)
  let next = cursor
  for (let seen = 0; ; ) {
    const size = Math.min(JOB_PAGE_MAX, limit - seen)
    const search = listPath('queues', { state, cursor: next, limit: size }).replace(/^[^?]*/, '')
    const page = await api.read<JobPageBody>(`${path}${search}`)
    yield page
    seen += page.items.length
    if (page.next === null || page.next === next || seen >= limit) return
    next = page.next
  }
}

export function readFailures({ api }: Session, queue: string): Promise<FailureBody> {
  return api.read<FailureBody>(queuePath('failures', queue))
}

export function jobState(word: string): JobState {
  const state = JOB_STATES.find((one) => one === word)
  if (state) return state
  throw usage(`--state: no state "${inert(word)}": ${hint(word, JOB_STATES, 'choose from')}`)
}

function queuePath(list: 'jobs' | 'failures', queue: string): string {
  const { source, tail } = requireQueue(queue)
  return onePath(list, source, tail)
}
