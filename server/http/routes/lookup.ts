import type { Freshness } from '../../api/freshness.ts'
import type { Board, Held } from '../../board/board.ts'
import type { Entry } from '../../board/derive.ts'
import { stateOf } from '../../board/standing.ts'
import { matcher, windowOf } from '../../board/window.ts'
import { formatReference, parseReference, type ReferenceKind } from '../../domain/reference.ts'
import { staleReason } from '../../rules/verdict.ts'
import { ProblemError } from '../problem-error.ts'

export function freshnessOf(board: Board): Freshness {
  return { asOfMs: board.clock.nowMs(), sources: board.ages() }
}

/** Why a source cannot be judged now; null when it can. */
export function unknownReason(board: Board, { standing }: Held): string | null {
  if (stateOf(standing, board.clock.monotonicMs()) !== 'stale') return null
  const seen = standing.observedMonotonicMs
  return staleReason(standing.error, seen === null ? null : board.clock.monotonicMs() - seen)
}

interface Judged {
  readonly severity: string
  readonly reasons: string[]
}

/** The rows of a stale source keep their last values, and are `unknown` with the cause. */
export function asUnknown<Row extends Judged>(row: Row, reason: string | null): Row {
  return reason === null ? row : { ...row, severity: 'unknown', reasons: [reason] }
}

interface ListQuery {
  readonly filter?: string | undefined
  readonly source?: string | undefined
  readonly kind?: string | undefined
  readonly system?: string | undefined
  readonly severity?: string | undefined
  readonly sort?: string | undefined
  readonly offset: number
  readonly limit: number
}

interface Listed extends Judged {
  readonly ref: string
  readonly system?: string
}

/** One window over the entries of all sources, narrowed by the query; `pain` is the default order, most first. */
export function listEntries<Row extends Listed, Thing>(
  board: Board,
  query: ListQuery,
  entriesOf: (held: Held) => Iterable<Entry<Row, Thing>>,
): Freshness & { total: number; offset: number; items: Row[] } {
  const rows: { ref: string; row: Row; pain: number }[] = []
  for (const held of board.held) {
    if (query.source !== undefined && query.source !== held.id) continue
    if (query.kind !== undefined && query.kind !== held.kind) continue
    const reason = unknownReason(board, held)
    for (const entry of entriesOf(held)) {
      const row = asUnknown(entry.row, reason)
      if (query.system !== undefined && query.system !== row.system) continue
      if (query.severity !== undefined && !isOfSeverity(row.severity, query.severity)) continue
      rows.push({ ref: row.ref, row, pain: entry.pain })
    }
  }
  const sort =
    query.sort === undefined || query.sort === 'pain' ? '-pain' : query.sort === '-pain' ? 'pain' : query.sort
  const { total, offset, items } = windowOf(rows, { ...query, sort }, ({ row, pain }, field) =>
    field === 'pain' ? pain : Reflect.get(row, field === 'name' ? 'ref' : field),
  )
  return { ...freshnessOf(board), total, offset, items: items.map(({ row }) => row) }
}

function isOfSeverity(severity: string, wanted: string): boolean {
  return wanted === 'faults' ? severity !== 'fine' && severity !== 'notice' : severity === wanted
}

/**
 * One thing by source and reference tail. A tail that leaves out the system is found when only one system has it.
 * @throws ProblemError not-found (with the nearest names), ambiguous (with the candidates), not-ready before the first snapshot
 */
export function findEntry<Row extends Listed, Thing>(
  board: Board,
  { kind, source, name }: { kind: ReferenceKind; source: string; name: string },
  mapOf: (held: Held) => ReadonlyMap<string, Entry<Row, Thing>>,
): { held: Held; tail: string; row: Row; thing: Thing } {
  const held = board.source(source)
  if (!held) {
    const known = board.held.map(({ id }) => id)
    throw new ProblemError('not-found', `No source is called "${source}"`, { candidates: known.slice(0, 20) })
  }
  const tail = parseReference(`${source}/${name}`)?.tail ?? name
  board.watch(source, tail)
  const entries = mapOf(held)
  const entry = entries.get(tail)
  if (entry) return { held, tail, row: asUnknown(entry.row, unknownReason(board, held)), thing: entry.thing }
  if (!held.snapshot)
    throw new ProblemError(
      'not-ready',
      `${source} has not been read yet${held.standing.error ? `: ${held.standing.error.message}` : ''}`,
    )
  const same = [...entries.keys()].filter((key) => key.slice(key.indexOf(':') + 1) === tail && key.includes(':'))
  const asReference = (key: string) => formatReference({ kind, source, tail: key })
  if (same.length > 1) {
    throw new ProblemError('ambiguous', `More than one system of ${source} has a ${kind} "${name}"`, {
      candidates: same.map(asReference),
    })
  }
  const matches = matcher(name)
  const candidates = [...entries.keys()]
    .filter((key) => matches(key))
    .slice(0, 5)
    .map(asReference)
  throw new ProblemError('not-found', `${source} has no ${kind} "${name}"`, { candidates })
}
