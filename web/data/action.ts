import type { Act } from '../../server/domain/job.ts'
import { Store } from './store.ts'

/** Something to be done with jobs or a run, once a person has seen what and said why. */
export interface ActionAsk {
  readonly act: Act
  /** Reference of the queue; of the run where it is about one. */
  readonly queue: string
  readonly ids?: readonly string[]
  /** An error group in place of ids. */
  readonly fingerprintOfErrors?: string
  readonly state?: 'dead' | 'retrying' | 'delayed' | 'pending' | 'held'
  /** What it is done to, in words: `12 jobs that failed with “timeout after # ms”`. */
  readonly what: string
  readonly onDone?: () => void
}

/** Null = nothing is asked. */
export const actionAsk = new Store<ActionAsk | null>(null)

export function askAction(ask: ActionAsk): void {
  actionAsk.set(ask)
}

export function closeAction(): void {
  actionAsk.set(null)
}

export const ACT_WORDS: Readonly<Record<Act, { readonly act: string; readonly done: string }>> = {
  retry: { act: 'Retry', done: 'Retried' },
  discard: { act: 'Discard', done: 'Discarded' },
  promote: { act: 'Promote', done: 'Promoted' },
  cancel: { act: 'Cancel', done: 'Cancelled' },
  'force-cancel': { act: 'Force the end', done: 'Ended' },
}
