import { OpsError } from '../../domain/errors.ts'
import { offsetFetch } from '../../wire/kafka/messages/offset-fetch.ts'
import { groupedBy } from './chunks.ts'
import type { Cluster } from './cluster.ts'
import { type Gaps, kafkaError } from './gaps.ts'
import type { KnownGroup } from './known-group.ts'
import {
  GROUPS_PER_OFFSET_FETCH,
  POSITIONS_PER_CYCLE,
  POSITIONS_PER_REQUEST,
  SINGLE_OFFSET_FETCHES_PER_CYCLE,
} from './limits.ts'

export interface Commit {
  readonly topic: string
  readonly partition: number
  /** Null = none: also when the broker holds a negative one, which readers take to mean "no position". */
  readonly offset: number | null
}

export type Commits = ReadonlyMap<string, readonly Commit[] | null>

/** First version that answers for many groups. */
const BATCHED_FROM = 8

const WHAT = 'committed offsets of consumer groups'

/**
 * Which groups to read offsets of now: watched, then never read, then lagging, then active, then the rest, and within
 * each the ones read longest ago, as many as the budget of positions allows.
 */
export function planOffsetFetches(
  groups: readonly KnownGroup[],
  isWatched: (name: string) => boolean,
): readonly KnownGroup[] {
  const rank = (group: KnownGroup): number => {
    if (isWatched(group.name)) return 0
    if (!group.reading) return 1
    if (group.wasLagging) return 2
    return group.state === 'empty' || group.state === 'dead' ? 4 : 3
  }
  const waiting = groups
    // A share group has no committed offsets, and its lag is never end − start.
    .filter(({ protocol }) => protocol !== 'share')
    .map((group) => ({ group, rank: rank(group), readMs: group.reading?.atMs ?? 0 }))
  waiting.sort((a, b) => a.rank - b.rank || a.readMs - b.readMs)
  // Were the order only by rank, many lagging groups would starve the others: every second place goes by age alone.
  const byAge = [...waiting].sort((a, b) => a.readMs - b.readMs)
  const out = new Set<KnownGroup>()
  let positions = 0
  for (let i = 0; i < waiting.length && positions < POSITIONS_PER_CYCLE; i += 1) {
    for (const each of [waiting[i], byAge[i]]) {
      if (!each || out.has(each.group) || positions >= POSITIONS_PER_CYCLE) continue
      out.add(each.group)
      positions += Math.max(1, each.group.positionsBefore)
    }
  }
  return [...out]
}

/** Reads the committed offsets of these groups: few requests per coordinator. Null = it could not be read; absent = its turn comes later. */
export async function fetchCommits(
  groups: readonly KnownGroup[],
  { cluster, gaps }: { readonly cluster: Cluster; readonly gaps: Gaps },
): Promise<Commits> {
  const out = new Map<string, readonly Commit[] | null>()
  const byCoordinator = groupedBy(groups, ({ coordinator }) => coordinator)
  const read = async (coordinator: number, mine: readonly KnownGroup[]) => {
    const version = cluster.versionOf(coordinator, offsetFetch)
    if (version !== null && version < BATCHED_FROM) return singly(mine, { cluster, gaps, out })
    await Promise.all(inRequests(mine).map((batch) => batched(batch, { cluster, gaps, out })))
  }
  await Promise.all([...byCoordinator].map(([coordinator, mine]) => read(coordinator, mine)))
  return out
}

interface Into {
  readonly cluster: Cluster
  readonly gaps: Gaps
  readonly out: Map<string, readonly Commit[] | null>
}

async function batched(batch: readonly KnownGroup[], { cluster, gaps, out }: Into): Promise<void> {
  const [first] = batch
  if (!first) return
  for (const { name } of batch) out.set(name, null)
  try {
    const body = { groups: batch.map(({ name }) => ({ groupId: name, topics: null })) }
    const answer = await cluster.ask(first.coordinator, offsetFetch, body)
    for (const { groupId, errorCode, topics } of answer.groups) {
      if (errorCode === 0) out.set(groupId, commitsOf(topics, gaps))
      else if (errorCode === 69) out.set(groupId, [])
      else gaps.note(WHAT, kafkaError(errorCode, 'OffsetFetch'), { name: 'groups', count: 1 })
    }
  } catch (thrown) {
    gaps.note(WHAT, thrown, { name: 'groups', count: batch.length })
  }
}

/** Brokers before 3.0: one group a request, so fewer of them each time. */
async function singly(groups: readonly KnownGroup[], { cluster, gaps, out }: Into): Promise<void> {
  const one = async ({ name, coordinator }: KnownGroup) => {
    out.set(name, null)
    try {
      const answer = await cluster.ask(coordinator, offsetFetch, { groupId: name, topics: null })
      if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, 'OffsetFetch')
      out.set(name, commitsOf(answer.topics, gaps))
    } catch (thrown) {
      gaps.note(WHAT, thrown, { name: 'groups', count: 1 })
    }
  }
  await Promise.all(groups.slice(0, SINGLE_OFFSET_FETCHES_PER_CYCLE).map(one))
}

function commitsOf(
  topics: readonly {
    readonly name: string
    readonly partitions: readonly {
      readonly partitionIndex: number
      readonly committedOffset: number | null
      readonly errorCode: number
    }[]
  }[],
  gaps: Gaps,
): readonly Commit[] {
  const out: Commit[] = []
  for (const { name, partitions } of topics) {
    for (const { partitionIndex, committedOffset, errorCode } of partitions) {
      if (errorCode !== 0) {
        gaps.note(WHAT, kafkaError(errorCode, 'OffsetFetch'), { name: 'partitions', count: 1 })
      } else if (committedOffset === null) {
        const error = new OpsError('malformed', 'OffsetFetch', `committed offset of ${name} beyond 2^53 − 1`)
        gaps.note(WHAT, error, { name: 'partitions', count: 1 })
      }
      const offset = errorCode === 0 && committedOffset !== null && committedOffset >= 0 ? committedOffset : null
      out.push({ topic: name, partition: partitionIndex, offset })
    }
  }
  return out
}

function inRequests(groups: readonly KnownGroup[]): readonly (readonly KnownGroup[])[] {
  const out: KnownGroup[][] = []
  let positions = Number.POSITIVE_INFINITY
  for (const group of groups) {
    const last = out[out.length - 1]
    if (!last || positions >= POSITIONS_PER_REQUEST || last.length >= GROUPS_PER_OFFSET_FETCH) {
      out.push([group])
      positions = group.positionsBefore
    } else {
      last.push(group)
      positions += group.positionsBefore
    }
  }
  return out
}
