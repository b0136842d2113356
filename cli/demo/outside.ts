import type { Question, Reply } from './world.ts'

/** The systems outside, as a process of the shop reaches them: over the channel to the demo's own process. */
export class Outside {
  readonly #waiting = new Map<number, { readonly resolve: () => void; readonly reject: (error: Error) => void }>()
  readonly #send: (question: Question) => void
  #asked = 0

  constructor(send: (question: Question) => void) {
    this.#send = send
  }

  /** @param cost how much it reads, 1 = a row by its key @throws Error in the words of the database */
  query(cost = 1): Promise<void> {
    return this.#ask('database', cost)
  }

  /** @throws Error in the words of the provider */
  sendMail(): Promise<void> {
    return this.#ask('mail', 0)
  }

  isMailBusy(): Promise<boolean> {
    return this.#ask('is-mail-busy', 0).then(
      () => false,
      () => true,
    )
  }

  /** @throws Error in the words of the bank */
  charge(): Promise<void> {
    return this.#ask('bank', 0)
  }

  answered({ id, error }: Reply): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === null) waiting?.resolve()
    else waiting?.reject(new Error(error))
  }

  #ask(to: Question['to'], cost: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asked += 1
      this.#waiting.set(this.#asked, { resolve, reject })
      this.#send({ id: this.#asked, to, cost })
    })
  }
}
