import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createJobs, defineSaga, type Jobs, type Saga } from '../../server/runtime/index.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { browser, openAlso, ownBrowser, shotOf, web } from '../support/page-lab.ts'
import { startServing, type TestServing } from '../support/serving.ts'
import { CHROMIUM, faultsOf, type Opened, openPage, settled, shown, VIEWS, type View } from '../support/web-browser.ts'

/** A person finds a saga that is stuck and repairs it in a real browser. Screenshots are left in a temporary folder. */
const brokers = inject('brokers')
const REASON = 'the bank answers again, INC-482'

describe.skipIf(CHROMIUM === null || !brokers.redis)('sagas in a browser', () => {
  let redis: StartedRedis
  let jobs: Jobs
  let trip: Saga<{ flight: string }>
  let serving: TestServing
  let signedIn: Opened
  let isBroken = true

  ownBrowser()
  beforeAll(async () => {
    redis = await startRedis()
    jobs = createJobs({ redis: redis.url })
    trip = defineSaga(jobs, {
      ...{ name: 'trip', queue: 'travel', args: (value: unknown) => value as { flight: string } },
      steps: [
        { name: 'flight', run: () => ({ booking: 'LH4711', seat: '12A', token: 'hunter2' }), compensate: () => {} },
        { name: 'hotel', run: () => 'room 7', compensate: () => {} },
        {
          ...{ name: 'charge', onFailure: 'wait', retries: { limit: 0 }, compensate: () => {} },
          run: () => {
            if (isBroken) throw new Error('the bank refused: 503 Service Unavailable')
          },
        },
        { name: 'mail', run: () => null },
      ],
    })
    await jobs.worker({ queues: ['travel'], pollMs: 100 }).start()
    for (const id of ['trip-7', 'trip-8', 'trip-9']) await trip.start({ flight: 'LH 1' }, { id })
    await eventually(async () => (await trip.list()).filter(({ status }) => status === 'stuck').length === 3)
    serving = await startServing({ 'redis-main': { url: redis.url } }, {}, web.folder)
    await eventually(async () => (await serving.get('queue', '/queues/redis-main/travel')).sagas?.stuck === 3)
    signedIn = await openPage(browser, serving.signInUrl)
  })
  afterAll(async () => {
    await serving?.close()
    await jobs?.close()
    await redis?.stop()
  })

  const go = async (path: string, page: Page = signedIn.page): Promise<Page> => {
    await page.goto(serving.url + path)
    await settled(page)
    return page
  }
  const acted = async (page: Page, button: string) => {
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill(REASON)
    const act = dialog.getByRole('button', { name: button })
    await eventually(async () => (await act.getAttribute('aria-disabled')) === null)
    await page.screenshot({ path: shotOf(`saga-${button.replaceAll(' ', '-')}`) })
    expect(await faultsOf(page, button)).toEqual([])
    await act.click()
    await dialog.waitFor({ state: 'detached' })
  }

  test('from the queue to the saga: its steps, where it stands and why, without secrets', async () => {
    const page = await go('/queues/redis-main/travel?tab=sagas')
    await page.getByText('3 sagas stuck').first().waitFor()
    await page.getByRole('link', { name: 'trip trip-7' }).click()
    await page.waitForURL('**/sagas/redis-main/travel/trip-7')
    const steps = page.getByRole('region', { name: 'Steps' })
    const charge = steps.getByRole('row', { name: /charge/ })
    await charge.waitFor()
    expect(await shown(charge)).toMatch(/stands here[\s\S]*the bank refused[\s\S]*failed/)
    expect(await shown(steps.getByRole('row', { name: /flight/ }))).toMatch(/done/)
    expect(await shown(page.locator('main'))).not.toContain('hunter2')
  })

  test('the step is tried again, and the page follows until it has succeeded', async () => {
    const page = await go('/runs/redis-main/trip-7')
    const steps = page.getByRole('region', { name: 'Steps' })
    isBroken = false
    await steps.getByRole('button', { name: 'Retry step charge of saga trip-7…' }).click()
    await acted(page, 'Retry 1 step')
    await steps.getByText('every step was done or skipped').waitFor({ timeout: 15_000 })
    expect((await trip.show('trip-7'))?.status).toBe('succeeded')
  })

  test('a saga is turned back, with what that undoes shown before', async () => {
    const page = await go('/sagas/redis-main/travel/trip-8')
    await page.getByRole('button', { name: 'Turn back saga trip-8…' }).click()
    await page.getByRole('dialog').getByText('undo 3 steps, charge, then hotel, then flight').waitFor()
    await acted(page, 'Turn back 1 saga')
    const steps = page.getByRole('region', { name: 'Steps' })
    await eventually(async () => (await shown(steps)).match(/undone/g)?.length === 3, { timeoutMs: 15_000 })
    await page.getByRole('main').getByText(`because: ${REASON}`).waitFor()
  })

  test('who is not signed in, or looks for one that is gone, is told so', async () => {
    const { page } = await openPage(browser, `${serving.url}/sagas/redis-main/travel/trip-9`)
    await page.getByText('sluice serve').first().waitFor()
    await go('/sagas/redis-main/travel/nobody')
    await signedIn.page.getByText('not begun yet, or forgotten').waitFor()
  })

  test.each(VIEWS)('it is accessible and fits, $theme at $width px', { timeout: 120_000 }, async (view: View) => {
    const { page, complaints } = await openAlso(signedIn, serving.url, view)
    const found: string[] = []
    const shots: Readonly<Record<string, string>> = {
      saga: '/sagas/redis-main/travel/trip-9',
      'saga-back': '/sagas/redis-main/travel/trip-8',
      'saga-run': '/runs/redis-main/trip-9',
      'saga-queue': '/queues/redis-main/travel?tab=sagas',
    }
    for (const [name, path] of Object.entries(shots)) {
      await go(path, page)
      await page.screenshot({ path: shotOf(name, view), fullPage: true })
      found.push(...(await faultsOf(page, path)))
    }
    expect([...found, ...complaints.filter((line) => !line.includes('401'))]).toEqual([])
    await page.context().close()
  })
})
