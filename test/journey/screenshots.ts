import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { kafka, kafkaAddress } from '../brokers/kafka.ts'
import { rabbitmq, rabbitmqAddress, rabbitmqctl } from '../brokers/rabbitmq.ts'
import { startRedis } from '../brokers/redis.ts'
import { ensureShared, leaveShared } from '../brokers/shared.ts'
import { startServing } from '../support/serving.ts'
import { startJobsTraffic, startKafkaTraffic, startRabbitmqTraffic, startRedisTraffic } from '../support/traffic.ts'
import { launchBrowser, openPage, settled, VIEWS } from '../support/web-browser.ts'

/**
 * `npm run screenshots -- [--seconds 90] [--folder DIR] [--only overview,run] [--stay]`: lets a small shop work on three
 * real brokers, slows one of its queues down and pauses another, and takes pictures of the pages, light and dark, wide
 * and phone. `--stay` leaves it running to be looked at.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '90' },
    folder: { type: 'string', default: 'dist/screenshots' },
    only: { type: 'string' },
    stay: { type: 'boolean', default: false },
  },
})
const VHOST = 'shop'
/** Some history before anything is held back. */
const BEFORE_CONTROLS = 0.6

const redis = await startRedis()
const rabbit = rabbitmqAddress((await ensureShared('rabbitmq', rabbitmq, { kept: false })).ports)
const log = kafkaAddress((await ensureShared('kafka', kafka(), { kept: false })).ports)
await rabbitmqctl(['add_vhost', VHOST]).catch(() => undefined)
await rabbitmqctl(['set_permissions', '-p', VHOST, 'guest', '.*', '.*', '.*'])
const traffic = await Promise.all([
  startRedisTraffic(redis),
  startJobsTraffic(redis),
  startRabbitmqTraffic(rabbit, VHOST),
  startKafkaTraffic(log),
])
const serving = await startServing(
  {
    'redis-main': redis.url,
    'rabbit-1': {
      url: `${rabbit.amqpUrl}/${VHOST}`,
      management: rabbit.managementUrl,
      prometheus: rabbit.prometheusUrl,
    },
    'kafka-eu': `kafka://${log.bootstrap}`,
  },
  { objective: { queueWait: '20s', groupLag: '20s' } },
)
console.log(`a shop works for ${values.seconds} s: ${serving.signInUrl}`)
await delay(Number(values.seconds) * 1_000 * BEFORE_CONTROLS)

const browser = await launchBrowser()
const first = await openPage(browser, serving.signInUrl)
await hold(first.page, 'redis-main/emails', { verb: 'pause' }, 'SMTP answers 429, INC-482')
await hold(first.page, 'redis-main/bulk-mail', { verb: 'throttle', perSecond: 5 }, 'leave room for order mails')
const signedIn = await first.page.context().storageState()
await delay(Number(values.seconds) * 1_000 * (1 - BEFORE_CONTROLS))

const [run] = (await serving.get('runs')).items
const pages = {
  overview: '/',
  queues: '/queues',
  queue: '/queues/redis-main/emails',
  'queue-rabbitmq': '/queues/rabbit-1/shop%2Fbilling',
  drawer: '/queues/redis-main/webhooks?do=throttle&for=15m',
  groups: '/groups',
  group: '/groups/kafka-eu/shop-analytics',
  topics: '/topics',
  topic: '/topics/kafka-eu/shop.clicks',
  runs: '/runs',
  run: `/runs/redis-main/${encodeURIComponent(run?.id ?? '')}`,
  workers: '/workers',
  controls: '/controls',
  history: '/history',
  sources: '/sources',
  source: '/sources/redis-main',
}
const wanted = values.only?.split(',') ?? Object.keys(pages)
for (const view of VIEWS) {
  const { page } = await openPage(browser, serving.url, view)
  await page.context().addCookies(signedIn.cookies)
  for (const [name, path] of Object.entries(pages).filter(([name]) => wanted.includes(name))) {
    await page.goto(`${serving.url}${path}`)
    await settled(page)
    await delay(1_000)
    const form = view.width > 500 ? 'wide' : 'phone'
    await page.screenshot({ path: join(values.folder, `${name}-${view.theme}-${form}.png`) })
  }
  await page.context().close()
}
await browser.close()
console.log(`pictures are in ${values.folder}`)
if (values.stay) await new Promise((resolve) => process.once('SIGINT', resolve))
await serving.close()
for (const one of traffic) await one.stop()
await rabbitmqctl(['delete_vhost', VHOST])
await redis.stop()
for (const name of ['rabbitmq', 'kafka']) await leaveShared(name)
process.exit()

/** As the page does it: a preview, then exactly what was previewed. */
async function hold(page: Page, target: string, order: object, reason: string): Promise<void> {
  const post = async (path: string, data: object) => {
    const headers = { origin: serving.url, 'idempotency-key': randomUUID() }
    const response = await page.context().request.post(`${serving.url}/api/v1${path}`, { data, headers })
    if (!response.ok()) throw new Error(`${target} is not held: ${await response.text()}`)
    return (await response.json()) as { fingerprint?: string }
  }
  const asked = { targets: [target], order, ttlMs: 900_000 }
  const { fingerprint } = await post('/controls:preview', asked)
  await post('/controls', { ...asked, reason, fingerprint })
}
