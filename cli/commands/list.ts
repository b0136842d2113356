import type { Freshness, ListBody } from '../../server/api/freshness.ts'
import { LIST_LIMIT_MAX } from '../../server/api/lists.ts'
import { listPath } from '../../server/api/paths.ts'
import { nearest } from '../../server/domain/nearest.ts'
import type { ListQuery } from '../api.ts'
import type { Column } from '../columns/column.ts'
import { EXIT, type ExitCode, usage } from '../exit.ts'
import { lateSources } from '../format/fresh.ts'
import { inert } from '../format/inert.ts'
import { hint } from '../hint.ts'
import { LISTS, type ListKind } from '../lists.ts'
import { checkFields, type Listing, printListing } from '../print.ts'
import type { Session } from '../session.ts'
import { watchListing } from '../watch.ts'

export interface ListOptions {
  readonly filter?: string
  readonly source?: string
  readonly system?: string
  readonly severity?: string
  readonly faults?: boolean
  readonly sort?: string
  /** Rows at most; Infinity for `all`. */
  readonly limit: number
  readonly offset: number
  /** Ms between repaints; absent = once. */
  readonly watch?: number
}

export type AnyRow = { readonly ref: string; readonly source?: string }

export async function list(session: Session, word: string, options: ListOptions): Promise<ExitCode> {
  const kind = kindOf(word)
  const columns = kind.columns as readonly Column<AnyRow>[]
  checkFields(columns, session.fields)
  const query = queryOf(kind, options)
  const window = { offset: options.offset, limit: options.limit }
  const listing = (body: ListBody<AnyRow>): Listing<AnyRow> => ({
    body,
    rows: body.items,
    columns,
    nameOf: ({ ref }) => ref,
  })
  if (options.watch !== undefined) {
    return watchListing(session, { paths: watchedPaths(kind, query, window), listing, everyMs: options.watch })
  }
  const body = await session.api.list<AnyRow>(kind.name, query, window)
  await printListing(session, listing(body))
  noteOn(session, kind, body, options)
  return EXIT.done
}

/** What the reader should know but stdout must not hold: sources that are late, and rows that were not asked for. */
function noteOn(session: Session, kind: ListKind, body: ListBody<AnyRow>, options: ListOptions): void {
  const { source, offset } = options
  for (const line of lateSources(narrowed(body, source))) session.note(line)
  const shown = body.items.length
  if (body.total === 0) session.note(noneWords(kind, body, options))
  else if (offset + shown < body.total) {
    session.note(
      `${shown} of ${body.total} ${kind.name} shown: --limit all, or --offset ${offset + shown} for the next`,
    )
  }
}

function noneWords(
  { name }: ListKind,
  body: ListBody<AnyRow>,
  { filter, source, system, severity, faults }: ListOptions,
): string {
  if (body.sources.length === 0) return `no ${name}: no source is connected`
  return `no ${name}${filter || source || system || severity || faults ? ' match' : ''}`
}

function narrowed(body: Freshness, source: string | undefined): Freshness {
  return source === undefined ? body : { ...body, sources: body.sources.filter((one) => one.source === source) }
}

function kindOf(word: string): ListKind {
  const kind = LISTS.find(({ name }) => name === word || name === `${word}s`)
  if (kind) return kind
  const names = LISTS.map(({ name }) => name)
  if (/^controls?$/.test(word)) throw usage('`sluice controls` lists them')
  throw usage(`cannot list "${inert(word)}": ${hint(word, names, 'choose from')}`)
}

function queryOf(kind: ListKind, { filter, source, system, severity, faults, sort }: ListOptions): ListQuery {
  if (sort !== undefined && !kind.sorts.includes(sort.replace(/^-/, ''))) {
    const guess = nearest(sort.replace(/^-/, ''), kind.sorts)
    const remedy = guess
      ? `did you mean ${guess}?`
      : `choose from ${kind.sorts.join(', ')}, with - in front for descending`
    throw usage(`--sort: ${kind.name} have no order "${inert(sort)}": ${remedy}`)
  }
  if (faults && severity !== undefined) throw usage('--faults and --severity exclude each other')
  return { filter, source, system, severity: faults ? 'faults' : severity, sort }
}

/** A stream follows at most 24 windows; more rows than that nobody watches. */
const WATCHED_ROWS_MAX = 20 * LIST_LIMIT_MAX

function watchedPaths(
  kind: ListKind,
  query: ListQuery,
  { offset, limit }: { offset: number; limit: number },
): string[] {
  if (limit > WATCHED_ROWS_MAX) throw usage(`--watch follows at most ${WATCHED_ROWS_MAX} rows: narrow it with --limit`)
  const paths: string[] = []
  for (let at = offset; at < offset + limit; at += LIST_LIMIT_MAX) {
    paths.push(listPath(kind.name, { ...query, offset: at, limit: Math.min(LIST_LIMIT_MAX, offset + limit - at) }))
  }
  return paths
}
