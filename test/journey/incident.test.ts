import { cpSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtProgram } from '../support/built-program.ts'
import { eventually } from '../support/eventually.ts'
import { type Counted, countedAfter, countedOf, type LivingDemo, startDemo } from '../support/living-demo.ts'
import { ran } from '../support/ran.ts'
import { startTmux, tmuxVersion } from '../support/tmux.ts'
import { CHROMIUM, faultsOf, launchBrowser, openPage, settled, shown, VIEWS } from '../support/web-browser.ts'
import { buildWeb } from '../support/web-build.ts'

/**
 * The database of the demo melts, and a person at 3 a.m. finds what loads it, stops that, sees that it has stopped, takes
 * more time, lets it come back slowly and reads what was done: with the page, with `top`, with commands alone. Pictures of
 * what decides are left in a temporary folder to look at.
 */
const SHOTS = join(tmpdir(), 'sluice-incident-shots')
const actor = userInfo().username
const WHY = 'INC-7: it melts the database'
const WELL = 'the database is well again'
const QUEUE = 'shop/back-office'
const RUN = 'run/shop/backfill-night-1'
const MAILS = 'shop/mails'
/** Nobody collects these any more. Other fires may be over before one has looked, as that of workers that start late. */
const LASTING = 'shop/loyalty-points'
/** A fire takes so long to be seen, at most. */
const FIRE_MS = 40_000
/** Between two readings of the broker so far apart, what still worked would have counted. */
const LOOK_MS = 3_500
/** More a second than a ramp from 1/s to 60/s in a minute lets through in its first seconds. */
const FIRST_MAX = 8

let program: { readonly file: string; remove(): void }
let browser: Browser | null = null
/** Each journey has a fire of its own, and all three burn at once. */
let demos: readonly LivingDemo[] = []

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true })
  const [built, web] = await Promise.all([builtProgram(), buildWeb()])
  program = built
  cpSync(web.folder, join(dirname(program.file), 'web'), { recursive: true })
  web.remove()
  const light = () => startDemo(program.file, ['--incident-after', '1s'])
  demos = await Promise.all([light(), light(), light()])
  if (CHROMIUM !== null) browser = await launchBrowser()
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await Promise.all(demos.map((demo) => demo.close()))
  program?.remove()
}, 30_000)

describe.concurrent('an incident is found, held, seen to be held, and let go slowly', () => {
  test.skipIf(CHROMIUM === null)('with the page', { timeout: 150_000 }, async ({ onTestFailed }) => {
    const [demo] = demos
    if (!demo || !browser) throw new Error('there is nothing to look at')
    onTestFailed(() => tell(demo))
    const { page, complaints } = await openPage(browser, demo.signInUrl)
    const journey = new PageJourney(page, demo)
    await journey.findsTheFire()
    await journey.pauses()
    await journey.extends()
    await journey.resumes()
    await journey.readsTheHistory()
    expect(journey.faults).toEqual([])
    expect(complaints).toEqual([])
  })

  test.skipIf(tmuxVersion() === null)('with top', { timeout: 150_000 }, ({ onTestFailed }) => {
    onTestFailed(() => tell(demos[1]!))
    return inTop(demos[1]!)
  })

  test('with commands alone', { timeout: 150_000 }, ({ onTestFailed }) => {
    onTestFailed(() => tell(demos[2]!))
    return byCommands(demos[2]!)
  })
})

/** What may explain a failure. */
async function tell(demo: LivingDemo): Promise<void> {
  console.log(demo.said(), JSON.stringify(await demo.read('/sources')), JSON.stringify(await demo.read('/overview')))
}

/** It had worked, and between two readings from now on it does nothing more. */
async function standsStill(demo: LivingDemo, what = RUN): Promise<Counted> {
  const before = await countedOf(demo, what)
  expect(before.done).toBeGreaterThan(0)
  const after = await countedAfter(demo, what, before, LOOK_MS)
  expect(after.done).toBe(before.done)
  return after
}

/** From the little that a ramp lets through first to clearly more. */
async function grows(demo: LivingDemo, what: string, from: Counted): Promise<void> {
  let last = await countedAfter(demo, what, from, LOOK_MS)
  const first = perSecond(from, last)
  expect(first).toBeLessThan(FIRST_MAX)
  const isFaster = async () => {
    const now = await countedAfter(demo, what, last, LOOK_MS)
    const rate = perSecond(last, now)
    last = now
    expect(rate).toBeGreaterThan(Math.max(1.5 * first, 2))
  }
  await eventually(isFaster, { timeoutMs: 30_000 })
}

/** It does something again. */
async function goesOn(demo: LivingDemo, from: Counted): Promise<void> {
  await eventually(async () => expect((await countedOf(demo, RUN)).done).toBeGreaterThan(from.done), {
    timeoutMs: 20_000,
  })
}

function perSecond(from: Counted, to: Counted): number {
  return ((to.done - from.done) * 1_000) / (to.atMs - from.atMs)
}

class PageJourney {
  readonly faults: string[] = []
  readonly #page: Page
  readonly #demo: LivingDemo

  constructor(page: Page, demo: LivingDemo) {
    this.#page = page
    this.#demo = demo
  }

  /** Is anything on fire? What, since when, and what is behind it? */
  async findsTheFire(): Promise<void> {
    const main = this.#main
    const fires = main.getByRole('region', { name: 'Fires' }).getByRole('listitem')
    const burns = async () => {
      const fire = fires.filter({ hasText: LASTING })
      expect(await shown(fire)).toMatch(/since \d\d:\d\d · (\d+ waiting|\d+ % of jobs fail|oldest )/)
      expect(await shown(this.#page.getByRole('heading', { level: 1 }))).toMatch(/^\d problems?$/)
      expect(await this.#page.title()).toMatch(/^[✖▲]\d/)
    }
    await fires.first().waitFor({ timeout: FIRE_MS })
    await eventually(burns, { timeoutMs: FIRE_MS })
    await this.#picture('1-fire')
    // What is under way the longest stands on top.
    await this.#page.getByRole('navigation').getByRole('link', { name: 'Runs' }).click()
    await settled(this.#page)
    const run = main.getByRole('row').filter({ hasText: 'BackfillInvoices' })
    await eventually(async () => expect(await shown(run)).toMatch(/(running|queued)\s+BackfillInvoices/))
    expect(Number(await run.getAttribute('aria-rowindex'))).toBeLessThan(8)
    await run.getByRole('link', { name: 'BackfillInvoices' }).click()
    await main.getByRole('region', { name: 'Progress' }).waitFor()
    const early = await this.#done()
    await eventually(async () => expect(await this.#done()).toBeGreaterThan(early), { timeoutMs: 20_000 })
    await this.#picture('2-run')
    await main.getByRole('link', { name: QUEUE }).click()
    const underWay = main.getByRole('region', { name: 'Runs under way' })
    await underWay.getByRole('link', { name: 'BackfillInvoices' }).waitFor()
    await this.#picture('3-queue')
  }

  /** What would a pause do? Then the pause, and its proof. */
  async pauses(): Promise<void> {
    await this.#main.getByRole('button', { name: 'Pause…' }).click()
    await this.#drawer.getByRole('radio', { name: '5 m', exact: true }).check({ force: true })
    await this.#drawer.getByRole('textbox', { name: 'Reason' }).fill(WHY)
    const preview = this.#drawer.getByRole('region', { name: 'Preview' })
    await eventually(async () => expect(await shown(preview)).toMatch(/by 1 worker/))
    await this.#acts('Pause 1 queue for 5 m', '4-preview')
    await this.#drawer.getByText('in effect (reached)').waitFor({ timeout: 20_000 })
    await this.#drawer.getByText('by 1 of 1 workers, nothing in hand').waitFor()
    await this.#picture('5-in-effect')
    await this.#drawer.getByRole('button', { name: 'Done' }).click()
    await standsStill(this.#demo)
  }

  /** More time, with the reason it has. */
  async extends(): Promise<void> {
    await this.#go('/runs/shop/backfill-night-1')
    const stopped = await this.#done()
    expect(await shown(this.#main.getByRole('region', { name: 'Held by' }))).toContain(`paused by ${actor}, “${WHY}”`)
    expect(await shown(this.#bar)).toMatch(/back-office\s+04:\d\d[\s\S]*in effect/)
    await this.#bar.getByRole('button', { name: `Extend the control on ${QUEUE} by 15 m` }).click()
    await eventually(async () => expect(await shown(this.#bar)).toMatch(/back-office\s+19:\d\d/))
    expect(await this.#done()).toBe(stopped)
    await this.#picture('6-paused')
  }

  async resumes(): Promise<void> {
    await this.#bar.getByRole('button', { name: `Resume ${QUEUE}…` }).click()
    await this.#drawer.getByRole('checkbox', { name: /a ramp instead of everything at once/ }).check()
    await this.#drawer.getByRole('textbox', { name: 'First starts per second' }).fill('1')
    await this.#drawer.getByRole('textbox', { name: 'Last starts per second' }).fill('300')
    await this.#drawer.getByRole('textbox', { name: 'Reason' }).fill(WELL)
    const before = await countedOf(this.#demo, RUN)
    await this.#acts('Resume 1 queue over 5 m', '7-resume')
    await this.#drawer.getByText('in effect (reached)').first().waitFor({ timeout: 20_000 })
    await this.#drawer.getByRole('button', { name: 'Done' }).click()
    await goesOn(this.#demo, before)
    await eventually(async () => expect(await this.#done()).toBeGreaterThan(before.done))
    expect(await shown(this.#bar)).toMatch(/back-office\s+1\/s growing to 300\/s/)
    await this.#picture('8-ramp')
  }

  /** Who did what, and why? */
  async readsTheHistory(): Promise<void> {
    await this.#go('/history')
    const rows = this.#main.getByRole('row').filter({ hasText: actor })
    await eventually(async () => expect(await rows.count()).toBe(4))
    const told = await Promise.all([0, 1, 2, 3].map((at) => shown(rows.nth(at))))
    for (const row of told) expect(row).toContain(QUEUE)
    expect(told.filter((row) => row.includes(WELL))).toHaveLength(2)
    expect(told[2]).toMatch(/extend[\s\S]*INC-7/)
    expect(told[3]).toMatch(/pause[\s\S]*INC-7/)
    await this.#picture('9-history')
  }

  get #main() {
    return this.#page.getByRole('main')
  }
  get #drawer() {
    return this.#page.getByRole('dialog')
  }
  get #bar() {
    return this.#page.getByRole('complementary', { name: 'Active controls' })
  }

  async #go(path: string): Promise<void> {
    await this.#page.goto(this.#demo.url + path)
    await settled(this.#page)
  }

  /** As it stands on the page of the run. */
  async #done(): Promise<number> {
    const progress = await shown(this.#main.getByRole('region', { name: 'Progress' }))
    return Number(/^[\d,]+(?= of 90,000)/.exec(progress)?.[0].replaceAll(',', ''))
  }

  async #acts(name: string, picture: string): Promise<void> {
    const act = this.#drawer.getByRole('button', { name })
    await eventually(async () => (await act.getAttribute('aria-disabled')) === null, { timeoutMs: 10_000 })
    await this.#picture(picture)
    await act.click()
  }

  /** Light and dark, wide and phone. */
  async #picture(name: string): Promise<void> {
    for (const { theme, width, height } of VIEWS) {
      await this.#page.emulateMedia({ colorScheme: theme })
      await this.#page.setViewportSize({ width, height })
      await this.#page.screenshot({ path: join(SHOTS, `${name}-${theme}-${width}.png`) })
    }
    this.faults.push(...(await faultsOf(this.#page, name)))
    const [{ theme, width, height }] = VIEWS
    await this.#page.emulateMedia({ colorScheme: theme })
    await this.#page.setViewportSize({ width, height })
  }
}

async function inTop(demo: LivingDemo): Promise<void> {
  const screen = startTmux(['top'], demo.env, [program.file])
  const sees = (pattern: RegExp, timeoutMs = 20_000) =>
    eventually(() => expect(screen.text()).toMatch(pattern), { timeoutMs })
  const press = async (key: string, then: string | RegExp) => {
    screen.keys(key)
    await (typeof then === 'string' ? screen.shows(then) : sees(then))
  }
  try {
    await sees(new RegExp(`[✖▲] (crit|warn) +${LASTING}`), FIRE_MS)
    await sees(/^[✖▲] \d problems? · worst: shop\//m)
    await sees(/▸ [✖▲] (crit|warn) +shop\//)
    screen.keys('/', 'back-office')
    await press('Enter', /Queues and groups 1 .*\n.*\n▸ . \w+ +shop\/back-office/)
    await press('Enter', 'Runs (1)')
    await press('G', /run\/shop\/backfill-night-1 +BackfillInvoices/)
    await press('Escape', 'Queues and groups 1 ')
    await press('Escape', /Queues and groups \d\d /)
    // What is under way the longest stands on top.
    await press('7', /(running|queued) +shop\/backfill-night-1 +BackfillInvoices +\S+ +90k/)
    screen.keys('/', 'backfill')
    await press('Enter', /Runs 1 .*\n.*\n▸ (running|queued) +shop\/backfill-night-1/)

    await press('p', 'by 1 worker')
    await press('Left', '[5m]')
    await press(WHY, `Enter: Pause ${RUN} for 5m`)
    await press('Enter', 'u undoes it')
    await sees(/^‖ run\/backfill-night-1 04:\d\d/m)
    await sees(/▸ (paused|queued) +shop\/backfill-night-1/)
    await standsStill(demo)
    await press('8', new RegExp(`▸ ‖ in effect +${RUN} +pause +0[34]:\\d\\d +${actor}`))
    await press('Enter', 'by 1 of 1 workers, nothing in hand')
    await sees(new RegExp(`^reason +${WHY}$`, 'm'))

    await press('e', 'Enter: Extend')
    await press('Enter', /in effect .* 19:\d\d left/)

    await press('r', 'none, all at once')
    await press(WELL, `${WELL}_`)
    await press('Tab', 'from _ starts a second')
    await press('2', 'Enter: Lift this control, then from 2/s up to 20/s')
    const before = await countedOf(demo, RUN)
    await press('Enter', '1 control lifted, now 2/s growing to 20/s')
    await goesOn(demo, before)
    // The rows stood still under the cursor until now.
    await press('Escape', '(s)')
    await press('s', new RegExp(`in effect +${RUN} +from 2/s up to .* 0\\d:\\d\\d +${actor}`))
    await sees(new RegExp(`lifted +${RUN} +pause .*${actor}`))
    await press('q', 'exit 0')
  } finally {
    screen.stop()
  }
}

async function byCommands(demo: LivingDemo): Promise<void> {
  /** What it wrote. */
  const told = async (argv: readonly string[], exit = 0): Promise<string> => {
    const { code, stdout, stderr } = await ran([program.file, ...argv], { env: demo.env, timeout: 60_000 })
    const text = stdout + stderr
    expect({ code, text }).toMatchObject({ code: exit })
    return text
  }
  const isOnFire = async () => {
    expect(await told(['list', 'queues'])).toMatch(new RegExp(`^(warning|critical)\t${LASTING}\t`, 'm'))
    expect(await told(['status', '--exit-code'], 10)).toMatch(/\d problems? · worst: shop\//)
    expect(await told(['list', 'queues', '--limit', '1'])).toMatch(/^(warning|critical)\tshop\//m)
  }
  await eventually(isOnFire, { timeoutMs: FIRE_MS })
  const underWay = /^(running|queued)\trun\/shop\/backfill-night-1\tBackfillInvoices\tback-office\t[1-9]/m
  await eventually(async () => expect(await told(['describe', QUEUE])).toMatch(underWay), { timeoutMs: 20_000 })
  expect(await told(['list', 'runs', '--limit', '8'])).toContain(RUN)

  expect(await told(['pause', RUN, '--for', '5m', '--dry-run'])).toMatch(
    /^Would pause 1 target .* until \d\d:\d\d \(5m\)\n +run\/shop\/backfill-night-1 +by 1 worker/m,
  )
  expect(await told(['controls'])).not.toContain(RUN)
  const paused = await told(['pause', RUN, '--for', '5m', '--reason', WHY, '--wait', '30s', '--drained', '--yes'])
  expect(paused).toMatch(/✓ in effect since \d\d:\d\d:\d\d \(1 of 1 obey\)/)
  const id = /Paused run\/\S+ until \d\d:\d\d \((ctl_\w+)\)/.exec(paused)?.[1] ?? ''
  const { done } = await standsStill(demo)
  const described = await told(['describe', RUN])
  expect(described).toMatch(/^status\t(paused|queued)$/m)
  expect(described).toMatch(new RegExp(`^tickCount\t${done}$`, 'm'))
  expect(await told(['controls'])).toMatch(
    new RegExp(`^in-effect\t${RUN}\tpause\t.*\t${actor}\t1\t1\t0\t${id}\t${WHY}$`, 'm'),
  )
  expect(await told(['controls', 'show', id])).toMatch(/^obeys\tworker\/shop\//m)

  const ends = async () => Date.parse(/^expiresAtMs\t(.*)$/m.exec(await told(['controls', 'show', id]))?.[1] ?? '')
  const before = await ends()
  await told(['controls', 'extend', id, '--by', '15m', '--yes'])
  expect((await ends()) - before).toBeGreaterThan(14 * 60_000)

  const resume = ['resume', RUN, '--ramp', '1/s', '--to', '60/s', '--over', '1m', '--reason', WELL]
  expect(await told([...resume, '--dry-run'])).toContain('comes back from 1/s up to 60/s over 1m')
  const from = await countedOf(demo, RUN)
  expect(from.done).toBe(done)
  const resumed = await told([...resume, '--yes'])
  expect(resumed).toContain(`Resumed ${RUN}: lifted ${id} (paused by ${actor}: ${WHY})`)
  expect(resumed).toContain(`Throttled ${RUN} from 1/s up to 60/s`)
  await goesOn(demo, from)

  await told(['pause', MAILS, '--for', '5m', '--reason', WHY, '--drained', '--yes'])
  const mails = await standsStill(demo, MAILS)
  await told(['resume', MAILS, '--ramp', '1/s', '--to', '60/s', '--over', '1m', '--reason', WELL, '--yes'])
  await grows(demo, MAILS, mails)

  const history = await told(['history'])
  const line = (act: string, detail: string, why: string) =>
    new RegExp(`\t${actor}\t${act}\tdone\t${RUN}\t${detail}\t${why}$`, 'm')
  expect(history).toMatch(line('pause', 'paused for 5 m', WHY))
  expect(history).toMatch(line('extend', 'for 1\\d m .* more', WHY))
  expect(history).toMatch(line('lift', 'paused lifted', WELL))
  expect(history).toMatch(line('throttle', '1/s growing to 60/s for 1 m', WELL))
}
