import type { PositionRow } from '../../server/api/group.ts'
import { formatFigure, formatNumbered } from '../format.ts'
import styles from '../pages/detail.module.css'
import { Panel } from './panel.tsx'

/** More cells than this would be a pattern, not information. */
const CELLS_MAX = 200

interface PartitionStripProps {
  /** Worst first. */
  readonly positions: readonly PositionRow[]
  readonly total: number
}

/** All partitions at one glance, a cell each in their own order: how full it is shows its share of the largest lag. */
export function PartitionStrip({ positions, total }: PartitionStripProps) {
  if (positions.length === 0) return null
  const shown = positions.slice(0, CELLS_MAX)
  const worst = Math.max(1, ...shown.map(({ lag }) => lag ?? 0))
  const topics = [...new Set(shown.map(({ topic }) => topic))].sort()
  return (
    <Panel
      title="Partitions"
      note={
        total > shown.length ? `the ${shown.length} that lag most, of ${total}` : formatNumbered(total, 'partition')
      }
    >
      <div className={styles.strip}>
        {topics.map((topic) => (
          <div key={topic} className={styles.topic}>
            <span className="soft">{topic}</span>
            <ul className={styles.cells} aria-label={`Partitions of ${topic}`}>
              {shown
                .filter((row) => row.topic === topic)
                .sort((a, b) => a.partition - b.partition)
                .map((row) => (
                  <Cell key={row.partition} row={row} share={(row.lag ?? 0) / worst} />
                ))}
            </ul>
          </div>
        ))}
      </div>
      <p className={styles.legend}>
        How full: share of the largest lag · red: read up to a place that retention took · dashed: nobody reads it · —:
        no commit
      </p>
    </Panel>
  )
}

function Cell({ row, share }: { readonly row: PositionRow; readonly share: number }) {
  const { partition, lag, lagMs, owner, committed, start } = row
  const isLost = committed !== null && start !== null && committed < start
  const words = [
    `partition ${partition}`,
    committed === null ? 'no commit' : `${formatFigure(lag, 'count')} behind`,
    lagMs !== null && `${formatFigure(lagMs, 'duration')} of time`,
    isLost && 'data lost',
    owner === null ? 'nobody reads it' : `read by ${owner}`,
  ]
    .filter(Boolean)
    .join(', ')
  return (
    <li className={styles.cell} title={words} data-late={isLost || undefined} data-unread={owner === null || undefined}>
      <i style={{ height: `${Math.round(100 * Math.sqrt(share))}%` }} />
      <span aria-hidden="true">{committed === null ? '—' : partition}</span>
      <span className="sr">{words}</span>
    </li>
  )
}
