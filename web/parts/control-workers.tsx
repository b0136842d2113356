import type { ControlBody } from '../../server/api/control.ts'
import { Age } from './age.tsx'
import { Unknown } from './figure.tsx'
import { Empty } from './panel.tsx'
import { Table, type TableColumn } from './table.tsx'

type Row = ControlBody['workers'][number]

/** A clock that is off by more than this can make a worker disobey in good faith. */
const SKEW_SHOWN_MS = 500

const COLUMNS: readonly TableColumn<Row>[] = [
  {
    ...{ key: 'obeys', label: 'Obeys', start: true },
    cell: ({ obeys, disobeys }) =>
      disobeys ? (
        <b data-tone="critical">✖ disobeys</b>
      ) : obeys ? (
        <span data-tone="fine">✓ confirmed</span>
      ) : (
        <span data-tone="warning">… not yet</span>
      ),
  },
  { key: 'worker', label: 'Worker', start: true, cell: ({ ref }) => <b>{ref.replace(/^worker\/[^/]+\//, '')}</b> },
  { key: 'version', label: 'Version', start: true, wide: true, cell: ({ version }) => version ?? '—' },
  {
    ...{ key: 'beat', label: 'Beat' },
    cell: ({ beatAtMs }) => (beatAtMs === null ? <Unknown why="its system has no beats" /> : <Age atMs={beatAtMs} />),
  },
  {
    ...{ key: 'skew', label: 'Clock', wide: true },
    cell: ({ skewMs }) =>
      skewMs === null ? (
        <Unknown why="it does not tell its clock" />
      ) : (
        <span data-tone={Math.abs(skewMs) > SKEW_SHOWN_MS ? 'warning' : 'soft'}>
          {skewMs > 0 ? '+' : skewMs < 0 ? '−' : '±'}
          {Math.abs(skewMs)} ms
        </span>
      ),
  },
]

/** Who obeys a control, those that do not first. */
export function ControlWorkers({ body: { workers, control } }: { readonly body: ControlBody }) {
  if (workers.length === 0)
    return (
      <Empty>
        {control.workers === 0
          ? 'No worker serves it now: one that starts later reads the control before its first unit.'
          : 'It is made true by its system; there is no worker to name.'}
      </Empty>
    )
  return (
    <Table
      label={`Workers under the control on ${control.target}`}
      columns={COLUMNS}
      rows={workers}
      keyOf={({ ref }) => ref}
      shadeOf={({ disobeys }) => (disobeys ? 'critical' : null)}
    />
  )
}
