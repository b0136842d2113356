/** A process that takes work. Null = the system does not tell. */
export interface Worker {
  /** Unique within its source. */
  readonly id: string
  readonly system: string
  readonly host: string | null
  readonly pid: number | null
  readonly version: string | null
  /** Names of the queues or topics it takes from. */
  readonly serves: readonly string[]
  /** Units it can hold at once, and holds now. */
  readonly capacity: number | null
  readonly busy: number | null
  readonly phase: 'running' | 'quiet' | 'stopping' | 'gone'
  readonly startedAtMs: number | null
  readonly beatAtMs: number | null
  /** Its wall clock minus its source's, ms; absent or null = not told. */
  readonly skewMs?: number | null
}
