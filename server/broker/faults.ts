/** What to do to one request instead of handling it: how a test, or the simulator, makes a broker misbehave. */
export interface Fault {
  /** The request's name, lower case: `evalsha`, `client|list`, `basic.publish`. */
  readonly request: string
  /**
   * answer: this instead of doing it · delay: do it `ms` later · drop: close the connection, nothing is done · lose: do it, and close the
   * connection without an answer.
   */
  readonly effect:
    | { readonly kind: 'answer'; readonly text: string }
    | { readonly kind: 'delay'; readonly ms: number }
    | { readonly kind: 'drop' }
    | { readonly kind: 'lose' }
}

const FAULTS_MAX = 1_000

/** The faults that are still to happen, first come first served. */
export class Faults {
  readonly #pending: Fault[] = []

  get isEmpty(): boolean {
    return this.#pending.length === 0
  }

  add(fault: Fault): void {
    if (this.#pending.length >= FAULTS_MAX) throw new RangeError(`more than ${FAULTS_MAX} faults wait to happen`)
    this.#pending.push(fault)
  }

  /** What is to happen to this request; null: it is to be handled. A fault happens once. */
  take(request: string): Fault['effect'] | null {
    const at = this.#pending.findIndex((fault) => fault.request === request)
    const fault = this.#pending[at]
    if (fault === undefined) return null
    this.#pending.splice(at, 1)
    return fault.effect
  }
}
