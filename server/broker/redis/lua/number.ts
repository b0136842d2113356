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
  const text = roundEven(value, digits)
  const mark = text.indexOf('e')
  if (mark < 0) return text.includes('.') ? text.replace(/\.?0+$/, '') : text
  const exponent = Number(text.slice(mark + 1))
  const mantissa = text.slice(0, mark).replace(/\.?0+$/, '')
  if (exponent >= -4 && exponent < digits) return spread(mantissa, exponent)
  const sign = exponent < 0 ? '-' : '+'
  const size = Math.abs(exponent)
  return `${mantissa}e${sign}${size < 10 ? '0' : ''}${size}`
}

/** C rounds an exact half to the even digit, JavaScript up. All digits of a double that ends so soon are within the 20 more. */
function roundEven(value: number, digits: number): string {
  const text = value.toExponential(digits - 1)
  const longer = value.toExponential(digits + HALF.length - 1)
  const mark = longer.indexOf('e')
  const end = mark - HALF.length
  if (longer.slice(end, mark) !== HALF || Number(longer[end - 1] === '.' ? longer[end - 2] : longer[end - 1]) % 2 === 1)
    return text
  return longer.slice(0, end) + longer.slice(mark)
}
const HALF = `5${'0'.repeat(20)}`

/** 1.234 with exponent 2 → 123.4. */
function spread(mantissa: string, exponent: number): string {
  const sign = mantissa[0] === '-' ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  if (digits.length <= exponent + 1) return sign + digits + '0'.repeat(exponent + 1 - digits.length)
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
}

/**
 * A string as a number, as `strtod` and Lua 5.1 read it: blanks around it, hexadecimal too, `inf` and `nan`. Undefined: it is none.
 */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '')
  if (trimmed === '') return undefined
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return Number(trimmed)
  const hexadecimal = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)(?:[pP]([+-]?\d+))?$/.exec(trimmed)
  if (hexadecimal !== null) {
    const [, sign = '', whole = '', fraction = '', power = '0'] = hexadecimal
    if (whole + fraction === '') return undefined
    const digits = Number(BigInt(`0x${whole}${fraction}`))
    const value = digits * 2 ** (Number(power) - 4 * fraction.length)
    return sign === '-' ? -value : value
  }
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(trimmed)
  if (word === null) return undefined
  if (word[2]?.toLowerCase() === 'nan') return NaN
  return word[1] === '-' ? -Infinity : Infinity
}
