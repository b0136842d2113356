/** Bits of a string, numbered from the highest bit of the first byte. Beyond its end all are 0. */

/** How many bits are 1 in each byte. */
const ONES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  let ones = 0
  for (let rest = byte; rest > 0; rest >>= 1) ones += rest & 1
  return ones
})

export function bitAt(text: string, offset: number): 0 | 1 {
  const place = Math.floor(offset / 8)
  if (place >= text.length) return 0
  return ((text.charCodeAt(place) >> (7 - (offset % 8))) & 1) as 0 | 1
}

/** Ones among the bits from `from` to `to`, both included and within the text. */
export function countOnes(text: string, from: number, to: number): number {
  const first = Math.floor(from / 8)
  const last = Math.floor(to / 8)
  let ones = 0
  for (let place = first; place <= last; place++) ones += ONES[byteWithin(text, place, from, to)] as number
  return ones
}

/** The first bit of that kind from `from` to `to`, both included and within the text; −1 when there is none. */
export function findBit(text: string, bit: 0 | 1, range: { readonly from: number; readonly to: number }): number {
  const last = Math.floor(range.to / 8)
  const dull = bit === 1 ? 0 : 255
  for (let place = Math.floor(range.from / 8); place <= last; place++) {
    if (text.charCodeAt(place) === dull) continue
    const end = Math.min(place * 8 + 7, range.to)
    for (let offset = Math.max(place * 8, range.from); offset <= end; offset++) {
      if (bitAt(text, offset) === bit) return offset
    }
  }
  return -1
}

/** A byte of the text without its bits outside of `from` to `to`. */
function byteWithin(text: string, place: number, from: number, to: number): number {
  let byte = text.charCodeAt(place)
  if (from > place * 8) byte &= 255 >> (from - place * 8)
  if (to < place * 8 + 7) byte &= (255 << (place * 8 + 7 - to)) & 255
  return byte
}

/** The text with zero bytes up to this length. */
export function padded(text: string, length: number): string {
  return text.length >= length ? text : text + '\0'.repeat(length - text.length)
}

/** An unsigned integer of up to 64 bits. */
export function readBits(text: string, offset: number, width: number): bigint {
  let value = 0n
  for (let i = 0; i < width; i++) value = (value << 1n) | BigInt(bitAt(text, offset + i))
  return value
}

/** The text, long enough already, with those bits replaced. */
export function writeBits(text: string, offset: number, width: number, value: bigint): string {
  const first = Math.floor(offset / 8)
  const last = Math.floor((offset + width - 1) / 8)
  const spare = (last + 1) * 8 - (offset + width)
  const mask = ((1n << BigInt(width)) - 1n) << BigInt(spare)
  let bytes = 0n
  for (let i = first; i <= last; i++) bytes = (bytes << 8n) | BigInt(text.charCodeAt(i))
  bytes = (bytes & ~mask) | ((value << BigInt(spare)) & mask)
  let middle = ''
  for (let i = last; i >= first; i--) {
    middle = String.fromCharCode(Number(bytes & 255n)) + middle
    bytes >>= 8n
  }
  return text.slice(0, first) + middle + text.slice(last + 1)
}
