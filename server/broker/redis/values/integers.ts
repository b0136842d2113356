/** What 64 bits hold with a sign. */
export const MAX_64 = 9223372036854775807n
export const MIN_64 = -9223372036854775808n

const MAX_19 = '9223372036854775807'
const MIN_19 = '9223372036854775808'

/** Whether the text is a 64-bit integer in its one form, as Redis would write it: what it keeps as a number. */
export function isInteger64(text: string): boolean {
  const length = text.length
  if (length === 0 || length > 20) return false
  const first = text.charCodeAt(0)
  if (first === 48) return length === 1
  const start = first === 45 ? 1 : 0
  const digits = length - start
  if (digits === 0 || digits > 19) return false
  const lead = text.charCodeAt(start)
  if (lead < 49 || lead > 57) return false
  for (let i = start + 1; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 48 || code > 57) return false
  }
  if (digits < 19) return true
  return start === 1 ? text.slice(1) <= MIN_19 : text <= MAX_19
}

/** The order of two integers in their one form. */
export function compareIntegers(a: string, b: string): number {
  const isNegative = a.charCodeAt(0) === 45
  if (isNegative !== (b.charCodeAt(0) === 45)) return isNegative ? -1 : 1
  const larger = isNegative ? -1 : 1
  if (a.length !== b.length) return a.length < b.length ? -larger : larger
  return a < b ? -larger : a > b ? larger : 0
}
