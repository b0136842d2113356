import type { Log } from '../../domain/log.ts'
import type { Fault } from '../faults.ts'
import type { Durability } from './journal-port.ts'

/** What the parent hands over. */
export interface ThreadStart {
  readonly host: string | null
  readonly port: number
  readonly password: string
  readonly maxMemoryBytes: number
  /** null: nothing is kept. */
  readonly data: string | null
  readonly durability: Durability
  readonly acceptsDamage: boolean
  /** [0] grows each second; [1] is the number of the command that began last. */
  readonly beat: Int32Array
}

export type ToThread = { readonly kind: 'fault'; readonly fault: Fault } | { readonly kind: 'close' }

export type FromThread =
  | { readonly kind: 'ready'; readonly port: number; readonly commands: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | null }
  | {
      readonly kind: 'log'
      readonly level: keyof Log
      readonly event: string
      readonly fields: Record<string, unknown> | undefined
    }
