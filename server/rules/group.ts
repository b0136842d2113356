import type { ConsumerGroup } from '../domain/group.ts'
import { formatCount, formatDuration } from '../domain/words.ts'
import { type Judgement, type Objective, type Word, worstOf } from './judgement.ts'

export interface GroupFacts
  extends Pick<
    ConsumerGroup,
    'state' | 'members' | 'lag' | 'lagMs' | 'lagMsEstimated' | 'lostPartitions' | 'lostRecords'
  > {
  readonly lagChange5m: number | null
}

/** Judges one consumer group. A rule is silent where a figure it needs is unknown. */
export function judgeGroup(facts: GroupFacts, objective: Objective): Judgement {
  return worstOf([lostWord(facts), lagWord(facts, objective), unattendedWord(facts, objective), stateWord(facts)])
}

function lostWord({ lostRecords, lostPartitions }: GroupFacts): Word | null {
  if (lostPartitions === 0) return null
  const where = `${lostPartitions} ${lostPartitions === 1 ? 'partition' : 'partitions'}`
  return ['critical', `data lost: retention passed the reader by ${formatCount(lostRecords)} records in ${where}`]
}

function lagWord({ lagMs, lagMsEstimated, lagChange5m }: GroupFacts, { groupLagMs }: Objective): Word | null {
  if (lagMs === null || lagMs <= groupLagMs) return null
  const reason = `${lagMsEstimated ? '~' : ''}${formatDuration(lagMs)} behind, objective ${formatDuration(groupLagMs)}`
  return [lagChange5m !== null && lagChange5m < 0 ? 'warning' : 'critical', reason]
}

function unattendedWord({ members, lag, lagMs }: GroupFacts, { groupLagMs }: Objective): Word | null {
  if (members !== 0 || lag === null || lag === 0) return null
  return [
    lagMs !== null && lagMs > groupLagMs ? 'critical' : 'warning',
    `${formatCount(lag)} records behind and no member`,
  ]
}

function stateWord({ state }: GroupFacts): Word | null {
  return state === 'rebalancing' ? ['notice', 'rebalancing'] : null
}
