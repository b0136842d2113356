/**
 * The server's clock as this page knows it. Ages are told on it, so that a wrong clock on a laptop makes no old
 * number look fresh. What a message says is a little old when it arrives, so of the last few samples the latest wins.
 */
const SAMPLES_MAX = 8
/** A server clock that was set back must be believed in the end: samples older than this do not count. */
const SAMPLE_MS = 120_000

interface Sample {
  readonly offsetMs: number
  readonly takenAtMs: number
}

export class ServerClock {
  #samples: readonly Sample[] = []

  /** The server said that it is `serverMs`, heard at `localMs` of our own clock. */
  hear(serverMs: number, localMs = Date.now()): void {
    const kept = this.#samples.filter(({ takenAtMs }) => localMs - takenAtMs < SAMPLE_MS && takenAtMs <= localMs)
    this.#samples = [...kept, { offsetMs: serverMs - localMs, takenAtMs: localMs }].slice(-SAMPLES_MAX)
  }

  /** Unix ms by the server's clock; our own until it was heard. */
  nowMs(localMs = Date.now()): number {
    if (this.#samples.length === 0) return localMs
    return localMs + Math.max(...this.#samples.map(({ offsetMs }) => offsetMs))
  }
}
