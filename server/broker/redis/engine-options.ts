import type { Clock } from '../../domain/clock.ts'
import type { Log } from '../../domain/log.ts'
import type { Timers } from '../system-clock.ts'
import type { ScriptEngine } from './lua/script-host.ts'

export interface EngineOptions {
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  /** [0, 1) */
  readonly random: () => number
  readonly scripts: ScriptEngine
  /** Bytes of memory in use, as far as this thread can tell. */
  readonly usedMemory: () => number
  /** Whether that is over a limit (0: none but the heap's own), after a look for garbage. */
  readonly isMemoryOver: (limitBytes: number) => boolean
  /** Of the default user; '' = none. */
  readonly password: string
  /** 0: no limit. */
  readonly maxMemoryBytes: number
  readonly runId: string
}

/** What the listener counts. */
export interface Traffic {
  readonly accepted: number
  readonly rejected: number
  readonly bytesIn: number
  readonly bytesOut: number
}
