import type { SagaBody, SagaRow } from '../../server/api/saga.ts'
import { inert } from '../format/inert.ts'
import type { Segment, Tone } from '../format/line.ts'
import { ageCell, type Column, instantCell, noneCell, textCell } from './column.ts'

export const SAGA_COLUMNS: readonly Column<SagaRow>[] = [
  { field: 'status', head: 'STATUS', show: 'always', cell: (row, { exact }) => sagaStatusCell(row, exact) },
  { field: 'ref', head: 'SAGA', show: 'always', cell: (row) => textCell(row.ref, 'strong') },
  { field: 'name', head: 'NAME', show: 'always', drop: 3, cell: (row) => textCell(row.name) },
  { field: 'step', head: 'STEP', show: 'always', cell: (row, context) => textCell(row.step) ?? noneCell(context) },
  {
    ...{ field: 'changedAtMs', head: 'CHANGED', align: 'right', show: 'always', drop: 2 },
    cell: (row, context) => (context.exact ? instantCell(row.changedAtMs) : ageCell(row.changedAtMs, context)),
  },
  { field: 'startedAtMs', head: 'STARTED', show: 'wide', cell: (row) => instantCell(row.startedAtMs) },
  {
    ...{ field: 'isStalled', head: 'STALLED', show: 'asked' },
    cell: ({ isStalled }) => (isStalled ? { text: 'yes', tone: 'critical' } : { text: 'no' }),
  },
  {
    ...{ field: 'error', head: 'ERROR', show: 'always', drop: 4, flex: true },
    cell: (row, context) => textCell(row.error, 'critical') ?? noneCell(context),
  },
  { field: 'source', head: 'SOURCE', show: 'asked', cell: (row) => textCell(row.source) },
  { field: 'queue', head: 'QUEUE', show: 'asked', cell: (row) => textCell(row.queue) },
  { field: 'id', head: 'ID', show: 'asked', cell: (row) => textCell(row.id) },
]

type Step = SagaBody['steps'][number]

export const STEP_COLUMNS: readonly Column<Step>[] = [
  { field: 'name', head: 'STEP', show: 'always', cell: (row) => textCell(row.name, 'strong') },
  { field: 'status', head: 'STATUS', show: 'always', cell: ({ status }) => textCell(status, STEP_TONE[status]) },
  { field: 'attempts', head: 'TRIES', align: 'right', show: 'always', cell: (row) => String(row.attempts) },
  {
    ...{ field: 'compensations', head: 'UNDO TRIES', align: 'right', show: 'always', drop: 2 },
    cell: (row, context) => (row.isCompensable ? String(row.compensations) : noneCell(context)),
  },
  {
    ...{ field: 'error', head: 'ERROR', show: 'always', drop: 1, flex: true },
    cell: (row, context) => textCell(row.error, 'critical') ?? textCell(row.reason) ?? noneCell(context),
  },
  {
    ...{ field: 'result', head: 'RESULT', show: 'always', drop: 3 },
    cell: (row, context) => textCell(row.result) ?? noneCell(context),
  },
]

const SAGA_TONE: Readonly<Record<string, Tone>> = {
  running: 'fine',
  succeeded: 'fine',
  compensating: 'warning',
  stuck: 'critical',
  compensated: 'notice',
}
const STEP_TONE: Readonly<Record<string, Tone>> = {
  running: 'fine',
  succeeded: 'fine',
  retrying: 'warning',
  failed: 'critical',
  compensating: 'warning',
  'compensation-retrying': 'warning',
  'compensation-failed': 'critical',
  compensated: 'notice',
}

/** How it stands; one that nobody goes on with says so. */
export function sagaStatusCell({ status, isStalled }: Pick<SagaRow, 'status' | 'isStalled'>, exact = false): Segment {
  if (!exact && isStalled) return { text: `${inert(status)}, stalled`, tone: 'critical' }
  return { text: inert(status), tone: SAGA_TONE[status] }
}
