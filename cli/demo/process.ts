import { seeded } from '../../server/domain/seeded.ts'
import { createJobs } from '../../server/runtime/index.ts'
import { Outside } from './outside.ts'
import { REDIS_VARIABLE, ROLES, type Role, type StartRole } from './role.ts'
import { defineShop } from './shop-jobs.ts'
import { startStorefront } from './storefront.ts'
import { startCheckout, startMailer, startOffice } from './workers.ts'
import type { Reply } from './world.ts'

/** What a process is told: the reply of a system outside, or to end. */
export type ToProcess = Reply | 'end'

const STARTS: Readonly<Record<Role, StartRole>> = {
  storefront: startStorefront,
  checkout: startCheckout,
  mailer: startMailer,
  backstage: async (shop) => {
    // BullMQ is loaded where it is used.
    const { startStudio } = await import('./studio.ts')
    const ends = await Promise.all([startStudio(shop), startOffice(shop)])
    return () => Promise.all(ends.map((end) => end()))
  },
}

/** A process of the shop, started by `shop.ts` with its role and a seed. It ends with the demo, however that ends. */
export async function runShopProcess([name = '', seed = '']: readonly string[]): Promise<void> {
  const role = ROLES.find((one) => one === name)
  const redis = process.env[REDIS_VARIABLE] ?? ''
  const send = process.send?.bind(process)
  if (!role || !send) throw new Error('this is a part of `sluice demo`, which starts it')
  process.on('disconnect', () => process.exit())
  // The demo may have ended while this process was being loaded.
  if (!process.connected) process.exit()
  // Ctrl-C reaches every process of the terminal: the demo's own ends the others, in order.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

  const chance = seeded(Number(seed))
  const outside = new Outside((question) => void send(question, undefined, undefined, () => undefined))
  const jobs = createJobs({ redis, chance })
  let end: () => Promise<unknown> = async () => undefined
  process.on('message', (message: ToProcess) => {
    if (message !== 'end') return outside.answered(message)
    void Promise.all([end(), jobs.close()]).finally(() => process.exit())
  })
  end = await STARTS[role]({ redis, jobs, defined: defineShop(jobs, outside), outside, chance })
}
