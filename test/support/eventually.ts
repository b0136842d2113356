import { setTimeout as delay } from 'node:timers/promises'

const LOOK_EVERY_MS = 25

/**
 * Waits for a condition instead of for a time: runs `check` until it neither throws nor resolves with false, and
 * resolves with what it gave. After `timeoutMs` it throws what the last attempt threw.
 * @param timeoutMs 5,000 when not given
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 5_000 }: { readonly timeoutMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let failure: unknown
    try {
      const value = await check()
      if (value !== false) return value
      failure = new Error('the condition did not become true')
    } catch (error) {
      failure = error
    }
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${failure}`, { cause: failure })
    await delay(LOOK_EVERY_MS)
  }
}
