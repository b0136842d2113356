import { createServer } from 'node:net'
import { Queue } from 'bullmq'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { type BullmqApp, startBullmqApp } from '../support/bullmq-app.ts'
import { eventually } from '../support/eventually.ts'
import { commitOffsets } from '../support/kafka.ts'
import { browser, ownBrowser, shotOf, web } from '../support/page-lab.ts'
import { startServing, type TestServing } from '../support/serving.ts'
import { CHROMIUM, faultsOf, type Opened, openPage, settled, shown, VIEWS, type View } from '../support/web-browser.ts'

/**
 * The built page in a real browser, over the real server with a real Redis that is read, one that died, a RabbitMQ
 * that was never there, and a Kafka where the machine has one. Screenshots are left in a temporary folder to look at.
 */
const brokers = inject('brokers')
if (CHROMIUM === null) console.log('the web page is not tested in a browser: chromium is not installed')
const TOPIC = `web-${process.pid}.eu`
const GROUP = `web-${process.pid}`

/** Pages by the name of their screenshot; a page of Kafka only where there is one. */
const PAGES: Readonly<Record<string, string>> = {
  overview: '/',
  queues: '/queues',
  'queues-none': '/queues?filter=nothing-is-called-so',
  queue: '/queues/redis-main/emails',
  'queue-paused': '/queues/redis-main/images',
  'queue-stale': '/queues/redis-dead/orders',
  groups: '/groups',
  topics: '/topics',
  workers: '/workers',
  runs: '/runs',
  'controls-none': '/controls',
  'history-strangers': '/history',
  'queue-config': '/queues/redis-main/emails?tab=config',
  'queue-jobs-strangers': '/queues/redis-main/emails?tab=jobs',
  sources: '/sources',
  source: '/sources/redis-main',
  'source-unreachable': '/sources/rabbit-1',
  ...(brokers.kafka ? { group: `/groups/kafka-eu/${GROUP}`, topic: `/topics/kafka-eu/${TOPIC}` } : {}),
}

describe.skipIf(CHROMIUM === null || !brokers.redis)('in a browser', () => {
  let redis: StartedRedis
  let app: BullmqApp
  let serving: TestServing
  const ends: (() => unknown)[] = []

  ownBrowser()
  beforeAll(async () => {
    redis = await startRedis()
    app = await startBullmqApp(6, redis.port)
    const dying = await startRedis()
    ends.push(() => dying.stop())
    await fill(dying, 'orders', 30)
    await fill(redis, 'a/b', 3)
    await fill(redis, 'late', 1)
    if (brokers.kafka) ends.push(await fillKafka(brokers.kafka.bootstrap))
    serving = await startServing(
      {
        'redis-main': { url: redis.url },
        'redis-dead': { url: dying.url },
        'rabbit-1': { url: `amqp://guest:guest@127.0.0.1:${await closedPort()}` },
        ...(brokers.kafka ? { 'kafka-eu': { url: `kafka://${brokers.kafka.bootstrap}` } } : {}),
      },
      {},
      web.folder,
    )
    await eventually(async () => (await serving.get('queue', '/queues/redis-dead/orders')).queue.depth === 30)
    await eventually(async () => (await serving.get('queue', '/queues/redis-main/emails')).queue.depth !== null)
    if (brokers.kafka) {
      await eventually(async () => (await serving.get('group', `/groups/kafka-eu/${GROUP}`)).group.lag === 30, {
        timeoutMs: 20_000,
      })
    }
    await dying.stop()
    await eventually(async () => (await ageOf(serving, 'redis-dead')).state === 'stale', { timeoutMs: 20_000 })
  })

  afterAll(async () => {
    await serving?.close()
    await app?.close()
    await redis?.stop()
    for (const end of ends) await end()
  })

  const open = (path: string, view?: View): Promise<Opened> => openPage(browser, serving.url + path, view)

  test.each(VIEWS)('every page is accessible and fits, $theme at $width px', { timeout: 240_000 }, async (view) => {
    const { page, complaints } = await open('/', view)
    const found: string[] = []
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(serving.url + path)
      await settled(page)
      await page.screenshot({ path: shotOf(name, view) })
      found.push(...(await faultsOf(page, path)))
    }
    await page.context().close()
    expect(found).toEqual([])
    expect(complaints).toEqual([])
  })

  test('each number on a queue page is the one of BullMQ', async () => {
    const { page } = await open('/queues/redis-main/emails')
    const counts = await app.emails.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed')
    const text = await shown(page.locator('main dl').first())
    expect(text).toMatch(new RegExp(`waiting\\s+${(counts.wait ?? 0) + (counts.prioritized ?? 0)}\\b`))
    expect(text).toMatch(new RegExp(`active\\s+${counts.active}\\b`))
    expect(text).toContain(`${counts.failed} dead`)
    await page.context().close()
  })

  test('a new number reaches an open page by itself', async () => {
    const { page } = await open('/queues/redis-main/a%252Fb')
    const heads = page.locator('main dl').first()
    expect(await shown(heads)).toMatch(/waiting\s+3\b/)
    await fill(redis, 'a/b', 2)
    await eventually(async () => /waiting\s+5\b/.test(await shown(heads)), { timeoutMs: 15_000 })
    await page.context().close()
  })

  test('what is unknown is a dash with its reason, and never 0', async () => {
    const { page } = await open('/queues/redis-main/emails?tab=config')
    const facts = await shown(page.locator('main'))
    const { cannotTell } = await serving.get('queue', '/queues/redis-main/emails')
    for (const reason of Object.values(cannotTell)) expect(facts).toContain(reason)
    await page.goto(`${serving.url}/queues`)
    await settled(page)
    expect(await page.locator('[title^="unknown: "]').count()).toBeGreaterThan(0)
    await page.context().close()
  })

  test('a source that died is said to be so, with its age and cause, and the verdict is not "all clear"', async () => {
    const { page } = await open('/')
    expect(await shown(page.locator('h1'))).not.toContain('All clear')
    const main = await shown(page.locator('main'))
    expect(main).toContain('redis-dead')
    await page.goto(`${serving.url}/queues/redis-dead/orders`)
    await settled(page)
    expect(await shown(page.locator('main'))).toMatch(/last seen \d\d:\d\d:\d\d/)
    await page.context().close()
  })

  test('rows never move under the pointer, and s takes the new order', async () => {
    const { page } = await open('/queues?sort=-depth&source=redis-main')
    const names = () => page.locator('[role=row][data-place] a').allInnerTexts()
    const before = await names()
    await page.locator('[data-place="1"]').hover()
    await fill(redis, 'late', 200)
    await page.getByText(/order change/).waitFor({ timeout: 15_000 })
    expect(await names()).toEqual(before)
    await page.keyboard.press('s')
    await eventually(async () => (await names())[0] === 'redis-main/late')
    await page.context().close()
  })

  test('a list is found, filtered, opened and left by keyboard alone', async () => {
    const { page } = await open('/')
    await page.keyboard.press('g')
    await page.keyboard.press('q')
    await page.waitForURL('**/queues')
    await page.keyboard.press('/')
    await page.keyboard.type('ema')
    await page.waitForURL('**/queues?filter=ema')
    await page.locator('[data-place="0"] a').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('j')
    await page.locator('[data-place="0"]:focus').waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/queues/redis-main/emails')
    expect(await page.title()).toMatch(/^.\d* · emails · Sluice$/)
    await page.keyboard.press('Escape')
    await page.waitForURL('**/queues')
    await page.context().close()
  })

  test('a name that is not there names the nearest, as links', async () => {
    const { page } = await open('/queues/redis-main/email')
    await page.getByRole('heading', { name: 'Not found' }).waitFor()
    await page.getByRole('link', { name: 'redis-main/emails' }).click()
    await page.waitForURL('**/queues/redis-main/emails')
    await page.context().close()
  })

  test('a page that lost its server says so, and is live again when the server is', { timeout: 90_000 }, async () => {
    const sources = { 'redis-main': { url: redis.url } }
    const first = await startServing(sources, {}, web.folder)
    const port = Number(new URL(first.url).port)
    const page = await browser.newPage()
    await page.goto(`${first.url}/queues`)
    await settled(page)
    await first.close()
    await page.getByText('Live updates lost').waitFor({ timeout: 30_000 })
    const second = await startServing(sources, { server: { port } }, web.folder)
    await page.getByText('Live updates lost').waitFor({ state: 'detached', timeout: 45_000 })
    await page.close()
    await second.close()
  })
})

async function ageOf(serving: TestServing, source: string) {
  const age = (await serving.get('overview')).sources.find((one) => one.source === source)
  if (!age) throw new Error(`no source ${source}`)
  return age
}

async function fill({ host, port }: StartedRedis, name: string, count: number): Promise<void> {
  const queue = new Queue(name, { connection: { host, port } })
  await queue.addBulk(Array.from({ length: count }, () => ({ name: 'ok', data: {} })))
  await queue.close()
}

/** A topic with 40 records, of which a group without members has read 10. Returns what removes both. */
async function fillKafka(bootstrap: string): Promise<() => Promise<void>> {
  const kafka = new Kafka({ clientId: 'web-test', brokers: [bootstrap], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const producer = kafka.producer()
  await admin.connect()
  await producer.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: TOPIC, numPartitions: 4 }] })
  const messages = Array.from({ length: 40 }, (_, index) => ({ value: 'x', partition: index % 4 }))
  await producer.send({ topic: TOPIC, messages })
  await producer.disconnect()
  await commitOffsets(bootstrap, GROUP, TOPIC, [
    [0, 10],
    [1, 0],
    [2, 0],
    [3, 0],
  ])
  return async () => {
    await admin.deleteGroups([GROUP]).catch(() => undefined)
    await admin.deleteTopics({ topics: [TOPIC] }).catch(() => undefined)
    await admin.disconnect()
  }
}

/** A port of this machine on which nothing listens. */
function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
