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
  /** How often; 1 when not given. */
  readonly times?: number
}

const FAULTS_MAX = 1_000

/** The faults that are still to happen, first come first served. */
export class Faults {
  #pending: { readonly fault: Fault; left: number }[] = []

  get isEmpty(): boolean {
    return this.#pending.length === 0
  }

  add(fault: Fault): void {
    if (this.#pending.length >= FAULTS_MAX) throw new RangeError(`more than ${FAULTS_MAX} faults wait to happen`)
    this.#pending.push({ fault, left: fault.times ?? 1 })
  }

  clear(): void {
    this.#pending = []
  }

  /** What is to happen to this request, and once less from now on. */
  take(request: string): Fault['effect'] | null {
    const one = this.#pending.find(({ fault }) => fault.request === request)
    if (one === undefined) return null
    one.left--
    if (one.left <= 0) this.#pending = this.#pending.filter((other) => other !== one)
    return one.fault.effect
  }
}
