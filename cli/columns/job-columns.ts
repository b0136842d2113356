import type { FailureBody, JobRow } from '../../server/api/job.ts'
import { formatBytes, formatCount } from '../format/figures.ts'
import { ageCell, type Column, figureCell, instantCell, noneCell, textCell, wordsCell } from './column.ts'

type ErrorGroupRow = FailureBody['groups'][number]

export const JOB_COLUMNS: readonly Column<JobRow>[] = [
  { field: 'state', head: 'STATE', show: 'asked', cell: (row) => row.state },
  { field: 'id', head: 'ID', show: 'always', cell: (row) => textCell(row.id, 'strong') },
  { field: 'job', head: 'JOB', show: 'always', cell: (row) => textCell(row.job) },
  {
    field: 'enqueuedAtMs',
    head: 'AGE',
    align: 'right',
    show: 'always',
    cell: (row, context) => (context.exact ? instantCell(row.enqueuedAtMs) : ageCell(row.enqueuedAtMs, context)),
  },
  {
    field: 'atMs',
    head: 'AT',
    show: 'always',
    drop: 3,
    cell: (row, context) => instantCell(row.atMs) ?? noneCell(context),
  },
  {
    field: 'attempt',
    head: 'ATTEMPT',
    align: 'right',
    show: 'always',
    drop: 4,
    cell: (row) => figureCell(formatCount(row.attempt)),
  },
  {
    field: 'interruptions',
    head: 'INTERRUPTIONS',
    align: 'right',
    show: 'wide',
    cell: (row) => figureCell(formatCount(row.interruptions)),
  },
  {
    field: 'crashes',
    head: 'CRASHES',
    align: 'right',
    show: 'wide',
    cell: (row) => figureCell(formatCount(row.crashes)),
  },
  { field: 'tags', head: 'TAGS', show: 'wide', cell: (row, context) => wordsCell(row.tags, context) },
  { field: 'worker', head: 'WORKER', show: 'wide', cell: (row, context) => textCell(row.worker) ?? noneCell(context) },
  {
    field: 'deadReason',
    head: 'DEAD BY',
    show: 'wide',
    cell: (row, context) => textCell(row.deadReason) ?? noneCell(context),
  },
  {
    field: 'error',
    head: 'ERROR',
    show: 'always',
    drop: 1,
    flex: true,
    cell: (row, context) => textCell(row.error, 'critical') ?? noneCell(context),
  },
  { field: 'args', head: 'ARGUMENTS', show: 'wide', flex: true, cell: (row) => textCell(row.args) },
  {
    field: 'argsBytes',
    head: 'BYTES',
    align: 'right',
    show: 'asked',
    cell: (row, { exact }) => figureCell(formatBytes(row.argsBytes, exact)),
  },
  {
    field: 'version',
    head: 'VERSION',
    align: 'right',
    show: 'asked',
    cell: (row) => figureCell(formatCount(row.version)),
  },
]

export const FAILURE_COLUMNS: readonly Column<ErrorGroupRow>[] = [
  {
    field: 'count',
    head: 'COUNT',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatCount(row.count, exact)),
  },
  { field: 'job', head: 'JOB', show: 'always', cell: (row) => textCell(row.job) },
  {
    field: 'retrying',
    head: 'RETRYING',
    align: 'right',
    show: 'always',
    drop: 3,
    cell: (row) => figureCell(formatCount(row.retrying)),
  },
  {
    field: 'dead',
    head: 'DEAD',
    align: 'right',
    show: 'always',
    drop: 2,
    cell: (row) => figureCell(formatCount(row.dead)),
  },
  {
    field: 'lastAtMs',
    head: 'LAST',
    align: 'right',
    show: 'always',
    cell: (row, context) => (context.exact ? instantCell(row.lastAtMs) : ageCell(row.lastAtMs, context)),
  },
  {
    field: 'firstAtMs',
    head: 'FIRST',
    align: 'right',
    show: 'always',
    drop: 1,
    cell: (row, context) => (context.exact ? instantCell(row.firstAtMs) : ageCell(row.firstAtMs, context)),
  },
  { field: 'pattern', head: 'ERROR', show: 'always', flex: true, cell: (row) => textCell(row.pattern, 'critical') },
  { field: 'sample', head: 'SAMPLE', show: 'wide', flex: true, cell: (row) => textCell(row.sample) },
  { field: 'fingerprint', head: 'FINGERPRINT', show: 'wide', cell: (row) => textCell(row.fingerprint) },
]
