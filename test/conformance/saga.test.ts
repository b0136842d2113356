import { beforeEach, describe, expect, inject, test } from 'vitest'
import { defineSaga, FinalError, type Saga, type Step } from '../../server/runtime/index.ts'
import { ACT } from '../../server/runtime/layout/lua/acts.ts'
import { eventually } from '../support/eventually.ts'
import { jobs, ownJobs } from '../support/jobs-lab.ts'
import { admin } from '../support/redis-lab.ts'

const brokers = inject('brokers')
interface Order {
  readonly n: number
}
const args = (value: unknown) => value as Order
const QUICK = { baseMs: 10, maxMs: 20 }

describe.skipIf(brokers.redis === null)('a saga on a real Redis', () => {
  let seen: string[]

  ownJobs()
  beforeEach(() => {
    seen = []
  })

  /** A step that notes what is done to it; what it throws is what `fault` gives. */
  const step = (name: string, more: Partial<Step<Order>> = {}): Step<Order> => ({
    name,
    run: ({ args: { n } }) => {
      seen.push(name)
      return `${name} ${n}`
    },
    compensate: () => void seen.push(`undo ${name}`),
    retries: QUICK,
    compensationRetries: QUICK,
    ...more,
  })
  const failing = (name: string, more: Partial<Step<Order>> = {}) =>
    step(name, {
      run: () => {
        seen.push(`${name} fails`)
        throw new Error('no truck')
      },
      ...more,
    })
  /** A step that is in hand until it is let go, then with `ticket 9`. */
  const held = (name: string, more: Partial<Step<Order>> = {}) => {
    let release = () => {}
    const run = () => {
      seen.push(name)
      return new Promise<string>((resolve) => {
        release = () => resolve('ticket 9')
      })
    }
    return { step: step(name, { run, ...more }), release: () => release() }
  }
  const define = (...steps: readonly Step<Order>[]) => defineSaga(jobs, { name: 'order', args, steps })
  const work = () => jobs.worker({ queues: ['default'], pollMs: 50 }).start()
  const statusOf = async (saga: Saga<Order>, id: string) => (await saga.show(id))?.status
  const reaches = (saga: Saga<Order>, id: string, status: string) =>
    eventually(async () => expect(await statusOf(saga, id)).toBe(status))

  test('its steps run in order, each knows the results before it, and it is kept to be looked at', async () => {
    let known: unknown
    const saga = define(
      step('reserve'),
      step('pay'),
      step('ship', {
        run: ({ results, key, attemptKey, attempt }) => {
          known = { results, key, attemptKey, attempt }
        },
      }),
    )
    const { id } = await saga.start({ n: 7 })
    await work()
    await reaches(saga, id, 'succeeded')
    expect(seen).toEqual(['reserve', 'pay'])
    expect(known).toEqual({
      results: { reserve: 'reserve 7', pay: 'pay 7' },
      key: `${id}:ship:run`,
      attemptKey: `${id}:ship:run:1`,
      attempt: 1,
    })
    const details = await saga.show(id)
    expect(details).toMatchObject({ args: { n: 7 }, step: null, isStalled: false, reason: null })
    expect(details?.steps.map(({ name, status, result }) => [name, status, result])).toEqual([
      ['reserve', 'succeeded', 'reserve 7'],
      ['pay', 'succeeded', 'pay 7'],
      ['ship', 'succeeded', null],
    ])
    expect(await saga.list()).toEqual([])
    expect(await saga.list({ ended: true })).toMatchObject([{ id, status: 'succeeded' }])
    await eventually(async () => (await admin.hget('sluice:{default}:stats', 'succeeded')) === '1')
    expect(await saga.start({ n: 8 }, { id })).toEqual({ id, isNew: false })
  })

  test('a step that fails for good turns it back: what was begun is undone, the last first', async () => {
    const saga = define(
      step('reserve'),
      step('note', { compensate: undefined }),
      step('pay'),
      failing('ship', { retries: { ...QUICK, limit: 2 } }),
      step('thank'),
    )
    const { id } = await saga.start({ n: 1 })
    await work()
    await reaches(saga, id, 'compensated')
    const ships = ['ship fails', 'ship fails', 'ship fails']
    expect(seen).toEqual(['reserve', 'note', 'pay', ...ships, 'undo ship', 'undo pay', 'undo reserve'])
    const details = await saga.show(id)
    expect(details?.reason).toBe('step "ship": no truck')
    expect(details?.steps.map(({ status }) => status)).toEqual([
      'compensated',
      'succeeded',
      'compensated',
      'compensated',
      'pending',
    ])
    expect(details?.steps[3]).toMatchObject({ attempts: 3, compensations: 1 })
  })

  test('a final error is not tried again, nor is a result that cannot be kept', async () => {
    const final = define(
      step('refuse', {
        run: () => {
          seen.push('once')
          throw new FinalError('declined', 'card declined')
        },
      }),
    )
    const { id } = await final.start({ n: 1 })
    const odd = defineSaga(jobs, { name: 'odd', args, steps: [step('date', { run: () => ({ at: new Date() }) })] })
    const second = await odd.start({ n: 1 })
    await work()
    await reaches(final, id, 'compensated')
    await reaches(odd, second.id, 'compensated')
    expect(seen.filter((line) => line === 'once')).toHaveLength(1)
    expect((await odd.show(second.id))?.reason).toMatch(/result of "date".at: a Date does not survive JSON/)
  })

  test('a step that takes too long has failed: it is told so, its late result does not count, and it is undone', async () => {
    const aborted: string[] = []
    const saga = define(
      step('slow', {
        timeoutMs: 60,
        retries: { limit: 1, ...QUICK },
        run: ({ signal, attemptKey }) => {
          signal.addEventListener('abort', () => aborted.push(attemptKey))
          return new Promise((resolve) => setTimeout(() => resolve('late'), 200))
        },
      }),
    )
    const { id } = await saga.start({ n: 1 })
    await work()
    await reaches(saga, id, 'compensated')
    expect(aborted).toEqual([`${id}:slow:run:1`, `${id}:slow:run:2`])
    expect(seen).toEqual(['undo slow'])
    expect((await saga.show(id))?.steps[0]).toMatchObject({ error: null, result: null })
    expect((await saga.show(id))?.reason).toMatch(/did not end within 60 ms/)
  })

  test('a back-off holds no slot: others run meanwhile, and a person can cut it short', async () => {
    let isFixed = false
    const saga = define(
      step('call', {
        retries: { limit: 5, baseMs: 3_600_000, maxMs: 3_600_000 },
        run: () => {
          seen.push('call')
          if (!isFixed) throw new Error('busy')
        },
      }),
    )
    const other = jobs.define({ name: 'other', args, perform: () => void seen.push('other') })
    const { id } = await saga.start({ n: 1 })
    await jobs.worker({ queues: ['default'], concurrency: 1 }).start()
    await eventually(async () => expect((await saga.show(id))?.steps[0]?.status).toBe('retrying'))
    await jobs.enqueue(other, { n: 1 })
    await eventually(() => seen.includes('other'))
    expect(await saga.list()).toMatchObject([{ id, step: 'call', isStalled: false }])
    isFixed = true
    await saga.retry(id)
    await reaches(saga, id, 'succeeded')
    expect(seen.filter((line) => line === 'call')).toHaveLength(2)
  })

  test('a step that waits for a person can be tried again or skipped', async () => {
    let isFixed = false
    const fragile = (name: string) =>
      step(name, {
        onFailure: 'wait',
        retries: { limit: 0 },
        run: () => {
          if (!isFixed) throw new Error('broken')
          seen.push(name)
        },
      })
    const saga = define(step('first'), fragile('second'), step('third'))
    const ids = await Promise.all([1, 2, 3].map(async (n) => (await saga.start({ n })).id))
    await work()
    for (const id of ids) await reaches(saga, id, 'stuck')
    await expect(saga.skip(ids[0]!, 'third', ' ')).rejects.toThrow(/reason/)
    await expect(saga.skip(ids[0]!, 'first', 'x')).rejects.toThrow(/does not stand there/)
    await saga.skip(ids[0]!, 'second', 'done by hand')
    await reaches(saga, ids[0]!, 'succeeded')
    expect((await saga.show(ids[0]!))?.steps[1]).toMatchObject({ status: 'skipped', reason: 'done by hand' })
    isFixed = true
    await saga.retry(ids[1]!)
    await reaches(saga, ids[1]!, 'succeeded')
    await saga.compensate(ids[2]!, 'customer left')
    await reaches(saga, ids[2]!, 'compensated')
    expect(seen.slice(-2)).toEqual(['undo second', 'undo first'])
    await expect(saga.retry(ids[2]!)).rejects.toMatchObject({ code: 'invalid' })
    await expect(saga.retry('nobody')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a compensation that cannot be done is stuck until a person retries or waives it; none is passed over', async () => {
    let isFixed = false
    const saga = define(
      step('first'),
      step('second', {
        compensationRetries: { limit: 1, ...QUICK },
        compensate: () => {
          if (!isFixed) throw new Error('refund refused')
          seen.push('undo second')
        },
      }),
      failing('third', { retries: { limit: 0 }, compensate: undefined }),
    )
    const [retried, waived] = [await saga.start({ n: 1 }), await saga.start({ n: 2 })]
    await work()
    for (const { id } of [retried, waived]) await reaches(saga, id, 'stuck')
    expect(seen).not.toContain('undo first')
    expect(await saga.list()).toMatchObject([{ step: 'second' }, { step: 'second' }])
    await expect(saga.compensate(waived.id, 'again')).rejects.toThrow(/retry it or skip it/)
    await saga.skip(waived.id, 'second', 'refunded by hand')
    await reaches(saga, waived.id, 'compensated')
    expect(seen.filter((line) => line.startsWith('undo'))).toEqual(['undo first'])
    isFixed = true
    await saga.retry(retried.id)
    await reaches(saga, retried.id, 'compensated')
    expect(seen.filter((line) => line.startsWith('undo'))).toEqual(['undo first', 'undo second', 'undo first'])
  })

  test('turned back while a step runs, it lets the step end and undoes it too, with its result', async () => {
    const given: unknown[] = []
    const second = held('held', { compensate: ({ results }) => void given.push(results.held) })
    const saga = define(step('first'), second.step, step('never'))
    const { id } = await saga.start({ n: 1 })
    await work()
    await eventually(() => seen.includes('held'))
    await expect(saga.skip(id, 'held', 'x')).rejects.toThrow(/wait until it has ended/)
    await saga.compensate(id, 'customer called')
    expect(await statusOf(saga, id)).toBe('compensating')
    expect(seen).not.toContain('undo first')
    second.release()
    await reaches(saga, id, 'compensated')
    expect(given).toEqual(['ticket 9'])
    expect(seen).toEqual(['first', 'held', 'undo first'])
    expect((await saga.show(id))?.reason).toBe('customer called')
  })

  test('abandoned, it stays as it is and what a step in hand gives is refused; a success can still be undone', async () => {
    const inHand = held('held')
    const saga = define(step('first'), inHand.step)
    const { id } = await saga.start({ n: 1 })
    await work()
    await eventually(() => seen.includes('held'))
    await saga.abandon(id, 'test order')
    inHand.release()
    await eventually(async () => (await admin.hlen('sluice:{default}:active')) === 0)
    expect(await saga.show(id)).toMatchObject({ status: 'abandoned', reason: 'test order', step: null })
    expect((await saga.show(id))?.steps.map(({ status }) => status)).toEqual(['succeeded', 'running'])
    const good = defineSaga(jobs, { name: 'good', args, steps: [step('one')] })
    const second = await good.start({ n: 1 })
    await reaches(good, second.id, 'succeeded')
    await good.compensate(second.id, 'returned')
    await reaches(good, second.id, 'compensated')
    expect(seen.slice(-2)).toEqual(['one', 'undo one'])
  })

  test('to cancel its run turns it back after the step in hand', async () => {
    const second = held('held')
    const saga = define(step('first'), second.step, step('never'))
    const { id } = await saga.start({ n: 1 })
    await work()
    await eventually(() => seen.includes('held'))
    expect(await admin.eval(ACT, 1, 'sluice:{default}:', 'cancel', '1', id)).toEqual(['cancelling'])
    second.release()
    await reaches(saga, id, 'compensated')
    expect(seen).toEqual(['first', 'held', 'undo held', 'undo first'])
    expect((await saga.show(id))?.reason).toBe('its run was cancelled')
    expect(await admin.hget(`sluice:{default}:run:${id}`, 'status')).toBe('cancelled')
  })

  test('a worker that stops ends the step in hand, and another goes on with the next', async () => {
    const first = held('first')
    const saga = define(first.step, step('second'))
    const { id } = await saga.start({ n: 1 })
    const worker = jobs.worker({ queues: ['default'] })
    await worker.start()
    await eventually(() => seen.includes('first'))
    const stopped = worker.stop()
    first.release()
    await stopped
    expect(seen).toEqual(['first'])
    expect((await saga.show(id))?.steps.map(({ status }) => status)).toEqual(['succeeded', 'pending'])
    await work()
    await reaches(saga, id, 'succeeded')
  })

  test('one whose job was lost is seen as stalled, and goes on when a person says so', async () => {
    const saga = define(
      step('first'),
      step('second', { onFailure: 'wait', retries: { limit: 0 }, run: () => Promise.reject(new Error('x')) }),
    )
    const { id } = await saga.start({ n: 1 })
    await work()
    await reaches(saga, id, 'stuck')
    expect((await saga.list())[0]).toMatchObject({ isStalled: false })
    // As when a person's job was written down and the person's program died before it was enqueued.
    await admin.hset(`sluice:{default}:saga:${id}`, 'unit', `${id}~999`)
    const state = JSON.parse((await admin.hget(`sluice:{default}:saga:${id}`, 'state'))!)
    state.status = 'running'
    state.steps[1].status = 'running'
    await admin.hset(`sluice:{default}:saga:${id}`, 'state', JSON.stringify(state), 'status', 'running')
    expect((await saga.list())[0]).toMatchObject({ isStalled: true, step: 'second' })
    await saga.retry(id)
    await reaches(saga, id, 'stuck')
  })

  test('what is over is kept up to the cap; wrong definitions and ids are refused', async () => {
    const saga = defineSaga(jobs, { name: 'small', args, steps: [step('one')], endedCap: 2 })
    await work()
    for (let n = 1; n <= 4; n += 1) {
      const { id } = await saga.start({ n }, { id: `o${n}` })
      await reaches(saga, id, 'succeeded')
    }
    expect((await saga.list({ ended: true })).map(({ id }) => id)).toEqual(['o4', 'o3'])
    expect(await saga.show('o1')).toBeNull()
    expect(() => defineSaga(jobs, { name: 'none', args, steps: [] })).toThrow(/1 to 100/)
    expect(() => defineSaga(jobs, { name: 'twice', args, steps: [step('a'), step('a')] })).toThrow(/there twice/)
    await expect(saga.start({ n: 1 }, { id: 'x~3' })).rejects.toThrow(/cannot end in/)
  })
})
