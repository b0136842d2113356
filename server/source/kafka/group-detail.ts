import type { GroupMember, GroupProtocol } from '../../domain/group.ts'
import { type AssignedTopic, decodeAssignment } from '../../wire/kafka/assignment.ts'
import { consumerGroupDescribe } from '../../wire/kafka/messages/consumer-group-describe.ts'
import { describeGroups } from '../../wire/kafka/messages/describe-groups.ts'
import { shareGroupDescribe } from '../../wire/kafka/messages/share-group-describe.ts'
import { chunksOf, groupedBy } from './chunks.ts'
import type { Cluster } from './cluster.ts'
import { type Gaps, isMoved, kafkaError } from './gaps.ts'
import { stateOf } from './group-list.ts'
import type { Description, KnownGroup } from './known-group.ts'
import { GROUPS_PER_DESCRIBE, MEMBERS_PER_CYCLE } from './limits.ts'

interface Member {
  readonly id: string
  readonly clientId: string
  readonly host: string
  readonly assigned: readonly AssignedTopic[]
  readonly moving: number | null
}

interface Described {
  readonly groupId: string
  readonly errorCode: number
  readonly groupState: string
  readonly members: readonly Member[]
}

const WHAT = 'members of consumer groups'

/**
 * Which groups to describe now: those whose state changed or that somebody looks at, those never described, then the
 * ones described longest ago, as many as their members allow. A group without members needs no description.
 */
export function planDescriptions(
  groups: readonly KnownGroup[],
  isWatched: (name: string) => boolean,
): readonly KnownGroup[] {
  const rank = (group: KnownGroup): number => {
    if (group.stateDescribed !== group.state || isWatched(group.name)) return Number.NEGATIVE_INFINITY
    return group.description?.atMs ?? Number.NEGATIVE_INFINITY
  }
  const active = groups
    .filter(({ state, protocol }) => state !== 'empty' && state !== 'dead' && protocol !== 'streams')
    .map((group) => ({ group, rank: rank(group) }))
    .sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank))
  const out: KnownGroup[] = []
  let members = 0
  for (const { group } of active) {
    if (members >= MEMBERS_PER_CYCLE) break
    members += group.description?.members?.length ?? 4
    out.push(group)
  }
  return out
}

/** Describes these groups, in one request per coordinator, kind and 500 groups. What fails becomes a gap. */
export async function describe(
  groups: readonly KnownGroup[],
  { cluster, gaps, nowMs }: { readonly cluster: Cluster; readonly gaps: Gaps; readonly nowMs: () => number },
): Promise<void> {
  const batches = groupedBy(groups, ({ coordinator, protocol }) => `${coordinator} ${kindOf(protocol)}`)
  const one = async (batch: readonly KnownGroup[]) => {
    try {
      const byName = new Map(batch.map((group) => [group.name, group]))
      for (const each of await ask(batch, cluster)) {
        const group = byName.get(each.groupId)
        if (group) take(group, each, { gaps, atMs: nowMs() })
      }
    } catch (thrown) {
      gaps.note(WHAT, thrown, { name: 'groups', count: batch.length })
    }
  }
  await Promise.all(
    [...batches.values()].flatMap((batch) => chunksOf(batch, GROUPS_PER_DESCRIBE).map((chunk) => one(chunk))),
  )
}

/** Which request describes it. */
function kindOf(protocol: GroupProtocol): 'classic' | 'consumer' | 'share' {
  return protocol === 'consumer' || protocol === 'share' ? protocol : 'classic'
}

function take(group: KnownGroup, said: Described, { gaps, atMs }: { gaps: Gaps; atMs: number }): void {
  if (said.errorCode !== 0) {
    // 69: ended between the list and now; 16: moved. The next list has the truth.
    if (said.errorCode !== 69 && !isMoved(said.errorCode)) {
      gaps.note(WHAT, kafkaError(said.errorCode, 'describe'), { name: 'groups', count: 1 })
    }
    return
  }
  const state = stateOf(said.groupState)
  // Asked in the classic way, a live group of another kind is "Dead": the list knows better.
  if (state === 'dead' && group.state !== 'dead') return
  group.stateDescribed = group.state
  // What is described is newer than what was listed.
  group.state = state
  group.description = descriptionOf(said.members, state, atMs)
}

function descriptionOf(members: readonly Member[], state: Description['state'], atMs: number): Description {
  const owners = new Map<string, Map<number, string>>()
  for (const { clientId, id, assigned } of members) {
    for (const { topic, partitions } of assigned) {
      const ofTopic = owners.get(topic) ?? new Map<number, string>()
      for (const partition of partitions) ofTopic.set(partition, clientId === '' ? id : clientId)
      owners.set(topic, ofTopic)
    }
  }
  const list = members.map(
    ({ id, clientId, host, assigned, moving }): GroupMember => ({
      id,
      clientId,
      host: host.replace(/^\//, ''),
      partitions: assigned.reduce((sum, { partitions }) => sum + partitions.length, 0),
      moving,
    }),
  )
  return { atMs, state, members: list, owners }
}

async function ask(batch: readonly KnownGroup[], cluster: Cluster): Promise<readonly Described[]> {
  const names = batch.map(({ name }) => name)
  const { coordinator, protocol } = batch[0] as KnownGroup
  if (protocol === 'consumer') {
    const answer = await cluster.ask(coordinator, consumerGroupDescribe, { groupIds: names })
    return answer.groups.map((group) => ({
      ...group,
      members: group.members.map((member) => ({
        id: member.memberId,
        clientId: member.clientId,
        host: member.clientHost,
        assigned: topicsOf(member.assignment),
        moving: difference(topicsOf(member.assignment), topicsOf(member.targetAssignment)),
      })),
    }))
  }
  if (protocol === 'share') {
    const answer = await cluster.ask(coordinator, shareGroupDescribe, { groupIds: names })
    return answer.groups.map((group) => ({
      ...group,
      members: group.members.map((member) => ({
        id: member.memberId,
        clientId: member.clientId,
        host: member.clientHost,
        assigned: topicsOf(member.assignment),
        moving: null,
      })),
    }))
  }
  const answer = await cluster.ask(coordinator, describeGroups, { groups: names })
  return answer.groups.map((group) => ({
    ...group,
    members: group.members.map((member) => ({
      id: member.memberId,
      clientId: member.clientId,
      host: member.clientHost,
      assigned: assignmentOf(member.memberAssignment),
      moving: null,
    })),
  }))
}

/** An assignor of the application's own may write what it likes; then we do not know who reads what. */
function assignmentOf(bytes: Uint8Array): readonly AssignedTopic[] {
  try {
    return decodeAssignment(bytes)
  } catch {
    return []
  }
}

function topicsOf(assignment: {
  readonly topicPartitions: readonly { readonly topicName: string; readonly partitions: readonly number[] }[]
}): readonly AssignedTopic[] {
  return assignment.topicPartitions.map(({ topicName, partitions }) => ({ topic: topicName, partitions }))
}

/** Partitions in one assignment and not in the other. */
function difference(a: readonly AssignedTopic[], b: readonly AssignedTopic[]): number {
  const keys = (topics: readonly AssignedTopic[]) =>
    new Set(topics.flatMap(({ topic, partitions }) => partitions.map((partition) => `${topic}\n${partition}`)))
  const [inA, inB] = [keys(a), keys(b)]
  return [...inA].filter((key) => !inB.has(key)).length + [...inB].filter((key) => !inA.has(key)).length
}
