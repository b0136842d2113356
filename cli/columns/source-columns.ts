import type { SourceAge } from '../../server/api/freshness.ts'
import type { SourceRow } from '../../server/api/source.ts'
import { formatAge, formatBytes, formatCount, formatDuration, formatTook } from '../format/figures.ts'
import type { Glyphs } from '../format/glyphs.ts'
import { inert } from '../format/inert.ts'
import type { Segment, Tone } from '../format/line.ts'
import {
  ageCell,
  type CellContext,
  type Column,
  figureCell,
  instantCell,
  noneCell,
  severityCell,
  textCell,
  wordsCell,
} from './column.ts'

/** How fresh a source is: glyph and tone by its state. `waiting`: nothing read yet, so unknown. */
export function freshnessMark(state: SourceAge['state'], glyphs: Glyphs): Segment & { readonly tone: Tone } {
  if (state === 'live') return { text: glyphs.live, tone: 'fine' }
  if (state === 'late') return { text: glyphs.late, tone: 'warning' }
  return { text: glyphs.stale, tone: 'unknown' }
}

/** What is wrong with reading it, and when it is tried again; null when all is well. */
export function sourceTrouble(age: SourceAge, nowMs: number): string | null {
  if (age.error) {
    const waitMs = age.nextTryAtMs === null ? null : age.nextTryAtMs - nowMs
    const wait = waitMs === null ? '' : waitMs < 1_000 ? ', trying again now' : `, next try in ${formatAge(waitMs)}`
    return `${inert(age.error.message)}${wait}`
  }
  if (age.state === 'waiting') return 'nothing read yet'
  return age.gaps > 0 ? `${age.gaps} ${age.gaps === 1 ? 'thing' : 'things'} could not be read` : null
}

type Counted = 'queues' | 'topics' | 'groups' | 'workers' | 'commands'

function counted(field: Counted, head: string, place: Pick<Column<SourceRow>, 'show' | 'drop'>): Column<SourceRow> {
  return { field, head, align: 'right', ...place, cell: (row, { exact }) => figureCell(formatCount(row[field], exact)) }
}

export const SOURCE_COLUMNS: readonly Column<SourceRow>[] = [
  { field: 'severity', head: 'STATE', show: 'always', cell: severityCell },
  { field: 'source', head: 'SOURCE', show: 'always', cell: (row) => textCell(row.source, 'strong') },
  { field: 'kind', head: 'KIND', show: 'always', drop: 4, cell: (row) => row.kind },
  {
    field: 'state',
    head: 'FRESH',
    show: 'always',
    cell: (row, { exact, glyphs }) => {
      const mark = freshnessMark(row.state, glyphs)
      return { text: exact ? row.state : `${mark.text} ${row.state}`, tone: mark.tone }
    },
  },
  {
    field: 'observedAtMs',
    head: 'AGE',
    align: 'right',
    show: 'always',
    cell: (row, context) => ageCell(row.observedAtMs, context),
  },
  counted('queues', 'QUEUES', { show: 'always' }),
  counted('topics', 'TOPICS', { show: 'always' }),
  counted('groups', 'GROUPS', { show: 'always' }),
  counted('workers', 'WORKERS', { show: 'always', drop: 3 }),
  {
    field: 'tookMs',
    head: 'TOOK',
    align: 'right',
    show: 'always',
    drop: 5,
    cell: (row, { exact }) => figureCell(exact ? formatCount(row.tookMs, true) : formatTook(row.tookMs)),
  },
  counted('commands', 'COMMANDS', { show: 'wide' }),
  bytes('bytesRead', 'BYTES READ'),
  bytes('bytesSent', 'BYTES SENT'),
  {
    field: 'systems',
    head: 'SYSTEMS',
    show: 'always',
    drop: 2,
    cell: (row, context) =>
      wordsCell(
        row.systems.map(({ name, version }) => (version === null ? name : `${name} ${version}`)),
        context,
      ),
  },
  {
    field: 'reasons',
    head: 'WHY',
    show: 'always',
    drop: 1,
    flex: true,
    cell: (row, context) => why(row, context),
  },
  { field: 'gaps', head: 'GAPS', align: 'right', show: 'wide', cell: (row) => figureCell(String(row.gaps)) },
  { field: 'intervalMs', head: 'PACE', align: 'right', show: 'wide', cell: (row) => formatDuration(row.intervalMs) },
  { field: 'nextTryAtMs', head: 'NEXT TRY', show: 'asked', cell: (row) => instantCell(row.nextTryAtMs) },
  {
    field: 'error',
    head: 'ERROR',
    show: 'asked',
    cell: (row, context) => textCell(row.error?.message ?? null) ?? noneCell(context),
  },
  { field: 'ref', head: 'REF', show: 'asked', cell: (row) => textCell(row.ref) },
]

function bytes(field: 'bytesRead' | 'bytesSent', head: string): Column<SourceRow> {
  return {
    field,
    head,
    align: 'right',
    show: 'wide',
    cell: (row, { exact }) => figureCell(formatBytes(row[field], exact)),
  }
}

function why(row: SourceRow, context: CellContext): Segment {
  const trouble = sourceTrouble(row, context.nowMs)
  if (trouble !== null) return { text: trouble, tone: row.error ? 'warning' : undefined }
  return wordsCell(row.reasons, context)
}
