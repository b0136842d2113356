import type { Gap, Node } from '../domain/snapshot.ts'
import type { Topic } from '../domain/topic.ts'
import { type Judgement, type Word, worstOf } from './judgement.ts'

/** Judges a source that was read: its nodes' alarms and what could not be read. */
export function judgeSource(nodes: readonly Node[], gaps: readonly Gap[]): Judgement {
  return worstOf([
    ...nodes.flatMap(({ name, alarms }) => alarms.map((alarm): Word => ['warning', `${name}: ${alarm}`])),
    ...gaps.map(({ what, message }): Word => ['notice', `cannot read ${what}: ${message}`]),
  ])
}

/** Judges a topic: replicas that fell behind. */
export function judgeTopic({ underReplicated, partitions }: Pick<Topic, 'underReplicated' | 'partitions'>): Judgement {
  if (underReplicated === null || underReplicated === 0) return worstOf([])
  return worstOf([['warning', `${underReplicated} of ${partitions} partitions under-replicated`]])
}
