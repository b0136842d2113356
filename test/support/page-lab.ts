import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launchBrowser, type Opened, openPage, type View } from './web-browser.ts'
import { buildWeb, type WebBuild } from './web-build.ts'

/** Of the test file that called `ownBrowser`; there once its first test begins. */
export let browser: Browser
/** The page, built for this file. */
export let web: WebBuild

/** A browser for one test file, and the page built for it. */
export function ownBrowser(): void {
  beforeAll(async () => {
    web = await buildWeb()
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    web?.remove()
  })
}

/** Where a screenshot is left to be looked at. */
export function shotOf(name: string, view?: View): string {
  const file = view === undefined ? name : `${name}-${view.theme}-${view.width}`
  return join(tmpdir(), 'sluice-web-shots', `${file}.png`)
}

/** Another page, in a view of its own, signed in as the first one is. */
export async function openAlso({ page: first }: Opened, url: string, view: View): Promise<Opened> {
  const opened = await openPage(browser, url, view)
  await opened.page.context().addCookies(await first.context().cookies())
  return opened
}
