import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { readSource } from './config-sources.ts'
import { type Check, diagnose } from './doctor.ts'
import { clockCheck, costCheck, versionCheck } from './doctor-judgement.ts'
import type { Snapshot } from './domain/snapshot.ts'
import { createLog } from './log.ts'

let server: Server | null = null
afterEach(() => server?.close())

/** A peer that says this to whoever connects. @returns its port */
function peer(text: string): Promise<number> {
  return new Promise((resolve) => {
    const one = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(text))
    })
    server = one
    one.listen(0, '127.0.0.1', () => resolve((one.address() as { port: number }).port))
  })
}

async function failedStep(url: string): Promise<Check | undefined> {
  const [source] = readSource('one', { url }, [])
  if (!source) throw new Error('no source')
  const tools = { clock: systemClock, log: createLog('silent'), signal: AbortSignal.timeout(15_000) }
  const checks = await diagnose({ id: 'one', settings: source.settings, intervalMs: 2_000 }, tools)
  const at = checks.findIndex(({ state }) => state === 'failed')
  // Nothing after the step that failed is claimed to be good.
  expect(checks.slice(at + 1).every(({ state }) => state === 'skipped')).toBe(true)
  return checks[at]
}

describe('the first step that fails is named, with a remedy', () => {
  test('a port where nobody listens', async () => {
    const port = await peer('')
    await new Promise((resolve) => server?.close(resolve))
    expect(await failedStep(`redis://127.0.0.1:${port}`)).toMatchObject({
      step: 'tcp',
      found: `127.0.0.1:${port}: ECONNREFUSED`,
      remedy: expect.stringContaining('start the broker'),
    })
  })

  test('a name that nobody knows', async () => {
    expect(await failedStep('redis://nowhere.invalid')).toMatchObject({
      step: 'dns',
      remedy: expect.stringContaining('name'),
    })
  })

  test('a port that does not speak TLS', async () => {
    const port = await peer('-ERR what?\r\n')
    expect(await failedStep(`rediss://127.0.0.1:${port}`)).toMatchObject({
      step: 'tls',
      remedy: expect.stringContaining('TLS'),
    })
  })

  test('a Redis that wants a password', async () => {
    const port = await peer('-NOAUTH Authentication required.\r\n')
    expect(await failedStep(`redis://127.0.0.1:${port}`)).toMatchObject({
      step: 'auth',
      remedy: expect.stringContaining('REDIS_PASSWORD'),
    })
  })

  test('a web server on the port of a Redis', async () => {
    const port = await peer('HTTP/1.1 400 Bad Request\r\n\r\n')
    expect(await failedStep(`redis://127.0.0.1:${port}`)).toMatchObject({
      step: 'auth',
      remedy: expect.stringContaining('port'),
    })
  })
})

test('a clock is wrong only by more than what asking it took', () => {
  expect(clockCheck({ aheadMs: 2_500, withinMs: 1_000 })).toMatchObject({ state: 'ok' })
  expect(clockCheck({ aheadMs: -90_000, withinMs: 20 })).toMatchObject({
    state: 'warning',
    found: expect.stringContaining('1 m 30 s behind'),
  })
  expect(clockCheck(null)).toMatchObject({ state: 'skipped' })
})

test('a version is compared by its numbers', () => {
  const of = (version: string) =>
    versionCheck('rabbitmq', { nodes: [{ version }], systems: [] } as unknown as Snapshot).state
  expect(['3.9.29', '3.10.8', '4.0.5'].map(of)).toEqual(['warning', 'ok', 'ok'])
})

test('reading that takes more than a tenth of the time is a warning that names the setting', () => {
  const cost = { commands: 3, bytesRead: 10, bytesSent: 10 }
  expect(costCheck('redis', { cost, tookMs: 190 } as unknown as Snapshot, 2_000)).toMatchObject({ state: 'ok' })
  expect(costCheck('redis', { cost, tookMs: 450 } as unknown as Snapshot, 2_000)).toMatchObject({
    state: 'warning',
    remedy: expect.stringContaining('collect.redis: 5s'),
  })
})
