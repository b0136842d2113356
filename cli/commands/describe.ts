import type { ControlList } from '../../server/api/control.ts'
import type { Freshness } from '../../server/api/freshness.ts'
import { listPath } from '../../server/api/paths.ts'
import type { WorkerRow } from '../../server/api/worker.ts'
import { parseReference } from '../../server/domain/reference.ts'
import type { CellContext } from '../columns/column.ts'
import { WORKER_COLUMNS } from '../columns/worker-columns.ts'
import { descriptionLines, descriptionText, factsOf, note } from '../describe/description.ts'
import { controlWords } from '../describe/preview.ts'
import { describeBody, isPartial, type Subject, subjectOf } from '../describe/subject.ts'
import { CliFailure, EXIT, type ExitCode, usage } from '../exit.ts'
import { lateSources } from '../format/fresh.ts'
import { inert } from '../format/inert.ts'
import type { Line } from '../format/line.ts'
import { isBody, paintLines, printBody } from '../print.ts'
import type { Session } from '../session.ts'

/** Members and partitions are read while somebody looks: the next refresh of the source has them. */
const LOOK_MS = 4_000
const LOOK_AGAIN_MS = 400

export async function describe(session: Session, text: string): Promise<ExitCode> {
  if (session.fields) throw usage('--fields: describe has no columns; take -o json and pick from it')
  const subject = subjectOf(text)
  if (!subject) return describeRow(session, text)
  const body = await read(session, subject, text)
  for (const line of lateSources(only(body, text))) session.note(line)
  if (session.output === 'name') session.write(`${inert(refIn(body) ?? text)}\n`)
  else if (isBody(session.output)) await printBody(session, body)
  else await printDescription(session, subject, body)
  return EXIT.done
}

async function printDescription(session: Session, subject: Subject, body: Freshness): Promise<void> {
  const { out, output } = session
  const context: CellContext = { exact: false, nowMs: body.asOfMs, glyphs: out.glyphs }
  const description = describeBody(subject.kind, body, context)
  if (output === 'plain' || !out.isTty) session.write(descriptionText(description, context))
  else {
    const notes = [...(await controlNotes(session, subject, body)), ...description.notes]
    const lines = descriptionLines({ ...description, notes }, { ...context, width: out.width })
    session.write(paintLines(lines, out))
  }
}

/** What is paused, throttled or limited on a queue or a group; a run's and a control's own page have it already. */
async function controlNotes({ api }: Session, { kind }: Subject, body: Freshness): Promise<Line[]> {
  const ref = refIn(body)
  if (ref === null || (kind !== 'queue' && kind !== 'group')) return []
  try {
    const list = await api.get<ControlList>(listPath('controls', { state: 'living', filter: ref.slice(0, 256) }))
    const rows = list.items.filter(({ target }) => target === ref)
    return rows.map((row) => note('control', controlWords(row, list.asOfMs)))
  } catch {
    // The page is told even where this is not.
    return []
  }
}

/** Reads the thing, and again for a moment while a part of it is still being read. */
async function read(session: Session, { kind, path }: Subject, text: string): Promise<Freshness> {
  const { api } = session
  try {
    // Its results are payloads.
    if (kind === 'saga') return await api.read<Freshness>(path)
    let body = await api.get<Freshness>(path)
    const isLive = () => only(body, text).sources.every(({ state }) => state === 'live')
    for (let waitedMs = 0; waitedMs < LOOK_MS && isPartial(kind, body) && isLive(); waitedMs += LOOK_AGAIN_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
      body = await api.get<Freshness>(path)
    }
    return body
  } catch (error) {
    if (error instanceof CliFailure && error.exit === EXIT.notFound) throw await withCandidates(session, error, text)
    throw error
  }
}

/** What may have been meant, when the server has no better idea: things anywhere whose reference holds the text. */
async function withCandidates({ api }: Session, failure: CliFailure, text: string): Promise<CliFailure> {
  if (failure.lines.length > 0 && text.includes('/')) return did(failure, failure.lines)
  const name = text.slice(text.lastIndexOf('/') + 1)
  const found = await Promise.all(
    (['queues', 'groups', 'topics'] as const).map((list) =>
      api.list(list, { filter: name.slice(0, 256) }, { offset: 0, limit: 5 }),
    ),
  )
  const candidates = found.flatMap(({ items }) => items.map(({ ref }) => `  ${ref}`)).slice(0, 8)
  return did(failure, candidates.length > 0 ? candidates : failure.lines)
}

function did(failure: CliFailure, candidates: readonly string[]): CliFailure {
  if (candidates.length === 0)
    return new CliFailure(failure.exit, `${failure.message}; \`sluice list queues\` shows what there is`)
  return new CliFailure(failure.exit, `${failure.message}; did you mean`, candidates)
}

/** Workers have no page of their own: the row itself, one field a line. */
async function describeRow(session: Session, text: string): Promise<ExitCode> {
  const reference = parseReference(text)
  if (reference?.kind === 'worker') return describeWorker(session, text)
  throw usage(
    `"${inert(text)}" is not a reference: write source/name, group/source/name, topic/source/name, run/source/id, saga/source/queue/id, or a source's id`,
  )
}

async function describeWorker(session: Session, ref: string): Promise<ExitCode> {
  const filter = ref.slice(0, 256)
  const body = await session.api.list<WorkerRow>('workers', { filter }, { offset: 0, limit: 200 })
  const row = body.items.find((item) => item.ref === ref)
  if (!row) {
    const near = body.items.slice(0, 8).map((item) => `  ${item.ref}`)
    throw did(new CliFailure(EXIT.notFound, `no worker is called "${inert(ref)}"`), near)
  }
  if (isBody(session.output)) await printBody(session, row)
  else if (session.output === 'name') session.write(`${inert(row.ref)}\n`)
  else {
    const facts = factsOf(WORKER_COLUMNS, row, { exact: true, nowMs: body.asOfMs, glyphs: session.out.glyphs })
    const label = Math.max(...facts.map(([field]) => field.length)) + 2
    const isTable = session.out.isTty && session.output !== 'plain'
    session.write(facts.map(([field, value]) => `${isTable ? field.padEnd(label) : `${field}\t`}${value}\n`).join(''))
  }
  return EXIT.done
}

/** The body's freshness narrowed to the source that the text names. */
function only(body: Freshness, text: string): Freshness {
  const parts = text.split('/')
  const control: unknown = Reflect.get(body, 'control')
  const source =
    typeof control === 'object' && control !== null && 'source' in control
      ? control.source
      : subjectOf(text)?.kind === 'queue' || parts.length === 1
        ? parts[0]
        : parts[1]
  return { asOfMs: body.asOfMs, sources: body.sources.filter((one) => one.source === source) }
}

function refIn(body: object): string | null {
  for (const field of ['queue', 'group', 'topic', 'run', 'saga', 'control', 'source']) {
    const row: unknown = Reflect.get(body, field)
    if (field === 'control' && typeof row === 'object' && row !== null && 'id' in row) return String(row.id)
    if (typeof row === 'object' && row !== null && 'ref' in row) return String(row.ref)
  }
  return null
}
