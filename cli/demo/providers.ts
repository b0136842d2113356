/** What a system of somebody else answers: nothing, or why not. */
export type Answer = string | null

/** Mails a second that the provider takes, on a good day and in one of its slow spells. */
const MAILS_USUAL = 16
const MAILS_SLOW = 5
/** A slow spell comes at a random moment of every so many ms, and lasts so long. */
const SPELL_EVERY_MS = 120_000
const SPELL_MS = 30_000
/** None at once: a person should have seen how it is without. */
const SPELL_FIRST_MS = 60_000
const BURST_S = 2

/** The mail provider: slow, and with a limit that it enforces. Its bucket refills with time. */
export class MailProvider {
  readonly #chance: () => number
  #tokens = MAILS_USUAL * BURST_S
  #countedMs = 0
  #spellFromMs: number

  constructor(chance: () => number) {
    this.#chance = chance
    this.#spellFromMs = SPELL_FIRST_MS + SPELL_EVERY_MS * chance()
  }

  /** It would turn the next mail away. @param nowMs since the start of the demo */
  isBusy(nowMs: number): boolean {
    this.#count(nowMs)
    return this.#tokens < 1
  }

  send(nowMs: number): Answer {
    if (this.isBusy(nowMs)) return 'SMTP 429: too many requests, slow down'
    this.#tokens -= 1
    return this.#chance() < 0.004 ? 'SMTP 451: greylisted, please try again later' : null
  }

  #count(nowMs: number): void {
    if (nowMs > this.#spellFromMs + SPELL_MS) this.#spellFromMs = nowMs + SPELL_EVERY_MS * this.#chance()
    const perSecond = nowMs > this.#spellFromMs ? MAILS_SLOW : MAILS_USUAL
    const gained = ((nowMs - this.#countedMs) / 1_000) * perSecond
    this.#tokens = Math.min(perSecond * BURST_S, this.#tokens + gained)
    this.#countedMs = nowMs
  }
}

export const CARD_DECLINED = 'bank: the card was declined'

/** The bank: mostly willing. A declined card is final, a bad gateway is worth another try. */
export function bankAnswer(chance: () => number): Answer {
  const luck = chance()
  if (luck < 0.012) return CARD_DECLINED
  return luck < 0.04 ? 'bank: 502 bad gateway' : null
}
