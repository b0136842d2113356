/**
 * The arithmetic of INCRBYFLOAT and HINCRBYFLOAT: the 80-bit long double of x86, as Redis has it (0.1 + 0.2 is 0.3 there), with 64 bits of
 * mantissa. A number is mantissa × 2^exponent.
 */
export interface LongDouble {
  readonly mantissa: bigint
  readonly exponent: number
}

const MANTISSA_BITS = 64
/** The exponent of the largest mantissa, and of the smallest (denormals). */
const EXPONENT_MAX = 16384 - MANTISSA_BITS
const EXPONENT_MIN = -16445
/** More digits than this cannot be a number of that range; also bounds the work. */
const DIGITS_MAX = 10_000

/** The number a text is for strtold, 'infinite' for inf, null when Redis refuses it: blanks, NaN, too large, too small. */
export function parseLongDouble(text: string): LongDouble | 'infinite' | null {
  if (text.length > DIGITS_MAX) return null
  if (/^[+-]?inf(inity)?$/i.test(text)) return 'infinite'
  const decimal = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,6}))?$/i.exec(text)
  const parts = decimal ?? /^([+-]?)0x(?=\.?[0-9a-f])([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d{1,6}))?$/i.exec(text)
  if (parts === null) return null
  const [, sign, whole = '', fraction = '', exponentText = '0'] = parts
  const digits = BigInt(`${decimal === null ? '0x' : ''}${whole}${fraction}`)
  if (digits === 0n) return { mantissa: 0n, exponent: 0 }
  const signed = sign === '-' ? -digits : digits
  const rounded =
    decimal === null
      ? round(signed, 1n, Number(exponentText) - 4 * fraction.length)
      : scaleByTen(signed, Number(exponentText) - fraction.length, whole.length + fraction.length)
  return rounded === null || rounded.mantissa === 0n ? null : rounded
}

/** Null when the sum is too large. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble | null {
  const exponent = Math.min(a.exponent, b.exponent)
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent))
  return round(sum, 1n, exponent)
}

/** As `%.17Lf` prints it, without the zeros at the end. */
export function longDoubleText({ mantissa, exponent }: LongDouble): string {
  const isNegative = mantissa < 0n
  const size = isNegative ? -mantissa : mantissa
  const scaled = size * 10n ** 17n
  const units = exponent >= 0 ? scaled << BigInt(exponent) : divideToEven(scaled, 1n << BigInt(-exponent))
  const digits = units.toString().padStart(18, '0')
  const fraction = digits.slice(-17).replace(/0+$/, '')
  const text = fraction === '' ? digits.slice(0, -17) : `${digits.slice(0, -17)}.${fraction}`
  return isNegative && units !== 0n ? `-${text}` : text
}

function scaleByTen(digits: bigint, power: number, length: number): LongDouble | null {
  if (power + length > 5_000) return null
  if (power + length < -5_000) return { mantissa: 0n, exponent: 0 }
  return power >= 0 ? round(digits * 10n ** BigInt(power), 1n, 0) : round(digits, 10n ** BigInt(-power), 0)
}

/** numerator / denominator × 2^exponent to the nearest long double; null when that is infinite. */
function round(numerator: bigint, denominator: bigint, exponent: number): LongDouble | null {
  if (numerator === 0n) return { mantissa: 0n, exponent: 0 }
  const size = numerator < 0n ? -numerator : numerator
  const bits = size.toString(2).length - denominator.toString(2).length
  let shift = MANTISSA_BITS - bits
  let quotient = shifted(size, denominator, shift)
  if (quotient >= 1n << BigInt(MANTISSA_BITS)) {
    shift--
    quotient = shifted(size, denominator, shift)
  }
  if (exponent - shift < EXPONENT_MIN) {
    shift = exponent - EXPONENT_MIN
    quotient = shifted(size, denominator, shift)
  }
  if (exponent - shift > EXPONENT_MAX) return null
  return { mantissa: numerator < 0n ? -quotient : quotient, exponent: exponent - shift }
}

function shifted(size: bigint, denominator: bigint, shift: number): bigint {
  return shift >= 0
    ? divideToEven(size << BigInt(shift), denominator)
    : divideToEven(size, denominator << BigInt(-shift))
}

function divideToEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  const twice = 2n * (numerator - quotient * denominator)
  return twice > denominator || (twice === denominator && (quotient & 1n) === 1n) ? quotient + 1n : quotient
}
