import { arrivals, busyness } from './day.ts'
import type { StartRole } from './role.ts'
import { addressOf, type Order } from './shop-jobs.ts'

const TICK_MS = 500
/** At the busiest hour, a second. */
const PEAK = { orders: 2.2, payments: 5, mails: 7, points: 0.5, carts: 0.15 } as const
/** In the middle of nothing somebody sends a voucher to many. */
const VOUCHERS_EVERY_MS = 75_000
const VOUCHERS = 200
/** A cart is left alone so long before somebody is reminded of it, ms. */
const CART_MS = 1_200_000
const CUSTOMERS = 40_000

/** Where the customers are: everything begins here. */
export const startStorefront: StartRole = async ({ jobs, defined, chance }) => {
  const startedMs = performance.now()
  let orders = 100_000
  let vouchersAtMs = VOUCHERS_EVERY_MS * (0.3 + chance())
  const order = (): Order => {
    orders += 1
    return { order: orders, customer: Math.floor(CUSTOMERS * chance()), cents: 500 + Math.floor(20_000 * chance()) }
  }
  const some = (perSecond: number) => Array.from({ length: arrivals(perSecond, chance) }, order)
  const mailOf = ({ order: number, customer }: Order, about: string) => {
    // Some customers mistype their address.
    const to = chance() < 0.004 ? addressOf(customer).replace('@', '.at.') : addressOf(customer)
    return { to, about: `${about} ${number}` }
  }

  /** What comes in during `seconds` of an hour as busy as `share` says. */
  async function sell(share: number, seconds: number): Promise<void> {
    const inThisTime = (perSecond: number) => some(perSecond * share * seconds)
    await Promise.all([
      ...inThisTime(PEAK.orders).map((one) => defined.placeOrder.start(one, { id: `order-${one.order}` })),
      jobs.enqueueMany(defined.settlePayment, inThisTime(PEAK.payments)),
      jobs.enqueueMany(
        defined.sendMail,
        inThisTime(PEAK.mails).map((one) => mailOf(one, 'parcel')),
      ),
      jobs.enqueueMany(defined.awardPoints, inThisTime(PEAK.points)),
      jobs.enqueueMany(defined.remindOfCart, inThisTime(PEAK.carts), { delayMs: CART_MS }),
    ])
  }

  /** The orders of the morning came before anybody looked. */
  async function catchUp(): Promise<void> {
    const mistyped = some(2).map(({ customer }) => ({ to: `customer-${customer}`, about: 'welcome' }))
    await jobs.enqueueMany(defined.sendMail, mistyped)
    await sell(1, 8)
    await jobs.enqueueMany(defined.remindOfCart, some(12), { delayMs: CART_MS })
    await jobs.enqueueMany(defined.awardPoints, some(30))
  }

  async function tick(): Promise<void> {
    const ms = performance.now() - startedMs
    await sell(busyness(ms), TICK_MS / 1_000)
    if (ms < vouchersAtMs) return
    vouchersAtMs = ms + VOUCHERS_EVERY_MS * (0.5 + chance())
    await jobs.enqueueMany(
      defined.sendMail,
      Array.from({ length: VOUCHERS }, () => mailOf(order(), 'voucher')),
      { tags: ['voucher'], priority: 'low' },
    )
  }

  await catchUp()
  // What cannot be added now is a customer who goes elsewhere: the next tick is another.
  const timer = setInterval(() => void tick().catch(() => undefined), TICK_MS)
  return async () => clearInterval(timer)
}
