/** Where one group stands in one partition. Offsets are exact integers ≤ 2^53 − 1; a larger one is a Gap. */
export interface Position {
  readonly topic: string
  readonly partition: number
  /** Next offset the group will read; null = no commit (also when the broker stores a negative one). */
  readonly committed: number | null
  /** First offset still kept; null = not read yet. committed < start: records were lost to retention. */
  readonly start: number | null
  /** Offset the next record will get, read after `committed`; null = could not be read. */
  readonly end: number | null
  /** Member that reads it now (its client id, or member id); null = nobody, or it cannot be told. */
  readonly owner: string | null
  /** Age in ms of the oldest record not yet consumed; 0 = caught up; null = cannot be told. */
  readonly lagMs: number | null
  /** Why lagMs is null, or how it was found. */
  readonly lagMsBasis: 'exact' | 'estimate' | 'no-commit' | 'no-history'
}

export interface GroupMember {
  readonly id: string
  readonly clientId: string
  readonly host: string
  /** Partitions assigned now. */
  readonly partitions: number
  /** Partitions assigned that it does not have yet, or must give up (KIP-848); null when it cannot be told. */
  readonly moving: number | null
}

export type GroupProtocol = 'classic' | 'consumer' | 'share' | 'streams' | 'unknown'
export type GroupState = 'stable' | 'rebalancing' | 'empty' | 'dead' | 'unknown'

/** Readers of topics who share the work and keep a position. */
export interface ConsumerGroup {
  readonly name: string
  readonly protocol: GroupProtocol
  readonly state: GroupState
  /** Members now; null when it could not be read. */
  readonly members: number | null
  /** Σ max(0, end − committed) over partitions with both known; null when none has. Records, never jobs. */
  readonly lag: number | null
  /** The largest lagMs of its partitions; null when none is known. */
  readonly lagMs: number | null
  readonly lagMsEstimated: boolean
  /** Partitions whose committed offset lies before the first record kept. */
  readonly lostPartitions: number
  /** Records that retention took before they were read: Σ max(0, start − committed). */
  readonly lostRecords: number
  /** Partitions with lag, or with a commit but nobody reading; ordered by lag, largest first. Positions of all partitions. */
  readonly positions: readonly Position[]
  /** Only when read (the state changed, or somebody looks); null otherwise. */
  readonly memberList: readonly GroupMember[] | null
}
