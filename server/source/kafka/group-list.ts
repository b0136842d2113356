import type { GroupProtocol, GroupState } from '../../domain/group.ts'
import { listGroups } from '../../wire/kafka/messages/list-groups.ts'
import type { Cluster } from './cluster.ts'
import { type Gaps, kafkaError } from './gaps.ts'

export interface ListedGroup {
  readonly name: string
  readonly protocol: GroupProtocol
  /** Null where the broker does not list states (before 2.6). */
  readonly state: GroupState | null
  /** The broker that listed it: each lists only the groups that it coordinates. */
  readonly coordinator: number
}

/**
 * All groups, asked of every broker. What a broker listed it also coordinates, so nobody needs to be asked who
 * coordinates what. `answered`: the brokers whose list is in.
 */
export async function listAllGroups(
  cluster: Cluster,
  gaps: Gaps,
): Promise<{ readonly groups: Map<string, ListedGroup>; readonly answered: ReadonlySet<number> }> {
  const groups = new Map<string, ListedGroup>()
  const answered = new Set<number>()
  await Promise.all(
    cluster.brokers.map(async ({ nodeId, host, port }) => {
      try {
        const answer = await cluster.ask(nodeId, listGroups, {})
        if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, 'ListGroups')
        answered.add(nodeId)
        for (const each of answer.groups) {
          const protocol = protocolOf(each.groupType)
          if (!isReader(protocol, each.protocolType)) continue
          const state = each.groupState === '' ? null : stateOf(each.groupState)
          groups.set(each.groupId, { name: each.groupId, protocol, state, coordinator: nodeId })
        }
      } catch (thrown) {
        gaps.note(`consumer groups coordinated by broker ${nodeId} (${host}:${port})`, thrown)
      }
    }),
  )
  return { groups, answered }
}

/** Workers of Kafka Connect and the like use groups to elect a leader: they read no topics. */
function isReader(protocol: GroupProtocol, protocolType: string): boolean {
  return protocol === 'share' || protocol === 'streams' || protocolType === 'consumer' || protocolType === ''
}

function protocolOf(type: string): GroupProtocol {
  const word = type.toLowerCase()
  return word === 'classic' || word === 'consumer' || word === 'share' || word === 'streams' ? word : 'unknown'
}

export function stateOf(word: string): GroupState {
  switch (word.toLowerCase()) {
    case 'stable':
      return 'stable'
    case 'empty':
      return 'empty'
    case 'dead':
      return 'dead'
    case 'preparingrebalance':
    case 'completingrebalance':
    case 'assigning':
    case 'reconciling':
    case 'notready':
      return 'rebalancing'
    default:
      return 'unknown'
  }
}
