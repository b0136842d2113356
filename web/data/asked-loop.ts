/** What the loop needs from its surroundings. */
export interface AskedPorts<Request, Result> {
  ask(request: Request, signal: AbortSignal): Promise<Result>
  /** Of the latest request only. */
  tell(result: Result, request: Request): void
  fail(message: string, request: Request): void
}

/** Typing rests for this long before the server is asked. */
export const REST_MS = 250

/**
 * Asks for what was wanted last: after a rest, never twice at once. What is wanted while an answer is awaited is asked
 * after it, and an answer to what is no longer wanted is not told.
 */
export class AskedLoop<Request, Result> {
  readonly #ports: AskedPorts<Request, Result>
  #wanted: { readonly request: Request; readonly text: string } | null = null
  #timer: ReturnType<typeof setTimeout> | null = null
  #running: AbortController | null = null

  constructor(ports: AskedPorts<Request, Result>) {
    this.#ports = ports
  }

  /** Null: nothing is wanted. The same again is not asked again, unless `anew`. */
  want(request: Request | null, anew = false): void {
    const text = JSON.stringify(request)
    if (!anew && (this.#wanted?.text ?? 'null') === text) return
    this.#wanted = request === null ? null : { request, text }
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = request === null ? null : setTimeout(() => this.#ask(), REST_MS)
  }

  close(): void {
    this.want(null)
    this.#running?.abort()
  }

  #ask(): void {
    this.#timer = null
    const wanted = this.#wanted
    // One is under way: its end asks for what is wanted then.
    if (!wanted || this.#running) return
    const running = new AbortController()
    this.#running = running
    const isWanted = () => this.#wanted === wanted && !running.signal.aborted
    this.#ports
      .ask(wanted.request, running.signal)
      .then(
        (result) => isWanted() && this.#ports.tell(result, wanted.request),
        (error: unknown) =>
          isWanted() && this.#ports.fail(error instanceof Error ? error.message : 'no answer', wanted.request),
      )
      .finally(() => {
        this.#running = null
        if (this.#wanted && this.#wanted !== wanted && !this.#timer) this.#ask()
      })
  }
}
