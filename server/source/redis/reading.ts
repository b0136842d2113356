import type { PlacedControl } from '../../domain/control.ts'
import type { Queue } from '../../domain/queue.ts'
import type { Run } from '../../domain/run.ts'
import type { Gap, SystemFound } from '../../domain/snapshot.ts'
import type { Worker } from '../../domain/worker.ts'
import type { Scripts } from './scripts.ts'
import type { Topology } from './topology.ts'

/** What one collect gives to each reader of a job system. */
export interface Reading {
  readonly topology: Topology
  readonly scripts: Scripts
  readonly signal: AbortSignal
  /** Keys of the database, clients connected; null = not told. */
  readonly keys: number | null
  readonly clients: number | null
  readonly monotonicMs: () => number
  /** The dashboard's clock, where the server's could not be read. */
  readonly nowMs: number
  readonly watched: readonly string[]
}

/** What one job system adds to the snapshot. */
export interface SystemReading {
  readonly systems: readonly SystemFound[]
  readonly queues: readonly Queue[]
  readonly workers: readonly Worker[]
  readonly runs?: readonly Run[]
  /** Absent = none of ours can lie here. */
  readonly controls?: readonly PlacedControl[]
  readonly gaps: readonly Gap[]
}
