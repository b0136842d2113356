import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createJobs, fromRange, type Jobs } from '../../server/runtime/index.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { browser, openAlso, ownBrowser, shotOf, web } from '../support/page-lab.ts'
import { redisClient } from '../support/redis.ts'
import { startServing, type TestServing } from '../support/serving.ts'
import { CHROMIUM, faultsOf, type Opened, openPage, settled, shown, VIEWS, type View } from '../support/web-browser.ts'

/**
 * A person stops work in a real browser, over the real server, a real Redis and a real worker, and sees that it stopped.
 * Screenshots are left in a temporary folder to look at.
 */
const brokers = inject('brokers')
const REASON = 'SMTP answers 429, INC-482'
const FAILED = 12
const PAUSE = { order: { verb: 'pause' }, ttlMs: 900_000 } as const

describe.skipIf(CHROMIUM === null || !brokers.redis)('controls in a browser', () => {
  let redis: StartedRedis
  let jobs: Jobs
  let serving: TestServing
  let signedIn: Opened
  let isBroken = true
  let mailing = true

  ownBrowser()
  beforeAll(async () => {
    redis = await startRedis()
    jobs = createJobs({ redis: redis.url })
    const mail = jobs.define({
      ...{ name: 'SendMail', queue: 'emails', args: (value: unknown) => value as { to: string; token: string } },
      perform: () => delay(25),
    })
    const charge = jobs.define({
      ...{ name: 'Charge', queue: 'payments', retries: { limit: 0 }, args: (value: unknown) => value as { n: number } },
      perform: ({ n }) => {
        if (isBroken) throw new Error(`timeout after ${1_000 + n} ms`)
      },
    })
    const backfill = jobs.define({
      ...{ name: 'backfill-invoices', queue: 'slow', args: (value: unknown) => value as { count: number } },
      items: ({ count }: { count: number }, cursor: number | null) => fromRange({ from: 0, to: count }, cursor),
      total: ({ count }) => count,
      each: () => delay(10),
    })
    await jobs.worker({ queues: ['emails', 'payments'], concurrency: 4 }).start()
    await jobs.worker({ queues: ['slow'], concurrency: 1 }).start()
    await jobs.enqueueMany(
      charge,
      Array.from({ length: FAILED }, (_, n) => ({ n })),
    )
    await jobs.enqueue(backfill, { count: 1_000_000 })
    void (async () => {
      while (mailing) {
        await jobs.enqueue(mail, { to: 'a@b.example', token: 'hunter2' }).catch(() => undefined)
        await delay(20)
      }
    })()
    serving = await startServing({ 'redis-main': { url: redis.url } }, {}, web.folder)
    await eventually(async () => (await serving.get('queue', '/queues/redis-main/payments')).queue.dead === FAILED, {
      timeoutMs: 20_000,
    })
    signedIn = await openPage(browser, serving.signInUrl)
  })

  afterAll(async () => {
    mailing = false
    await serving?.close()
    await jobs?.close()
    await redis?.stop()
  })

  const go = async (path: string, page: Page = signedIn.page): Promise<Page> => {
    await page.goto(serving.url + path)
    await settled(page)
    return page
  }
  const living = async () => (await serving.get('controls', '/controls?state=living')).items
  const noneLeft = () => eventually(async () => (await living()).length === 0, { timeoutMs: 15_000 })

  test('the token of the start signs in once, and leaves the address', async () => {
    const { page } = signedIn
    expect(page.url()).not.toContain('token')
    const { actor } = await serving.read('session')
    await page
      .locator('header')
      .getByText(actor ?? '?', { exact: true })
      .waitFor()
  })

  test('who is not signed in sees every act, disabled, and is told how to sign in', async () => {
    const { page } = await openPage(browser, `${serving.url}/queues/redis-main/emails`)
    const pause = page.getByRole('button', { name: 'Pause…' })
    await eventually(async () => (await pause.getAttribute('aria-disabled')) === 'true')
    await pause.click({ force: true })
    await page.getByText('sluice serve').first().waitFor()
    await page.keyboard.press('p')
    expect(await page.locator('dialog[open]').count()).toBe(0)
    await page.context().close()
  })

  test('a queue is paused by keyboard alone, followed to its effect, and undone', { timeout: 90_000 }, async () => {
    const page = await go('/queues/redis-main/emails')
    await page.keyboard.press('p')
    const drawer = page.getByRole('dialog')
    await drawer.waitFor()
    // Targets, how long, until, reason: three stops away.
    for (let stop = 0; stop < 3; stop++) await page.keyboard.press('Tab')
    await page.keyboard.type(REASON)
    await drawer.getByText('Preview by the server').waitFor()
    await drawer.getByRole('button', { name: 'Pause 1 queue for 15 m' }).waitFor()
    await page.screenshot({ path: shotOf('drawer-preview') })
    await eventually(async () => (await shown(drawer.locator('#drawer-missing'))) === '')
    await page.keyboard.press('Control+Enter')
    await drawer.getByText('in effect (reached)').waitFor({ timeout: 20_000 })
    await page.screenshot({ path: shotOf('drawer-in-effect') })
    expect(await faultsOf(page, 'the drawer, in effect')).toEqual([])
    const [control] = await living()
    expect(control).toMatchObject({ target: 'redis-main/emails', reason: REASON, phase: 'in-effect' })

    await page.keyboard.press('Escape')
    const bar = page.getByRole('complementary', { name: 'Active controls' })
    expect(await shown(bar)).toMatch(/emails\s+1[45]:\d\d/)
    await eventually(async () => /paused/.test(await shown(page.locator('main header').first())))
    await page.keyboard.press('u')
    await noneLeft()
    await bar.waitFor({ state: 'detached' })
    const { items } = await serving.read('history')
    expect(items.map(({ act }) => act).slice(0, 2)).toEqual(['lift', 'pause'])
  })

  // A line has its length once there are a few points, which come every 15 s.
  test('the chart draws its lines, and the time in which a control was in force', { timeout: 90_000 }, async () => {
    const page = await go('/queues/redis-main/emails')
    const seen = () =>
      page.evaluate(() => {
        const canvas = document.querySelector('canvas')
        const { data } = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
        let lines = 0
        let bands = 0
        for (let at = 0; at < data.length; at += 4) {
          const [red = 0, green = 0, blue = 0, alpha = 0] = data.slice(at, at + 4)
          if (alpha > 200 && blue > 140 && green > 100 && red < 60) lines++
          if (alpha > 150 && blue > 140 && red > 60 && red < 130 && green < 90) bands++
        }
        return { lines, bands }
      })
    await eventually(
      async () => {
        const { lines, bands } = await seen()
        return lines > 20 && bands > 20
      },
      { timeoutMs: 70_000 },
    )
    await page.screenshot({ path: shotOf('chart-band') })
  })

  test('an address fills the drawer, and does nothing', async () => {
    const page = await go('/queues/redis-main/emails?do=throttle&rate=5&for=5m')
    const drawer = page.getByRole('dialog')
    await drawer.getByRole('button', { name: 'Throttle 1 queue for 5 m' }).waitFor()
    await drawer.getByText('Preview by the server').waitFor()
    expect(await living()).toEqual([])
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
  })

  test('what changed since the preview is shown before it is done', { timeout: 60_000 }, async () => {
    const page = await go('/queues/redis-main/emails?do=pause&for=5m&on=redis-main/*')
    const drawer = page.getByRole('dialog')
    await drawer.getByRole('textbox', { name: 'Reason' }).fill(REASON)
    await drawer.getByRole('button', { name: /^Pause \d queues for 5 m$/ }).waitFor()
    await eventually(async () => (await shown(drawer.locator('#drawer-missing'))) === '')
    const late = jobs.define({ name: 'late', queue: 'late', args: (value: unknown) => value, perform: () => undefined })
    await jobs.enqueue(late, {})
    await eventually(async () => (await serving.get('queues')).items.some(({ name }) => name === 'late'), {
      timeoutMs: 20_000,
    })
    await page.keyboard.press('Control+Enter')
    await drawer.getByRole('alert').getByText('redis-main/late matches now').waitFor()
    expect(await living()).toEqual([])
    await page.keyboard.press('Escape')
  })

  test('a control is made on what was marked, and resumed', { timeout: 90_000 }, async () => {
    const page = await go('/queues?sort=name')
    for (const place of [0, 1]) {
      await page.keyboard.press('j')
      await page.locator(`[data-place="${place}"]:focus`).waitFor()
      await page.keyboard.press(' ')
    }
    await page.getByText('2 marked').waitFor()
    await page.keyboard.press('t')
    const drawer = page.getByRole('dialog')
    await drawer.getByLabel('Starts per second, per target').fill('2')
    await drawer.getByRole('textbox', { name: 'Reason' }).fill(REASON)
    const act = drawer.getByRole('button', { name: 'Throttle 2 queues for 15 m' })
    await eventually(async () => (await act.getAttribute('aria-disabled')) === null)
    await act.click()
    await drawer.getByText('Throttle asked for').waitFor()
    await drawer.getByRole('button', { name: 'Done' }).click()
    await go('/controls')
    await page.getByRole('button', { name: 'Resume redis-main/emails…' }).first().click()
    await drawer.getByRole('textbox', { name: 'Reason' }).fill('the provider is back')
    const resume = drawer.getByRole('button', { name: 'Resume 1 queue' })
    await eventually(async () => (await resume.getAttribute('aria-disabled')) === null)
    await resume.click()
    await eventually(async () => (await living()).every(({ target }) => target !== 'redis-main/emails'))
    for (const { id } of await living()) await serving.post('liftControl', {}, `/controls/${id}/lift`)
    await noneLeft()
  })

  test('a run tells how far it is and when it will end; paused, it says so', { timeout: 60_000 }, async () => {
    const page = await go('/runs')
    await page.getByRole('link', { name: 'backfill-invoices' }).click()
    await page.waitForURL('**/runs/redis-main/*')
    const progress = page.getByRole('region', { name: 'Progress' })
    await eventually(async () => /[\d,]+ of 1,000,000/.test(await shown(progress)))
    const before = Number((await shown(progress)).split(' of ')[0]?.replaceAll(',', ''))
    await eventually(async () => Number((await shown(progress)).split(' of ')[0]?.replaceAll(',', '')) > before, {
      timeoutMs: 15_000,
    })
    await eventually(async () => /\d\d:\d\d/.test(await shown(progress)), { timeoutMs: 20_000 })
    await page.screenshot({ path: shotOf('run-running') })
    await page.keyboard.press('p')
    const drawer = page.getByRole('dialog')
    await drawer.getByRole('textbox', { name: 'Reason' }).fill(REASON)
    const act = drawer.getByRole('button', { name: 'Pause 1 run for 15 m' })
    await eventually(async () => (await act.getAttribute('aria-disabled')) === null)
    await act.click()
    await drawer.getByText('in effect (reached)').waitFor({ timeout: 20_000 })
    await drawer.getByRole('button', { name: 'Done' }).click()
    await eventually(async () => /paused/.test(await shown(page.locator('main header').first())))
    await page.screenshot({ path: shotOf('run-paused') })
    await page.keyboard.press('u')
    await noneLeft()
  })

  test('failures are grouped, retried as a group with a reason, and payloads keep their secrets', async () => {
    const page = await go('/queues/redis-main/payments?tab=failures')
    const group = page.getByRole('row', { name: /timeout after # ms/ })
    expect(await shown(group)).toMatch(new RegExp(`\\b${FAILED}\\b`))
    isBroken = false
    await group.getByRole('button', { name: /^Retry/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('the bank is back')
    const act = dialog.getByRole('button', { name: `Retry ${FAILED} jobs` })
    await eventually(async () => (await act.getAttribute('aria-disabled')) === null)
    await page.screenshot({ path: shotOf('retry') })
    expect(await faultsOf(page, 'the dialog')).toEqual([])
    await act.click()
    await dialog.waitFor({ state: 'detached' })
    await eventually(async () => (await serving.get('queue', '/queues/redis-main/payments')).queue.dead === 0, {
      timeoutMs: 20_000,
    })
    await page.getByText('Nothing that failed is kept').waitFor({ timeout: 15_000 })
    expect(await shown(page.locator('main'))).not.toContain('hunter2')
  })

  test('a worker that does not obey is named on every page within seconds', { timeout: 60_000 }, async () => {
    const admin = redisClient(redis.port)
    const stop = await oldWorker(admin, 'payments')
    try {
      await eventually(async () => (await serving.get('workers')).items.some(({ id }) => id === 'old:1:a'), {
        timeoutMs: 15_000,
      })
      const page = await go('/')
      const { fingerprint } = await serving.post('previewControl', { ...PAUSE, targets: ['redis-main/payments'] })
      const askedMs = performance.now()
      await serving.post('makeControls', { ...PAUSE, targets: ['redis-main/payments'], reason: REASON, fingerprint })
      const bar = page.getByRole('complementary', { name: 'Active controls' })
      await bar.getByText('not effective').waitFor({ timeout: 10_000 })
      const tookMs = performance.now() - askedMs
      console.log(`named on the page after ${tookMs.toFixed(0)} ms`)
      expect(tookMs).toBeLessThan(7_000)
      await page.getByRole('link', { name: 'Who disobeys' }).click()
      await page.getByRole('row', { name: /old:1:a/ }).waitFor()
      expect(await page.title()).toMatch(/^✖/)
      expect(await faultsOf(page, 'a control that does not hold')).toEqual([])
      await page.screenshot({ path: shotOf('not-effective') })
      await page.getByRole('main').getByRole('button', { name: 'Lift this control on redis-main/payments' }).click()
      await noneLeft()
    } finally {
      stop()
      await admin.quit()
    }
  })

  test.each(VIEWS)(
    'what acts is accessible and fits, $theme at $width px',
    { timeout: 240_000 },
    async (view: View) => {
      const { fingerprint } = await serving.post('previewControl', {
        ...{ targets: ['redis-main/emails'], order: { verb: 'pause' }, ttlMs: 900_000 },
      })
      const { controls } = await serving.post('makeControls', {
        ...{ targets: ['redis-main/emails'], order: { verb: 'pause' }, ttlMs: 900_000, reason: REASON, fingerprint },
      })
      const { page, complaints } = await openAlso(signedIn, serving.url, view)
      const found: string[] = []
      const shots: Readonly<Record<string, string>> = {
        'acts-overview': '/',
        'acts-queue': '/queues/redis-main/emails?tab=workers',
        'acts-failures': '/queues/redis-main/payments?tab=failures',
        'acts-jobs': '/queues/redis-main/emails?tab=jobs',
        'acts-controls': `/controls#${controls[0]?.id}`,
        'acts-history': '/history',
        'acts-runs': '/runs',
        'acts-drawer': '/queues/redis-main/emails?do=throttle&rate=25&for=30m',
      }
      const look = async (name: string, path: string) => {
        await page.screenshot({ path: shotOf(name, view) })
        found.push(...(await faultsOf(page, path)))
      }
      for (const [name, path] of Object.entries(shots)) {
        await go(path, page)
        if (name === 'acts-drawer') await page.getByRole('dialog').getByText('Preview by the server').waitFor()
        await look(name, path)
      }
      await go('/runs', page)
      await page.locator('[data-place="0"] a').click()
      await page.getByRole('region', { name: 'Progress' }).waitFor()
      await look('acts-run', 'the run')
      await page.context().close()
      for (const { id } of controls) await serving.post('liftControl', {}, `/controls/${id}/lift`)
      expect(found).toEqual([])
      expect(complaints).toEqual([])
    },
  )
})

/** A worker of a version that knows of no controls, as it would stand in Redis. Returns what makes it vanish. */
async function oldWorker(admin: Redis, queue: string): Promise<() => void> {
  const beat = async () => {
    const now = String(Date.now())
    await admin.zadd('sluice:{#}:workers', now, 'old:1:a')
    await admin.hset('sluice:{#}:worker:old:1:a', {
      ...{ host: 'old', pid: '1', version: '0.0.1', serves: JSON.stringify([queue]), capacity: '5', busy: '0' },
      ...{ phase: 'running', ownClockMs: now, obeys: '{}', startedAtMs: '1', beatAtMs: now },
    })
  }
  await beat()
  const timer = setInterval(() => void beat(), 1_000)
  return () => clearInterval(timer)
}
