/**
 * The hash slot of a key in a Redis Cluster: CRC16 (XMODEM: polynomial 0x1021, start 0) of the key modulo 16,384.
 * Where the key has a non-empty `{…}`, only what is between the first `{` and the next `}` counts.
 * (Redis Cluster specification, "Key distribution model" and "Hash tags".)
 */
export function keySlot(key: string): number {
  const open = key.indexOf('{')
  const close = open === -1 ? -1 : key.indexOf('}', open + 1)
  const counted = close > open + 1 ? key.slice(open + 1, close) : key
  return crc16(new TextEncoder().encode(counted)) % 16_384
}

function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff
  }
  return crc
}
