import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { kafka, kafkaAddress } from '../brokers/kafka.ts'
import { rabbitmq, rabbitmqAddress, rabbitmqctl } from '../brokers/rabbitmq.ts'
import { startRedis } from '../brokers/redis.ts'
import { ensureShared, leaveShared } from '../brokers/shared.ts'
import { startServing } from '../support/serving.ts'
import { startKafkaTraffic, startRabbitmqTraffic, startRedisTraffic } from '../support/traffic.ts'

/**
 * `npm run screenshots -- [--seconds 90] [--folder DIR] [--stay]`: lets a small shop work on three real brokers and
 * takes pictures of every page, light and dark, wide and phone. `--stay` leaves it running to be looked at.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '90' },
    folder: { type: 'string', default: 'dist/screenshots' },
    stay: { type: 'boolean', default: false },
  },
})
const VHOST = 'shop'
const PAGES = {
  overview: '/',
  queues: '/queues',
  queue: '/queues/redis-main/emails',
  'queue-rabbitmq': '/queues/rabbit-1/shop%2Fbilling',
  groups: '/groups',
  group: '/groups/kafka-eu/shop-analytics',
  topics: '/topics',
  topic: '/topics/kafka-eu/shop.clicks',
  workers: '/workers',
  sources: '/sources',
  source: '/sources/redis-main',
}

const redis = await startRedis()
const rabbit = rabbitmqAddress((await ensureShared('rabbitmq', rabbitmq, { kept: false })).ports)
const log = kafkaAddress((await ensureShared('kafka', kafka(), { kept: false })).ports)
await rabbitmqctl(['add_vhost', VHOST]).catch(() => undefined)
await rabbitmqctl(['set_permissions', '-p', VHOST, 'guest', '.*', '.*', '.*'])
const traffic = await Promise.all([
  startRedisTraffic(redis),
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
console.log(`looking at ${serving.url} for ${values.seconds} s`)
await delay(Number(values.seconds) * 1_000)
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
for (const colorScheme of ['light', 'dark'] as const) {
  for (const [form, viewport] of [
    ['wide', { width: 1280, height: 720 }],
    ['phone', { width: 360, height: 740 }],
  ] as const) {
    const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1 })
    const page = await context.newPage()
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(`${serving.url}${path}`)
      await page.locator('main').waitFor()
      await delay(1_500)
      await page.screenshot({ path: join(values.folder, `${name}-${colorScheme}-${form}.png`) })
    }
    await context.close()
  }
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
