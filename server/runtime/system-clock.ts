import { randomInt } from 'node:crypto'
import type { Clock } from '../domain/clock.ts'

/** This machine's clocks, for workers that were given no other. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

/** Evenly in [0, 1). A port, so that a test can choose. */
export type Chance = () => number

export const systemChance: Chance = () => randomInt(2 ** 32) / 2 ** 32
