import type { Freshness, ListBody } from '../../server/api/freshness.ts'
import { listPath } from '../../server/api/paths.ts'
import type { ListName } from '../api.ts'
import type { Column } from '../columns/column.ts'
import type { Referenced } from './order.ts'

export interface Sort {
  readonly field: string
  readonly descending: boolean
}

/** What the list is asked for. */
export interface Asked {
  readonly filter: string
  readonly faults: boolean
  readonly source: string | null
  readonly sort: Sort
  /** Offset and rows of the window around what is on the screen. */
  readonly offset: number
  readonly limit: number
}

export interface Rows extends Freshness {
  readonly total: number
  readonly offset: number
  readonly items: readonly Referenced[]
}

/** A column on the screen: its width never changes, so that figures stand still. */
export interface ScreenColumn {
  readonly column: Column<never>
  /** Cells; for the reference the fewest, as it takes what is left. */
  readonly cells: number
  /** Left out of narrow screens, the highest first; the reference is cut instead, the end of it last where this is 0. */
  readonly drop: number
  /** The order that belongs to it; null = it cannot be sorted by. */
  readonly sort: string | null
  /** A shorter word than the table's, where cells are few. */
  readonly head?: string
}

export interface View {
  readonly title: string
  readonly columns: readonly ScreenColumn[]
  readonly defaultSort: Sort
  readonly paths: (asked: Asked) => readonly string[]
  /** The rows, once every path has come; null before. */
  readonly rows: (bodies: ReadonlyMap<string, unknown>, asked: Asked) => Rows | null
}

type Placed = readonly [field: string, cells: number, drop: number, sort: string | null, head?: string]

export function place<Row>(columns: readonly Column<Row>[], placed: readonly Placed[]): readonly ScreenColumn[] {
  return placed.map(([field, cells, drop, sort, head]) => {
    const column = columns.find((one) => one.field === field)
    if (!column) throw new Error(`no column ${field}`)
    return { column: column as Column<never>, cells, drop, sort, ...(head ? { head } : {}) }
  })
}

export function sortWord({ field, descending }: Sort): string {
  return descending ? `-${field}` : field
}

export function listed(
  name: ListName,
  { filter, faults, source, sort, offset, limit }: Asked,
  words: { sort?: string; trend?: string },
): string {
  return listPath(name, {
    filter,
    source: source ?? undefined,
    severity: faults ? 'faults' : undefined,
    sort: words.sort ?? sortWord(sort),
    offset,
    limit,
    trend: words.trend,
  })
}

/** A view that is one list of the API. */
export function listView(
  title: string,
  name: ListName,
  given: { columns: readonly ScreenColumn[]; defaultSort: Sort; trend?: string },
): View {
  const pathOf = (asked: Asked) => listed(name, asked, given.trend ? { trend: given.trend } : {})
  return {
    title,
    columns: given.columns,
    defaultSort: given.defaultSort,
    paths: (asked) => [pathOf(asked)],
    rows: (bodies, asked) => (bodies.get(pathOf(asked)) as ListBody<Referenced> | undefined) ?? null,
  }
}

/** The orders of a view, in the order of its columns. */
export function sortsOf(view: View): readonly string[] {
  return view.columns.flatMap(({ sort }) => sort ?? [])
}

/** Names and states read upward, figures downward; pain is worst first by itself. */
export function naturalSort(field: string): Sort {
  return { field, descending: !['pain', 'name', 'system', 'state', 'id', 'source', 'drainMs'].includes(field) }
}
