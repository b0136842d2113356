import type { ReactNode } from 'react'
import styles from './table.module.css'

export interface TableColumn<Row> {
  readonly key: string
  readonly label: string
  readonly start?: boolean
  /** Left out on a phone. */
  readonly wide?: boolean
  readonly cell: (row: Row) => ReactNode
}

interface TableProps<Row> {
  readonly label: string
  readonly columns: readonly TableColumn<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly shadeOf?: (row: Row) => 'critical' | 'unknown' | null
}

/** A short table, drawn whole. Long lists use Grid. */
export function Table<Row>({ label, columns, rows, keyOf, shadeOf }: TableProps<Row>) {
  return (
    <table className={styles.table} aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ key, label: head, start, wide }) => (
            <th key={key} scope="col" data-start={start || undefined} data-wide={wide || undefined}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} data-shade={shadeOf?.(row) ?? undefined}>
            {columns.map(({ key, start, wide, cell }) => (
              <td key={key} data-start={start || undefined} data-wide={wide || undefined}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
