import { afterEach, beforeEach, expect } from 'vitest'
import type { PlacedControl } from '../../server/domain/control.ts'
import type { Act, ActionResult } from '../../server/domain/job.ts'
import type { ControlPort, JobPort, Source } from '../../server/domain/source.ts'
import { never, portsOf } from './acting.ts'
import { collect, redisSource } from './redis.ts'
import { redis } from './redis-lab.ts'

/** New ones for each test of the file that called `ownSource`. */
export let source: Source
export let controls: ControlPort
export let units: JobPort

/** A source on the file's own Redis. */
export function ownSource(): void {
  beforeEach(() => {
    source = redisSource(redis.port)
    ;({ controls, units } = portsOf(source))
  })
  afterEach(() => source.close())
}

/** A control as it is read back now. */
export async function placed(id: string): Promise<PlacedControl | undefined> {
  return (await collect(source)).controls?.find(({ control }) => control.id === id)
}

/** Acts on units of the queue `mail`. */
export async function act(act: Act, ids: readonly string[]): Promise<ActionResult['result'][]> {
  const results = await units.perform({ act, queue: 'mail', ids, actor: 'ana', reason: 'because of a test' }, never)
  expect(results.map(({ id }) => id)).toEqual(ids)
  return results.map(({ result }) => result)
}
