import { randomInt } from 'node:crypto'

const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz'

/** `ctl_` and 10 letters or digits: 3.6 × 10^15 of them, so that two dashboards never meet. */
export function newControlId(): string {
  return `ctl_${Array.from({ length: 10 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`
}
