import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { findProgram } from '../brokers/process.ts'

/** Chromium on this machine; null = there is none, and the page is not tested in a browser. */
export const CHROMIUM = (await findProgram('chromium')) ?? (await findProgram('google-chrome'))

const ARGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

export const VIEWS = [
  { theme: 'light', width: 1280, height: 720 },
  { theme: 'dark', width: 1280, height: 720 },
  { theme: 'light', width: 360, height: 740 },
  { theme: 'dark', width: 360, height: 740 },
] as const
export type View = (typeof VIEWS)[number]

export interface Opened {
  readonly page: Page
  /** What the browser complained about: errors, refusals of the content security policy, exceptions. */
  readonly complaints: readonly string[]
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? '', args: ARGS })
}

/** Opens a page in a context of its own: nobody is signed in there. */
export async function openPage(browser: Browser, url: string, view: View = VIEWS[0]): Promise<Opened> {
  const { theme, width, height } = view
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme })
  await context.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`refused by the content security policy: ${event.violatedDirective} ${event.blockedURI}`)
    }),
  )
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
  await page.goto(url)
  await settled(page)
  return { page, complaints }
}

/** The page shows something, and nothing on it is still being read. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('main')?.textContent?.includes('Reading '))
  await page.waitForFunction(() => document.querySelector('main [role=row][aria-busy]') === null)
}

/** What is wrong with the page as it stands: each violation that axe finds, and whether it scrolls sideways. */
export async function faultsOf(page: Page, name: string): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  const found = violations.map(({ id, nodes }) => `${name} ${id}: ${nodes[0]?.html.slice(0, 200)}`)
  const isWide = await page.evaluate(() => {
    const overflows = (element: Element | null) => element !== null && element.scrollWidth > element.clientWidth
    return overflows(document.documentElement) || overflows(document.querySelector('main'))
  })
  return isWide ? [...found, `${name} scrolls sideways`] : found
}

/** The text as a person sees it: what the style sheet separates is separated. */
export function shown(locator: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: textContent would run figures and their units together
  return locator.innerText()
}
