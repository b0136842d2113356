import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWeb, type WebBuild } from '../support/web-build.ts'

/** The budgets of the built page: what a browser must load before it shows anything, and what must never be in it. */
const FIRST_LOAD_KB = 190
const LAZY_CHUNK_KB = 110

let web: WebBuild
let index: string
const assets = () => readdirSync(join(web.folder, 'assets')).filter((name) => name.endsWith('.js'))
const textOf = (asset: string) => readFileSync(join(web.folder, 'assets', asset), 'utf8')
const kb = (asset: string) => gzipSync(textOf(asset)).length / 1_000
const isFirst = (asset: string) => index.includes(asset)

beforeAll(async () => {
  web = await buildWeb()
  index = readFileSync(join(web.folder, 'index.html'), 'utf8')
})
afterAll(() => web?.remove())

test(`what is loaded first is at most ${FIRST_LOAD_KB} KB of JavaScript, gzipped`, () => {
  const first = assets().filter(isFirst)
  expect(first.length).toBeGreaterThan(0)
  const total = first.reduce((sum, asset) => sum + kb(asset), 0)
  console.log(`first-load JavaScript: ${total.toFixed(1)} KB gzip of ${FIRST_LOAD_KB}`)
  expect(total).toBeLessThanOrEqual(FIRST_LOAD_KB)
})

test(`the chart is loaded later, and no later chunk is over ${LAZY_CHUNK_KB} KB`, () => {
  const lazy = assets().filter((asset) => !isFirst(asset))
  expect(lazy.some((asset) => textOf(asset).includes('uplot'))).toBe(true)
  for (const asset of lazy) expect(kb(asset)).toBeLessThanOrEqual(LAZY_CHUNK_KB)
})

test('zod is not in it: the contract is shared as types only', () => {
  for (const asset of assets()) expect(textOf(asset)).not.toMatch(/ZodError|_zod|zod-to-openapi/)
})

test('the page needs no inline script and no inline style', () => {
  expect(index).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\son\w+=/)
})
