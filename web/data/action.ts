import type { Act } from '../../server/domain/job.ts'
import type { SagaAct } from '../../server/domain/saga.ts'
import { Store } from './store.ts'

/** Something to be done with jobs, a run or a saga, once a person has seen what and said why. */
export interface ActionAsk {
  readonly act: Act | SagaAct
  /** Reference of the queue; of the run where it is about one. */
  readonly queue: string
  readonly ids?: readonly string[]
  /** Of a saga. */
  readonly step?: string
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

interface ActWords {
  readonly act: string
  readonly done: string
  /** What it is done to, counted. */
  readonly noun: 'job' | 'run' | 'step' | 'saga'
}

export const ACT_WORDS: Readonly<Record<Act | SagaAct, ActWords>> = {
  retry: { act: 'Retry', done: 'Retried', noun: 'job' },
  discard: { act: 'Discard', done: 'Discarded', noun: 'job' },
  promote: { act: 'Promote', done: 'Promoted', noun: 'job' },
  cancel: { act: 'Cancel', done: 'Cancelled', noun: 'run' },
  'force-cancel': { act: 'Force the end', done: 'Ended', noun: 'run' },
  'retry-step': { act: 'Retry', done: 'Retried', noun: 'step' },
  'skip-step': { act: 'Skip', done: 'Skipped', noun: 'step' },
  compensate: { act: 'Turn back', done: 'Turned back', noun: 'saga' },
  abandon: { act: 'Abandon', done: 'Abandoned', noun: 'saga' },
}
