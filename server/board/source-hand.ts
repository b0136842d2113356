import { OpsError } from '../domain/errors.ts'
import type { ControlPort, JobPort, SagaPort, Source } from '../domain/source.ts'
import { Refusal } from './refusal.ts'

/** How the board acts on one source. */
export interface Actable extends Pick<Source, 'id' | 'controls' | 'jobs' | 'sagas'> {
  /** Asks for a snapshot soon, so that what was done shows; bounded by the collector. */
  refresh(): void
}

/** @throws Refusal not-found */
export function handOf(hands: ReadonlyMap<string, SourceHand>, source: string): SourceHand {
  const hand = hands.get(source)
  if (!hand) throw new Refusal('not-found', `No source is called "${source}"`)
  return hand
}

/** Every write and every look at single units has this long, whatever its source does with the signal. */
const ACT_MS_MAX = 2_000
/** More than this waiting for their turn are refused. */
const WAITING_MAX = 300

/** Acts on one source: one write in flight, each with a deadline of our own. */
export class SourceHand {
  readonly #source: Actable
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0
  /** A call that was given up and has not ended. */
  #stuck: Promise<unknown> | null = null

  constructor(source: Actable) {
    this.#source = source
  }

  refresh(): void {
    this.#source.refresh()
  }

  /** Places, lifts or puts back, in turn. @throws OpsError; after `timeout` it is not known whether it was done */
  async control<T>(op: string, act: (port: ControlPort, signal: AbortSignal) => Promise<T>): Promise<T> {
    const port = this.#source.controls
    if (!port) throw new OpsError('unsupported', op, `Sluice only reads ${this.#source.id}`)
    return this.#inTurn(op, (signal) => act(port, signal))
  }

  /** Changes units or runs, in turn. @throws OpsError */
  async perform<T>(op: string, act: (port: JobPort, signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#inTurn(op, (signal) => act(this.#jobs(op), signal))
  }

  /** Looks at units; needs no turn. @throws OpsError */
  async look<T>(op: string, act: (port: JobPort, signal: AbortSignal) => Promise<T>): Promise<T> {
    const port = this.#jobs(op)
    return withDeadline(op, (signal) => act(port, signal))
  }

  /** Looks at sagas; needs no turn. @throws OpsError */
  async inspect<T>(op: string, act: (port: SagaPort, signal: AbortSignal) => Promise<T>): Promise<T> {
    const port = this.#sagas(op)
    return withDeadline(op, (signal) => act(port, signal))
  }

  /** Changes a saga, in turn. @throws OpsError */
  async repair<T>(op: string, act: (port: SagaPort, signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#inTurn(op, (signal) => act(this.#sagas(op), signal))
  }

  #sagas(op: string): SagaPort {
    const port = this.#source.sagas
    if (!port) throw new OpsError('unsupported', op, `${this.#source.id} has no sagas of Sluice's runtime`)
    return port
  }

  #jobs(op: string): JobPort {
    const port = this.#source.jobs
    if (!port) throw new OpsError('unsupported', op, `Sluice cannot look at single jobs of ${this.#source.id}`)
    return port
  }

  async #inTurn<T>(op: string, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_MAX) throw new OpsError('refused', op, `${this.#source.id} has too much to do already`)
    this.#waiting++
    const before = this.#last
    const turn = before.then(() => this.#act(op, act)).finally(() => this.#waiting--)
    // The next one waits for this to end, well or not.
    this.#last = turn.catch(() => {})
    return turn
  }

  async #act<T>(op: string, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#stuck) throw new OpsError('timeout', op, `the last write to ${this.#source.id} has not ended yet`)
    return withDeadline(op, (signal) => {
      const acting = act(signal)
      this.#stuck = acting
      const ended = () => {
        this.#stuck = null
      }
      acting.then(ended, ended)
      return acting
    })
  }
}

async function withDeadline<T>(op: string, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const trying = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      trying.abort()
      reject(new OpsError('timeout', op, `no answer within ${ACT_MS_MAX / 1_000} s`))
    }, ACT_MS_MAX)
  })
  try {
    return await Promise.race([act(trying.signal), late])
  } finally {
    clearTimeout(timer)
  }
}
