/** Doubles in decimal as C's printf writes them, without their sign: exact digits, a half rounded to even. */

interface Decimal {
  /** Decimal digits, the first not 0 (but for zero itself). */
  readonly digits: string
  /** Power of ten of the first digit. */
  readonly exponent: number
}

const view = new DataView(new ArrayBuffer(8))

/** A finite double, all of its digits. */
function exact(value: number): Decimal {
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const power = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  if (power === 0 && fraction === 0n) return { digits: '0', exponent: 0 }
  const mantissa = power === 0 ? fraction : fraction | 0x10000000000000n
  const shift = (power === 0 ? 1 : power) - 1075
  if (shift >= 0) {
    const digits = (mantissa << BigInt(shift)).toString()
    return { digits, exponent: digits.length - 1 }
  }
  const digits = (mantissa * 5n ** BigInt(-shift)).toString()
  return { digits, exponent: digits.length - 1 + shift }
}

/** Keeps so many digits (0 or fewer: none but what rounds up). */
function rounded(number: Decimal, count: number): Decimal {
  const { digits, exponent } = number
  if (count >= digits.length) return { digits: digits.padEnd(count, '0'), exponent }
  if (count < 0) return { digits: '', exponent }
  const kept = digits.slice(0, count)
  const next = digits[count] ?? '0'
  const isHalf = next === '5' && /^50*$/.test(digits.slice(count))
  const isUp = isHalf ? Number(kept.at(-1) ?? '0') % 2 === 1 : next >= '5'
  if (!isUp) return { digits: kept, exponent }
  const raised = (BigInt(kept === '' ? '0' : kept) + 1n).toString().padStart(count, '0')
  return raised.length > count
    ? { digits: count === 0 ? raised : raised.slice(0, count), exponent: exponent + 1 }
    : { digits: raised, exponent }
}

/** `keepsPoint`: the `#` flag. */
export function fixed(value: number, precision: number, keepsPoint: boolean): string {
  const whole = exact(value)
  const { digits, exponent } = rounded(whole, whole.exponent + 1 + precision)
  const places = exponent < 0 ? '0'.repeat(Math.min(-exponent - 1, precision)) + digits : digits.slice(exponent + 1)
  const integer = exponent < 0 || digits === '' ? '0' : digits.slice(0, exponent + 1)
  const decimals = (digits === '' ? '' : places).padEnd(precision, '0').slice(0, precision)
  const first = digits === '' ? '0' : integer
  return precision > 0 || keepsPoint ? `${first}.${decimals}` : first
}

export function scientific(value: number, precision: number, keepsPoint: boolean): string {
  const { digits, exponent } = rounded(exact(value), precision + 1)
  const point = precision > 0 || keepsPoint ? '.' : ''
  return `${digits[0]}${point}${digits.slice(1)}${exponentText(exponent)}`
}

export function general(value: number, precision: number, keepsZeros: boolean): string {
  const count = precision === 0 ? 1 : precision
  const { digits, exponent } = rounded(exact(value), count)
  if (exponent < -4 || exponent >= count) {
    const decimals = keepsZeros ? digits.slice(1) : digits.slice(1).replace(/0+$/, '')
    const point = decimals !== '' || keepsZeros ? '.' : ''
    return `${digits[0]}${point}${decimals}${exponentText(exponent)}`
  }
  const places = exponent < 0 ? '0'.repeat(-exponent - 1) + digits : digits.slice(exponent + 1)
  const decimals = keepsZeros ? places : places.replace(/0+$/, '')
  const integer = exponent < 0 ? '0' : digits.slice(0, exponent + 1)
  return decimals !== '' || keepsZeros ? `${integer}.${decimals}` : integer
}

function exponentText(exponent: number): string {
  const size = Math.abs(exponent)
  return `e${exponent < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`
}
