/** A day of the shop passes in this time, ms. */
export const DAY_MS = 360_000
/** It opens in the late morning, when there is something to see. */
const OPENS = 0.42

/** When most people buy: the hour as a share of the day, how wide, how high. */
const PEAKS = [
  { at: 0.52, width: 0.09, height: 0.55 },
  { at: 0.84, width: 0.1, height: 0.75 },
] as const
const NIGHT = 0.2

/** How busy the shop is after so many ms of the demo: about 0.2 at night to 1 in the evening. */
export function busyness(ms: number): number {
  const hour = (OPENS + ms / DAY_MS) % 1
  return PEAKS.reduce((sum, { at, width, height }) => {
    const away = Math.min(Math.abs(hour - at), 1 - Math.abs(hour - at))
    return sum + height * Math.exp(-((away / width) ** 2) / 2)
  }, NIGHT)
}

/** So many arrive now, whole, and on average `expected`. */
export function arrivals(expected: number, chance: () => number): number {
  return Math.floor(expected + chance())
}
