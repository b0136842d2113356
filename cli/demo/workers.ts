import { setTimeout as delay } from 'node:timers/promises'
import { KEPT, type StartRole } from './role.ts'
import { startNight } from './shop-jobs.ts'

/** After that its team turned to other things; the storefront still awards points. */
const LOYALTY_MS = 4_000

/** Orders and payments, and for a moment the loyalty points that nobody looks after any more. */
export const startCheckout: StartRole = async ({ jobs }) => {
  const workers = [
    jobs.worker({ queues: ['orders', 'payments'], concurrency: 8, ...KEPT }),
    jobs.worker({ queues: ['payments', 'orders'], concurrency: 8, ...KEPT }),
  ]
  const loyalty = jobs.worker({ queues: ['loyalty-points'], concurrency: 1, ...KEPT })
  await Promise.all([...workers, loyalty].map((worker) => worker.start()))
  const leaving = new AbortController()
  const left = delay(LOYALTY_MS, undefined, { signal: leaving.signal }).then(
    () => loyalty.stop(),
    () => undefined,
  )
  return async () => {
    leaving.abort()
    await left
  }
}

/** Everything that goes by mail. */
export const startMailer: StartRole = async ({ jobs, defined }) => {
  jobs.schedule(defined.sendNewsletter, { issue: 'weekly' }, { name: 'newsletter', cron: '*/4 * * * *' })
  const workers = [
    jobs.worker({ queues: ['mails', 'reminders'], concurrency: 2, ...KEPT }),
    jobs.worker({ queues: ['mails', 'newsletter'], concurrency: 2, ...KEPT }),
  ]
  await Promise.all(workers.map((worker) => worker.start()))
  return async () => undefined
}

/** What runs at night; here the night has just begun. */
export const startOffice: StartRole = async ({ jobs, defined }) => {
  jobs.schedule(defined.closeDay, {}, { name: 'close-day', cron: '30 2 * * *', timeZone: 'Europe/Berlin' })
  await jobs.worker({ queues: ['back-office'], concurrency: 2, ...KEPT }).start()
  await startNight(jobs, defined.backfillInvoices, { night: 1, delayMs: 0 })
  return async () => undefined
}
