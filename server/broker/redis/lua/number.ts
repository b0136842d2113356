import { parseDouble } from '../arguments.ts'
import { general } from './decimal.ts'

/** Numbers as Lua 5.1 writes and reads them. */

/** `%.14g`. NaN is written as x86 does for 0/0; JavaScript does not tell the sign of a NaN. */
export function numberText(value: number): string {
  if (value % 1 === 0 && value < 1e14 && value > -1e14) return value === 0 && 1 / value < 0 ? '-0' : String(value)
  return generalText(value, 14)
}

/** `%.17g`, as Redis 7.0 writes a number that is given to a command. */
export function argumentText(value: number): string {
  if (value % 1 === 0 && value < 1e15 && value > -1e15) return value === 0 && 1 / value < 0 ? '-0' : String(value)
  return generalText(value, 17)
}

/** `%.<digits>g` without flags. */
export function generalText(value: number, digits: number): string {
  if (value - value !== 0) return value > 0 ? 'inf' : value < 0 ? '-inf' : '-nan'
  return (value < 0 || Object.is(value, -0) ? '-' : '') + general(value, digits, false)
}

/**
 * A string as a number, as `strtod` and Lua 5.1 read it: blanks around it, hexadecimal too, `inf` and `nan`. Undefined: it is none.
 */
export function parseNumber(text: string): number | undefined {
  const word = /^[ \t-\r]*([^ \t-\r]+)[ \t-\r]*$/.exec(text)?.[1] ?? ''
  const value = parseDouble(word)
  return Number.isNaN(value) && !/^[+-]?nan$/i.test(word) ? undefined : value
}
