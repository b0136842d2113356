import {
  defineSaga,
  FinalError,
  fromRange,
  type Job,
  type Jobs,
  type Saga,
  ThrottledError,
} from '../../server/runtime/index.ts'
import type { Outside } from './outside.ts'
import { CARD_DECLINED } from './providers.ts'

export interface Order {
  readonly order: number
  readonly customer: number
  readonly cents: number
}

export interface Mail {
  readonly to: string
  readonly about: string
}

/** Everything the shop does on Sluice's own runtime. Each process knows all of it and works on its own queues. */
export interface ShopJobs {
  readonly placeOrder: Saga<Order>
  readonly settlePayment: Job<Order>
  readonly sendMail: Job<Mail>
  readonly remindOfCart: Job<Order>
  readonly awardPoints: Job<Order>
  readonly sendNewsletter: Job<{ readonly issue: string }>
  readonly closeDay: Job<Record<string, never>>
  readonly backfillInvoices: Job<{ readonly night: number }>
}

const INVOICES = 90_000
/** Invoices in one query: a page. */
const PAGE = 25
const PAGES_AT_ONCE = 4
/** Between two pages, ms: somebody chose it when the database was younger. */
const PAGE_PAUSE_MS = 80
const NIGHT_PAUSE_MS = 20_000
const SUBSCRIBERS = 400
const MAIL_BUSY_MS = 4_000

export function defineShop(jobs: Jobs, outside: Outside): ShopJobs {
  const mail = defineMail(jobs, outside)
  return {
    ...mail,
    placeOrder: definePlaceOrder(jobs, outside, mail.sendMail),
    settlePayment: jobs.define({
      ...{
        name: 'SettlePayment',
        queue: 'payments',
        args: orderOf,
        retries: { limit: 6, baseMs: 1_000, maxMs: 60_000 },
      },
      classify: (error) => (error instanceof Error && error.message === CARD_DECLINED ? 'dead' : 'retry'),
      async perform() {
        await outside.query()
        await outside.charge()
        await outside.query()
      },
    }),
    awardPoints: jobs.define({
      ...{ name: 'AwardPoints', queue: 'loyalty-points', args: orderOf },
      perform: () => outside.query(),
    }),
    closeDay: jobs.define({
      ...{ name: 'CloseDay', queue: 'back-office', args: () => ({}) },
      perform: () => outside.query(4),
    }),
    backfillInvoices: defineBackfill(jobs, outside),
  }
}

/** The steps of an order, and what undoes each. */
function definePlaceOrder(jobs: Jobs, outside: Outside, sendMail: Job<Mail>): Saga<Order> {
  const retries = { limit: 3, baseMs: 500, maxMs: 5_000 }
  return defineSaga(jobs, {
    ...{ name: 'PlaceOrder', queue: 'orders', args: orderOf, endedCap: 50 },
    steps: [
      { name: 'reserve', retries, run: () => outside.query(), compensate: () => outside.query() },
      { name: 'charge', retries, run: () => outside.charge(), compensate: () => outside.charge() },
      { name: 'book', retries, run: () => outside.query(2), compensate: () => outside.query() },
      {
        name: 'confirm',
        run: ({ args: { order, customer }, key }) =>
          jobs.enqueue(sendMail, { to: addressOf(customer), about: `order ${order}` }, { id: key }).then(() => null),
      },
    ],
  })
}

function defineMail(jobs: Jobs, outside: Outside) {
  const sendMail = jobs.define({
    ...{ name: 'SendMail', queue: 'mails', args: (value: unknown) => value as Mail },
    retries: { limit: 8, baseMs: 2_000, maxMs: 60_000 },
    async perform({ to }) {
      if (!to.includes('@')) throw new FinalError('invalid-address', `"${to}" is no mail address`)
      await outside.query()
      await outside.sendMail()
    },
  })
  return {
    sendMail,
    remindOfCart: jobs.define({
      ...{ name: 'RemindOfCart', queue: 'reminders', args: orderOf },
      async perform({ customer }, { id }) {
        await jobs.enqueue(sendMail, { to: addressOf(customer), about: 'your cart' }, { id: `mail-${id}` })
      },
    }),
    /** Steps aside while the provider is busy: order mails go first. */
    sendNewsletter: jobs.define({
      ...{ name: 'SendNewsletter', queue: 'newsletter', args: (value: unknown) => value as { issue: string } },
      total: () => SUBSCRIBERS,
      items: (_, cursor: number | null) => fromRange({ from: 0, to: SUBSCRIBERS }, cursor),
      each: () => outside.sendMail().catch(throttled),
      throttleOn: { condition: () => outside.isMailBusy(), backoffMs: MAIL_BUSY_MS },
    }),
  }
}

/** A limit that was reached between asking and sending is no failure; and a newsletter that does not arrive is no loss. */
function throttled(error: Error): void {
  if (error.message.includes('429')) throw new ThrottledError(MAIL_BUSY_MS, error.message)
}

/** Reads every invoice again, page by page, as fast as it can: it does not know when the database suffers. */
function defineBackfill(jobs: Jobs, outside: Outside): ShopJobs['backfillInvoices'] {
  const backfill: ShopJobs['backfillInvoices'] = jobs.define({
    ...{ name: 'BackfillInvoices', queue: 'back-office', args: (value: unknown) => value as { night: number } },
    total: () => INVOICES,
    items: (_, cursor: number | null) => fromRange({ from: 0, to: INVOICES }, cursor),
    async each(invoice: number) {
      if (invoice % PAGE !== 0) return
      await Promise.all(Array.from({ length: PAGES_AT_ONCE }, () => outside.query(2)))
      await new Promise((resolve) => setTimeout(resolve, PAGE_PAUSE_MS))
    },
    // In an incident it tries again rather than give up: that is what makes it a problem.
    retries: { limit: 1_000, baseMs: 500, maxMs: 2_000 },
    maxRuntimeMs: null,
    async onComplete({ night }) {
      await startNight(jobs, backfill, { night: night + 1, delayMs: NIGHT_PAUSE_MS })
    },
  })
  return backfill
}

/** One backfill a night, however often it is asked for. */
export async function startNight(
  jobs: Jobs,
  backfill: ShopJobs['backfillInvoices'],
  { night, delayMs }: { readonly night: number; readonly delayMs: number },
): Promise<void> {
  await jobs.enqueue(backfill, { night }, { id: `backfill-night-${night}`, tags: ['nightly'], delayMs })
}

export function addressOf(customer: number): string {
  return `customer-${customer}@example.org`
}

function orderOf(value: unknown): Order {
  return value as Order
}
