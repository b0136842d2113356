import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent as ReactKeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { marks, toggleMark } from '../data/marks.ts'
import { useStore } from '../data/store.ts'
import styles from './grid.module.css'
import { offerList } from './grid-list.ts'
import { CARDS_BELOW, useWidth } from './use-width.ts'

export interface Column<Row> {
  readonly key: string
  readonly label: string
  /** What the header's title says. */
  readonly hint?: string
  /** The API's field to sort by; and the direction of the first press. */
  readonly sort?: string
  readonly first?: 'up' | 'down'
  readonly start?: boolean
  /** A grid track: `84px`, `minmax(160px, 1fr)`. */
  readonly width: string
  /** Only in lists at least this wide, px. */
  readonly from?: number
  readonly cell: (row: Row) => ReactNode
}

export interface GridProps<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  /** Rows by place; places without a row are still being read. */
  readonly rows: ReadonlyMap<number, Row>
  readonly total: number
  readonly refOf: (row: Row) => string
  /** `critical` tints a row, `unknown` hatches it. */
  readonly shadeOf: (row: Row) => 'critical' | 'unknown' | null
  /** The row on a phone: two lines. */
  readonly card: (row: Row) => ReactNode
  readonly onOpen: ((row: Row) => void) | null
  readonly onResort: () => void
  readonly sort?: string | undefined
  readonly onSort?: (sort: string | undefined) => void
  /** Scrolls by itself, and says which places are on the screen. Without it all rows are drawn. */
  readonly onRange?: (first: number, last: number) => void
  readonly gone?: ReadonlySet<string>
  readonly holders?: object
  /** Rows can be marked, for an act on several. */
  readonly canMark?: boolean
}

const ROW_PX = 30
const CARD_PX = 60
const HEAD_PX = 30
const HEAD_ROWS = 1

/** A list as a grid with one tab stop: rows are reached by j, k and the arrows; on a phone the rows are cards. */
export function Grid<Row>(props: GridProps<Row>) {
  const { columns, rows, total, onRange } = props
  const frame = useRef<HTMLDivElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const isCards = width > 0 && width < CARDS_BELOW
  const visible = isCards ? [] : columns.filter(({ from = 0 }) => width >= from)
  const [active, setActive] = useState(0)
  const isVirtual = onRange !== undefined
  const virtual = useVirtualizer({
    count: isVirtual ? total : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isCards ? CARD_PX : ROW_PX),
    overscan: 8,
    // The header stands in the scroller, so that rows and header share their width, scrollbar or not.
    scrollMargin: isCards ? 0 : HEAD_PX,
    scrollPaddingStart: isCards ? 0 : HEAD_PX,
    useFlushSync: false,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: cards are of another height than rows
  useEffect(() => void virtual.measure(), [isCards])
  const places = isVirtual
    ? virtual
        .getVirtualItems()
        .map(({ index, start }) => ({ place: index, start: start - virtual.options.scrollMargin }))
    : Array.from({ length: total }, (_, place) => ({ place, start: 0 }))
  const first = virtual.range?.startIndex ?? 0
  const last = virtual.range?.endIndex ?? -1
  useEffect(() => void onRange?.(first, last), [onRange, first, last])

  const focusRow = (place: number) => {
    const to = Math.max(0, Math.min(total - 1, place))
    setActive(to)
    if (isVirtual) virtual.scrollToIndex(to)
    requestAnimationFrame(() => rowElement(frame.current, to)?.focus({ preventScroll: isVirtual }))
  }
  const openRow = (place: number) => {
    const row = rows.get(place)
    if (row !== undefined) props.onOpen?.(row)
  }
  const refAt = (place: number) => {
    const row = rows.get(place)
    return row === undefined ? null : props.refOf(row)
  }
  useListCommands(frame, { focusRow, openRow, refAt, active, onResort: props.onResort })
  const marked = useStore(marks)

  const onKeyDown = (event: ReactKeyboardEvent) => {
    const move = MOVES[event.key]
    if (!move || event.ctrlKey || event.altKey || event.metaKey) return
    if (event.target instanceof HTMLElement && event.target.closest('[role=row]') === null) return
    event.preventDefault()
    focusRow(move(active, total))
  }
  const template = visible.map(({ width: track }) => track).join(' ')
  const height = isVirtual ? virtual.getTotalSize() : undefined
  return (
    <div ref={frame} className={styles.frame} data-virtual={isVirtual || undefined}>
      {/* biome-ignore lint/a11y/useSemanticElements: only a part of the rows exists, so that it cannot be a table */}
      <div
        role="grid"
        ref={scroller}
        aria-label={props.label}
        aria-rowcount={total + (isCards ? 0 : HEAD_ROWS)}
        aria-multiselectable={props.canMark || undefined}
        aria-colcount={isCards ? 1 : visible.length}
        className={styles.grid}
        onKeyDown={onKeyDown}
        {...props.holders}
      >
        {!isCards && <Head {...props} columns={visible} template={template} />}
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        <div role="rowgroup">
          <div role="presentation" className={styles.space} style={height === undefined ? {} : { height }}>
            {places.map(({ place, start }) => (
              <GridRow
                key={place}
                {...{ place, isCards, template, columns: visible, isActive: place === active }}
                grid={props}
                row={rows.get(place)}
                isMarked={marked.has(refAt(place) ?? '')}
                start={isVirtual ? start : null}
                onActive={setActive}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  )
}

const MOVES: Readonly<Record<string, (active: number, total: number) => number>> = {
  ArrowDown: (active) => active + 1,
  ArrowUp: (active) => active - 1,
  PageDown: (active) => active + 20,
  PageUp: (active) => active - 20,
  Home: () => 0,
  End: (_, total) => total - 1,
}

function rowElement(frame: HTMLElement | null, place: number): HTMLElement | null {
  return frame?.querySelector<HTMLElement>(`[data-place="${place}"]`) ?? null
}

interface Commanded {
  readonly focusRow: (place: number) => void
  readonly openRow: (place: number) => void
  readonly refAt: (place: number) => string | null
  readonly active: number
  readonly onResort: () => void
}

function useListCommands(frame: { readonly current: HTMLElement | null }, commanded: Commanded): void {
  const latest = useRef(commanded)
  latest.current = commanded
  useEffect(() => {
    const hasFocus = () => frame.current?.contains(document.activeElement) ?? false
    return offerList({
      move(by) {
        const { active, focusRow } = latest.current
        focusRow(hasFocus() ? active + by : active)
      },
      open: () => hasFocus() && latest.current.openRow(latest.current.active),
      resort: () => latest.current.onResort(),
      focused: () => (hasFocus() ? latest.current.refAt(latest.current.active) : null),
      leave() {
        if (!hasFocus() || !(document.activeElement instanceof HTMLElement)) return false
        document.activeElement.blur()
        return true
      },
    })
  }, [frame])
}

function Head<Row>({ columns, template, sort, onSort }: GridProps<Row> & { readonly template: string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: only a part of the rows exists, so that it cannot be a table
    <div role="rowgroup" className={styles.headGroup}>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the header's buttons take the focus */}
      <div role="row" aria-rowindex={1} className={styles.head} style={{ gridTemplateColumns: template }}>
        {columns.map((column) => {
          const direction = sort === column.sort ? 'ascending' : sort === `-${column.sort}` ? 'descending' : 'none'
          const isSorted = column.sort !== undefined && direction !== 'none'
          return (
            // biome-ignore lint/a11y/useSemanticElements: as above
            // biome-ignore lint/a11y/useFocusableInteractive: its button takes the focus
            <div
              key={column.key}
              role="columnheader"
              className={styles.headCell}
              data-start={column.start || undefined}
              {...(column.sort && onSort ? { 'aria-sort': direction } : {})}
            >
              {column.sort && onSort ? (
                <button type="button" title={column.hint} onClick={() => onSort(nextSort(column, sort))}>
                  {column.label}
                  {isSorted && <span aria-hidden="true">{direction === 'descending' ? ' ↓' : ' ↑'}</span>}
                </button>
              ) : (
                <span title={column.hint}>{column.label}</span>
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** First press: the column's own direction; second: the other; third: the list's default again. */
function nextSort<Row>({ sort: field = '', first = 'down' }: Column<Row>, now: string | undefined): string | undefined {
  const [one, two] = first === 'down' ? [`-${field}`, field] : [field, `-${field}`]
  return now === one ? two : now === two ? undefined : one
}

interface GridRowProps<Row> {
  readonly grid: GridProps<Row>
  readonly row: Row | undefined
  readonly isMarked: boolean
  readonly place: number
  readonly start: number | null
  readonly isCards: boolean
  readonly isActive: boolean
  readonly template: string
  readonly columns: readonly Column<Row>[]
  readonly onActive: (place: number) => void
}

function GridRow<Row>(props: GridRowProps<Row>) {
  const { grid, row, place, start, isCards, isActive, isMarked, template, columns, onActive } = props
  const shade = row === undefined ? null : grid.gone?.has(grid.refOf(row)) ? 'unknown' : grid.shadeOf(row)
  const { onOpen } = grid
  return (
    // biome-ignore lint/a11y/useSemanticElements: only a part of the rows exists, so that it cannot be a table
    <div
      role="row"
      aria-rowindex={place + 1 + (isCards ? 0 : HEAD_ROWS)}
      aria-busy={row === undefined || undefined}
      data-place={place}
      data-shade={shade ?? undefined}
      aria-selected={grid.canMark ? isMarked : undefined}
      data-opens={onOpen !== null || undefined}
      tabIndex={isActive ? 0 : -1}
      className={isCards ? styles.card : styles.row}
      style={{
        ...(isCards ? {} : { gridTemplateColumns: template }),
        ...(start === null ? {} : { position: 'absolute', transform: `translateY(${start}px)` }),
      }}
      onFocus={() => onActive(place)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.target === event.currentTarget && row !== undefined) onOpen?.(row)
      }}
      onClick={(event) => {
        if (row !== undefined && grid.canMark && (event.ctrlKey || event.metaKey || event.shiftKey)) {
          event.preventDefault()
          return toggleMark(grid.refOf(row))
        }
        if (row === undefined || !onOpen || (event.target as HTMLElement).closest('a,button')) return
        if (getSelection()?.isCollapsed === false) return
        onOpen(row)
      }}
    >
      {isCards ? (
        // biome-ignore lint/a11y/useSemanticElements: as above
        // biome-ignore lint/a11y/useFocusableInteractive: the row takes the focus
        <div role="gridcell" className={styles.cardCell}>
          {row === undefined ? <span className={styles.wait} /> : grid.card(row)}
        </div>
      ) : (
        columns.map(({ key, start: isStart, cell }) => (
          // biome-ignore lint/a11y/useSemanticElements: as above
          // biome-ignore lint/a11y/useFocusableInteractive: the row takes the focus
          <div key={key} role="gridcell" className={styles.cell} data-start={isStart || undefined}>
            {row === undefined ? <span className={styles.wait} /> : cell(row)}
          </div>
        ))
      )}
    </div>
  )
}
