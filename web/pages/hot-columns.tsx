import type { HotRow } from '../../server/api/overview.ts'
import { Drain } from '../parts/drain.tsx'
import { Figure, NotApplicable, Unknown } from '../parts/figure.tsx'
import type { Column } from '../parts/grid.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { CardLines, StateCell } from '../parts/state-cell.tsx'
import { signOf } from '../parts/tone.ts'
import { painTone } from './queues.tsx'

const UNITS = { jobs: 'jobs', messages: 'msg', records: 'rec' } as const

/** Queues and groups in one list: the unit stands beside each amount, as depth and lag are never one thing. */
export const HOT_COLUMNS: readonly Column<HotRow>[] = [
  {
    ...{ key: 'state', label: 'State', width: '96px', start: true },
    cell: (row) => <StateCell sign={row} reasons={row.reasons} />,
  },
  {
    ...{ key: 'name', label: 'Name', width: 'minmax(160px, 1fr)', start: true },
    cell: (row) => <RefLink to={row.ref} tabIndex={-1} />,
  },
  {
    ...{ key: 'wait', label: 'Wait', width: '92px', hint: 'Oldest age, or time lag' },
    cell: (row) => (
      <Figure
        {...{ value: row.waitMs, as: 'duration', estimated: row.waitEstimated, tone: painTone(row) }}
        why="its page says why"
      />
    ),
  },
  {
    ...{ key: 'amount', label: 'Depth or lag', width: '104px' },
    cell: (row) => <Figure value={row.amount} as="count" unit={UNITS[row.unit]} />,
  },
  {
    ...{ key: 'change', label: 'Δ 5 m', width: '74px', from: 760 },
    cell: (row) => <Figure value={row.change5m} as="change" why="it needs five minutes of readings" />,
  },
  {
    ...{ key: 'in', label: 'In/s', width: '60px' },
    cell: (row) => <Figure value={row.inPerSecond} as="rate" why="it needs two readings" />,
  },
  {
    ...{ key: 'out', label: 'Out/s', width: '60px' },
    cell: (row) => <Figure value={row.outPerSecond} as="rate" why="it needs two readings" />,
  },
  {
    ...{ key: 'drain', label: 'Drain', width: '82px', from: 820, hint: "At today's rates" },
    cell: (row) => <Drain drain={row.drain} drainMs={row.drainMs} tone={painTone(row)} />,
  },
  {
    ...{ key: 'fail', label: 'Fail', width: '58px', from: 900, hint: 'Of what ended in the last minute' },
    cell: (row) =>
      row.kind === 'group' ? (
        <NotApplicable why="a group reads records; its broker knows no failures" />
      ) : row.failRatio === null && row.outPerSecond === 0 ? (
        <NotApplicable why="nothing ended in the last minute" />
      ) : (
        <Figure value={row.failRatio} as="percent" why="its failures are not counted" />
      ),
  },
  {
    ...{ key: 'consumers', label: 'Consumers', width: '84px', from: 700 },
    cell: (row) => (row.consumers === null ? <Unknown /> : <Figure value={row.consumers} as="count" />),
  },
  {
    ...{ key: 'trend', label: 'Last hour', width: '108px', start: true, from: 860 },
    cell: (row) => (
      <Sparkline
        points={row.trend}
        tone={signOf(row.severity, row.pausedBy).tone}
        what={`${row.name} ${row.kind === 'queue' ? 'waiting' : 'records behind'}`}
      />
    ),
  },
]

export function HotCard(row: HotRow) {
  return (
    <CardLines
      sign={row}
      name={<RefLink to={row.ref} tabIndex={-1} />}
      figure={<Figure value={row.waitMs} as="duration" estimated={row.waitEstimated} tone={painTone(row)} />}
      details={[
        <Figure key="amount" value={row.amount} as="count" unit={UNITS[row.unit]} />,
        <span key="flow">
          in <Figure value={row.inPerSecond} as="rate" /> out <Figure value={row.outPerSecond} as="rate" />
        </span>,
        row.severity === 'fine' ? '' : row.reasons[0],
      ]}
    />
  )
}
