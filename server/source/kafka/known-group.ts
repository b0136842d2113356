import type { GroupMember, GroupProtocol, GroupState, Position } from '../../domain/group.ts'
import { DESCRIPTION_MS, POSITIONS_GUESS } from './limits.ts'

/** Members of a group and what each reads, as described at one moment. */
export interface Description {
  readonly atMs: number
  readonly state: GroupState
  /** Null = this kind of group could not be described. */
  readonly members: readonly GroupMember[] | null
  /** Who reads what: client id (or member id) by topic and partition. */
  readonly owners: ReadonlyMap<string, ReadonlyMap<number, string>>
}

/** Where a group stood, read in one refresh: committed, start and end belong together. */
export interface Reading {
  readonly atMs: number
  readonly positions: readonly Position[]
}

/** What is known of one group from one refresh to the next. The source's private store. */
export interface KnownGroup {
  readonly name: string
  protocol: GroupProtocol
  state: GroupState
  /** As listed when it was last described: another now means that members came or went. */
  stateDescribed: GroupState | null
  coordinator: number
  description: Description | null
  reading: Reading | null
  /** For planning: how many positions it had. */
  positionsBefore: number
  wasLagging: boolean
  /** Monotonic time at which its coordinator last listed it. */
  listedMs: number
}

export function newGroup(name: string, coordinator: number): KnownGroup {
  return {
    name,
    protocol: 'unknown',
    state: 'unknown',
    stateDescribed: null,
    coordinator,
    description: null,
    reading: null,
    positionsBefore: POSITIONS_GUESS,
    wasLagging: false,
    listedMs: 0,
  }
}

/** Members now; null when it cannot be told. A group that is empty or dead has none, whatever its kind. */
export function membersOf(group: KnownGroup, nowMs: number): readonly GroupMember[] | null {
  if (group.state === 'empty' || group.state === 'dead') return []
  const { description } = group
  if (!description || nowMs - description.atMs > DESCRIPTION_MS) return null
  return description.members
}
