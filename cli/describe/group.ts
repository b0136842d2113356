import type { GroupBody } from '../../server/api/group.ts'
import { type CellContext, figureCell } from '../columns/column.ts'
import { GROUP_COLUMNS } from '../columns/group-columns.ts'
import { MEMBER_COLUMNS, POSITION_COLUMNS } from '../columns/position-columns.ts'
import { formatChange, formatCount, formatDrain, formatDuration, formatRate } from '../format/figures.ts'
import { charts, type Description, factsOf, note, subTable } from './description.ts'
import { headLines } from './head.ts'

export function describeGroup(body: GroupBody, context: CellContext): Description {
  const { group, positions, positionsTotal, members, history } = body
  const shown =
    positions.length < positionsTotal ? `${positions.length} of ${positionsTotal}, worst first` : `${positionsTotal}`
  const lost = formatCount(group.lostRecords) ?? '0'
  return {
    ref: group.ref,
    head: headLines(group, { fresh: body, about: `${group.protocol} protocol, ${group.state}`, context }),
    blocks: [
      {
        title: 'BEHIND',
        facts: [
          { label: 'lag records', value: figureCell(formatCount(group.lag)) },
          { label: 'lag time', value: figureCell(formatDuration(group.lagMs), group.lagMsEstimated) },
          { label: 'in 5 m', value: figureCell(formatChange(group.lagChange5m)) },
          { label: 'drain', value: figureCell(formatDrain(group.drain, group.drainMs)) },
        ],
      },
      {
        title: 'PER SECOND',
        facts: [
          { label: 'arriving', value: figureCell(formatRate(group.inPerSecond)) },
          { label: 'consumed', value: figureCell(formatRate(group.outPerSecond)) },
        ],
      },
      {
        title: 'WHO AND WHAT',
        facts: [
          { label: 'members', value: figureCell(formatCount(group.members)) },
          { label: 'partitions', value: figureCell(formatCount(group.partitions)) },
          { label: 'topics', value: figureCell(formatCount(group.topics.length)) },
          { label: 'lost records', value: group.lostRecords > 0 ? { text: lost, tone: 'critical' } : figureCell(lost) },
        ],
      },
    ],
    charts: charts(history, [
      ['lag', 'lag records', formatCount],
      ['lagMs', 'lag time', formatDuration],
      ['inPerSecond', 'arriving', formatRate],
      ['outPerSecond', 'consumed', formatRate],
    ]),
    notes: members === null ? [note('members', 'not read yet: they are read while somebody looks')] : [],
    tables: [
      ...(positions.length === 0 ? [] : [subTable(`Partitions (${shown})`, POSITION_COLUMNS, positions)]),
      ...(members && members.length > 0 ? [subTable(`Members (${members.length})`, MEMBER_COLUMNS, members)] : []),
    ],
    facts: factsOf(GROUP_COLUMNS, group, context),
  }
}
