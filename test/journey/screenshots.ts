import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { openBroker } from '../../cli/demo/broker.ts'
import { ShopProcesses } from '../../cli/demo/shop.ts'
import { World } from '../../cli/demo/world.ts'
import { kafka, kafkaAddress } from '../brokers/kafka.ts'
import { rabbitmq, rabbitmqAddress, rabbitmqctl } from '../brokers/rabbitmq.ts'
import { ensureShared, leaveShared } from '../brokers/shared.ts'
import { startServing } from '../support/serving.ts'
import { terminalPage } from '../support/terminal-picture.ts'
import { startTmux, tmuxVersion } from '../support/tmux.ts'
import { startKafkaTraffic, startRabbitmqTraffic, type Traffic } from '../support/traffic.ts'
import { launchBrowser, openPage, settled, VIEWS } from '../support/web-browser.ts'

/**
 * `npm run screenshots -- [--seconds 90] [--folder DIR] [--only overview,run] [--brokers] [--readme] [--stay]`: lets the shop of
 * `sluice demo` work, melts its database, holds two of its queues back and takes pictures of the pages, light and dark,
 * wide and phone, and of the terminal. `--brokers` adds a real RabbitMQ and a real Kafka; `--readme` puts those of README.md
 * in their place, with `--brokers` the first, else those of the demo; `--stay` leaves it running.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '90' },
    folder: { type: 'string', default: 'dist/screenshots' },
    only: { type: 'string' },
    brokers: { type: 'boolean', default: false },
    readme: { type: 'boolean', default: false },
    stay: { type: 'boolean', default: false },
  },
})
const VHOST = 'shop'
const SEED = 7
/** Some history before anything melts, and some melting before anything is held back. */
const BEFORE_INCIDENT = 0.4
const BEFORE_CONTROLS = 0.7
const README_PICTURES: readonly (readonly [from: string, to: string])[] = values.brokers
  ? [['overview-light-wide.png', 'overview.png']]
  : [
      ['overview-light-wide.png', 'demo-light.png'],
      ['overview-dark-wide.png', 'demo-dark.png'],
      ['terminal.png', 'terminal.png'],
    ]
const PROGRAM = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const seconds = (share: number) => delay(Number(values.seconds) * 1_000 * share)

const broker = await openBroker(process.env, console.error)
const world = new World(SEED, () => undefined)
const shop = new ShopProcesses({ program: PROGRAM, redis: broker.url, world, seed: SEED, onTrouble: console.error })
const others = values.brokers ? await startOthers() : { sources: {}, traffic: [] as Traffic[] }
const serving = await startServing(
  { shop: broker.url, ...others.sources },
  { objective: { queueWait: '30s', groupLag: '20s' } },
)
console.log(`a shop works for ${values.seconds} s: ${serving.signInUrl}`)
await seconds(BEFORE_INCIDENT)
world.database.melt()
await seconds(BEFORE_CONTROLS - BEFORE_INCIDENT)

const browser = await launchBrowser()
const first = await openPage(browser, serving.signInUrl)
await hold(first.page, 'shop/back-office', { verb: 'pause' }, 'INC-7: the database melts')
await hold(first.page, 'shop/mails', { verb: 'throttle', perSecond: 2 }, 'INC-7: leave room for orders')
const signedIn = await first.page.context().storageState()
await seconds(1 - BEFORE_CONTROLS)

const runs = (await serving.get('runs')).items
const run = runs.find(({ job }) => job === 'BackfillInvoices')
const pages: Readonly<Record<string, string>> = {
  overview: '/',
  queues: '/queues',
  queue: '/queues/shop/mails',
  'queue-bullmq': '/queues/shop/thumbnails',
  drawer: '/queues/shop/payments?do=throttle&for=15m',
  runs: '/runs',
  run: `/runs/shop/${encodeURIComponent(run?.id ?? '')}`,
  workers: '/workers',
  controls: '/controls',
  history: '/history',
  sources: '/sources',
  source: '/sources/shop',
  ...(values.brokers
    ? {
        'queue-rabbitmq': '/queues/rabbit-1/shop%2Fbilling',
        groups: '/groups',
        group: '/groups/kafka-eu/shop-analytics',
        topics: '/topics',
        topic: '/topics/kafka-eu/shop.clicks',
      }
    : {}),
}
const wanted = values.only?.split(',') ?? [...Object.keys(pages), 'terminal']
mkdirSync(values.folder, { recursive: true })
if (wanted.includes('terminal')) await takeTerminal(browser)
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
if (values.readme)
  for (const [from, to] of README_PICTURES) copyFileSync(join(values.folder, from), join(import.meta.dirname, to))
console.log(`pictures are in ${values.folder}`)
if (values.stay) await new Promise((resolve) => process.once('SIGINT', resolve))
await serving.close()
await shop.end()
world.close()
await broker.close()
for (const one of others.traffic) await one.stop()
if (values.brokers) {
  await rabbitmqctl(['delete_vhost', VHOST])
  for (const name of ['rabbitmq', 'kafka'] as const) await leaveShared(name)
}
process.exit()

async function startOthers() {
  const rabbit = rabbitmqAddress((await ensureShared('rabbitmq', rabbitmq, { kept: false })).ports)
  const log = kafkaAddress((await ensureShared('kafka', kafka(), { kept: false })).ports)
  await rabbitmqctl(['add_vhost', VHOST]).catch(() => undefined)
  await rabbitmqctl(['set_permissions', '-p', VHOST, 'guest', '.*', '.*', '.*'])
  const traffic: Traffic[] = await Promise.all([startRabbitmqTraffic(rabbit, VHOST), startKafkaTraffic(log)])
  const { amqpUrl, managementUrl, prometheusUrl } = rabbit
  const sources = {
    'rabbit-1': { url: `${amqpUrl}/${VHOST}`, management: managementUrl, prometheus: prometheusUrl },
    'kafka-eu': `kafka://${log.bootstrap}`,
  }
  return { sources, traffic }
}

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

/** `sluice top` as a terminal shows it. */
async function takeTerminal(browser: Browser): Promise<void> {
  if (tmuxVersion() === null) return console.log('no picture of the terminal: tmux is not installed')
  const screen = startTmux(['top'], { SLUICE_SERVER: serving.url, SLUICE_STATE_DIR: serving.stateDir })
  try {
    screen.resize(116, 22)
    await screen.shows('shop/mails')
    await delay(4_000)
    const page = await browser.newPage({ deviceScaleFactor: 2 })
    await page.setContent(terminalPage(screen.painted()))
    await page.locator('body').screenshot({ path: join(values.folder, 'terminal.png') })
    await page.close()
  } finally {
    screen.stop()
  }
}
