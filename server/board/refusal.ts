/** Why something that was asked for is not done, although everything works. */
export type RefusalCode = 'not-found' | 'changed' | 'conflict' | 'unsupported' | 'too-large' | 'bad-request'

/** Ends a request; the message names the thing and the remedy. */
export class Refusal extends Error {
  readonly code: RefusalCode
  /** For `changed`: what is not as it was seen, in words. */
  readonly difference: readonly string[]

  constructor(code: RefusalCode, message: string, difference: readonly string[] = []) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.difference = difference
  }
}
