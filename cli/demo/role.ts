import type { Jobs } from '../../server/runtime/index.ts'
import type { Outside } from './outside.ts'
import type { ShopJobs } from './shop-jobs.ts'

/** The processes of the shop. */
export const ROLES = ['storefront', 'checkout', 'mailer', 'backstage'] as const
export type Role = (typeof ROLES)[number]

/** What a process of the shop has at hand. */
export interface Shop {
  readonly redis: string
  readonly jobs: Jobs
  readonly defined: ShopJobs
  readonly outside: Outside
  readonly chance: () => number
}

/** Begins the work of one process; resolves with how to end it. */
export type StartRole = (shop: Shop) => Promise<() => Promise<unknown>>

/** Work in hand at the end of the demo has so long, ms; nobody waits for its result. */
export const GRACE_MS = 300
/** What is over is kept to be looked at, but not for ever: the demo may stay open for days. */
export const KEPT = { endedCap: 60, deadCap: 200, graceMs: GRACE_MS } as const

/** The variable of the environment that tells a process of the shop its Redis: arguments every user of the machine can read. */
export const REDIS_VARIABLE = 'SLUICE_DEMO_REDIS'
