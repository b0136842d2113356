import type { Lever, PlacedControl, Verb } from './control.ts'
import type { OpsCode } from './errors.ts'
import type { ConsumerGroup } from './group.ts'
import type { Queue, QueueFigure, SystemName } from './queue.ts'
import type { Run } from './run.ts'
import type { Topic } from './topic.ts'
import type { Worker } from './worker.ts'

export type SourceKind = 'redis' | 'rabbitmq' | 'kafka'

/** Something that one snapshot could not read. [] in a snapshot = complete. */
export interface Gap {
  /** What is missing, in words a person can act on: `queue counts of sidekiq`, `topic sizes`. */
  readonly what: string
  readonly code: OpsCode
  readonly message: string
}

/** One job system, or the broker itself, found in a source. */
export interface SystemFound {
  readonly name: SystemName
  readonly version: string | null
  /** Why a figure of its queues is always null: shown where the dash is. */
  readonly cannotTell: Partial<Record<QueueFigure, string>>
  /** What makes an order true here, or why nothing does. Absent = nothing does yet. */
  readonly levers?: Readonly<Record<Verb, Lever>>
}

/** One node of the broker, or the server itself. Null = not told. */
export interface Node {
  readonly name: string
  readonly role: string | null
  readonly version: string | null
  readonly memoryBytes: number | null
  readonly memoryLimitBytes: number | null
  readonly connections: number | null
  /** Alarms and states that hold work back: `memory alarm`, `disk alarm`, `loading`, `maxmemory reached` … */
  readonly alarms: readonly string[]
}

/** What reading cost the broker. Counted, not estimated. */
export interface Cost {
  /** Commands, HTTP requests or protocol requests sent. */
  readonly commands: number
  readonly bytesSent: number
  readonly bytesRead: number
}

/** All that one source said at one moment. */
export interface Snapshot {
  readonly source: string
  readonly kind: SourceKind
  /** Unix ms at which reading began. */
  readonly takenAtMs: number
  readonly tookMs: number
  readonly cost: Cost
  readonly systems: readonly SystemFound[]
  readonly nodes: readonly Node[]
  readonly queues: readonly Queue[]
  readonly topics: readonly Topic[]
  readonly groups: readonly ConsumerGroup[]
  readonly runs: readonly Run[]
  readonly workers: readonly Worker[]
  /** Controls read back from the source. Absent = it holds none of ours. */
  readonly controls?: readonly PlacedControl[]
  readonly gaps: readonly Gap[]
}
