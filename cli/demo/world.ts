import { setTimeout as delay } from 'node:timers/promises'
import { seeded } from '../../server/domain/seeded.ts'
import { ShopDatabase } from './database.ts'
import { type Answer, bankAnswer, MailProvider } from './providers.ts'

/** A question of one process of the shop to a system outside; `cost` is for the database alone. */
export interface Question {
  readonly id: number
  readonly to: 'database' | 'mail' | 'is-mail-busy' | 'bank'
  readonly cost: number
}

export interface Reply {
  readonly id: number
  /** Null = done. */
  readonly error: Answer
}

/** How long each takes when it is not busy, ms: at least, and by chance more. */
const MAIL_MS = { least: 120, more: 240 } as const
const BANK_MS = { least: 90, more: 260 } as const

/** What all processes of the shop share and cannot do without: its database, a mail provider, a bank. */
export class World {
  readonly database: ShopDatabase
  readonly #chance: () => number
  readonly #mail: MailProvider
  readonly #startedMs = performance.now()

  constructor(seed: number, onRecovered: (afterMs: number) => void) {
    this.#chance = seeded(seed)
    this.database = new ShopDatabase(this.#chance, onRecovered)
    this.#mail = new MailProvider(this.#chance)
  }

  /** Never rejects: what a system refuses is its answer. */
  async answer({ id, to, cost }: Question): Promise<Reply> {
    const error = await this.#ask(to, cost).catch((thrown: Error) => thrown.message)
    return { id, error }
  }

  close(): void {
    this.database.close()
  }

  async #ask(to: Question['to'], cost: number): Promise<Answer> {
    const nowMs = performance.now() - this.#startedMs
    if (to === 'is-mail-busy') return this.#mail.isBusy(nowMs) ? 'busy' : null
    if (to === 'database') {
      await this.database.query(cost)
      return null
    }
    const { least, more } = to === 'mail' ? MAIL_MS : BANK_MS
    await delay(least + more * this.#chance())
    return to === 'mail' ? this.#mail.send(nowMs) : bankAnswer(this.#chance)
  }
}
