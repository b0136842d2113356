/** Sagas as an operator sees and repairs them: the real server over a real Redis and real workers. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { actionMade, actionPreview } from '../../server/api/control.ts'
import { type SagaList, sagaBody } from '../../server/api/saga.ts'
import { Secret } from '../../server/domain/secret.ts'
import { defineSaga, type Saga, type Step, type Worker } from '../../server/runtime/index.ts'
import { isEmbedded } from '../brokers/redis.ts'
import { never } from '../support/acting.ts'
import { runCli } from '../support/cli-run.ts'
import { eventually } from '../support/eventually.ts'
import { jobs, ownJobs, renewJobs } from '../support/jobs-lab.ts'
import { redisSource } from '../support/redis.ts'
import { admin, redis } from '../support/redis-lab.ts'
import { metered } from '../support/redis-meter.ts'
import { startServing, type TestServing } from '../support/serving.ts'

const brokers = inject('brokers')
const REASON = 'the customer called, INC-7'
const WHERE = 'saga/redis-main/orders'
interface Order {
  readonly cardToken: string
}

describe.skipIf(brokers.redis === null)('sagas in the API', () => {
  let serving: TestServing
  let worker: Worker | null
  let isBroken: boolean
  let seen: string[]

  ownJobs()
  beforeAll(async () => {
    serving = await startServing({ 'redis-main': { url: redis.url } })
  })
  afterAll(() => serving?.close())
  beforeEach(() => {
    isBroken = true
    seen = []
    worker = null
  })

  const step = (name: string, more: Partial<Step<Order>> = {}): Step<Order> => ({
    name,
    run: () => {
      seen.push(name)
      return { booking: name, token: 'hunter2' }
    },
    compensate: () => void seen.push(`undo ${name}`),
    ...more,
  })
  const order = (): Saga<Order> =>
    defineSaga(jobs, {
      ...{ name: 'order', queue: 'orders', args: (value) => value as Order },
      steps: [
        step('reserve'),
        step('note', { compensate: undefined }),
        step('pay', {
          ...{ onFailure: 'wait', retries: { limit: 0 } },
          run: () => {
            if (isBroken) throw new Error('declined, token=abcdefgh')
            seen.push('pay')
          },
        }),
      ],
    })
  const work = async () => {
    worker = jobs.worker({ queues: ['orders'], pollMs: 50, leaseMs: 900 })
    await worker.start()
  }
  const body = (id: string) => serving.read('saga', `/sagas/redis-main/orders/${id}`)
  const list = (search = ''): Promise<SagaList> => serving.read('sagas', `/sagas${search}`)
  const reaches = (id: string, status: string) =>
    eventually(async () => expect((await body(id)).saga.status).toBe(status))
  const known = () =>
    eventually(async () => expect((await serving.get('queue', '/queues/redis-main/orders')).sagas).not.toBeNull())
  type SagaAct = 'retry-step' | 'skip-step' | 'compensate' | 'abandon'
  const acts = async (act: SagaAct, id: string, step?: string) => {
    const asked = { act, queue: `${WHERE}/${id}`, ...(step ? { step } : {}) }
    const { fingerprint, sentence } = await serving.post('previewAction', asked)
    const made = await serving.post('act', { ...asked, reason: REASON, fingerprint })
    return { sentence, ...made }
  }
  const stuck = async (...ids: string[]) => {
    const saga = order()
    for (const id of ids) await saga.start({ cardToken: 's3cret' }, { id })
    await work()
    for (const id of ids) await eventually(async () => expect((await saga.show(id))?.status).toBe('stuck'))
    await known()
    return saga
  }

  it('the stuck come first, the queue says so at no command, and one is shown step by step without secrets', async () => {
    const saga = await stuck('a', 'b')
    isBroken = false
    await saga.start({ cardToken: 's3cret' }, { id: 'fine' })
    await eventually(async () => expect((await saga.show('fine'))?.status).toBe('succeeded'))
    await worker?.stop()
    await jobs.enqueue(saga.job, { cardToken: 'x' }, { id: 'unbegun' })
    expect((await list()).items.map(({ ref, status }) => `${status} ${ref}`).sort()).toEqual([
      `stuck ${WHERE}/a`,
      `stuck ${WHERE}/b`,
    ])
    expect((await list('?status=ended')).items).toMatchObject([{ id: 'fine', status: 'succeeded', step: null }])
    expect((await list('?queue=redis-main/orders&filter=*/a')).items).toHaveLength(1)
    expect((await list('?source=redis-main&status=compensating')).total).toBe(0)
    await eventually(async () => {
      const { queue, sagas } = await serving.get('queue', '/queues/redis-main/orders')
      expect(sagas).toEqual({ open: 2, stuck: 2 })
      expect(queue).toMatchObject({
        severity: 'warning',
        reasons: expect.arrayContaining([expect.stringMatching(/2 sagas stuck/)]),
      })
    })
    const shown = await body('a')
    expect(shown.saga).toMatchObject({ name: 'order', status: 'stuck', step: 'pay', isStalled: false, run: null })
    expect(shown.saga.args).toBe('{"cardToken":"[redacted 6 chars]"}')
    expect(shown.steps.map(({ name, status, isCompensable }) => [name, status, isCompensable])).toEqual([
      ['reserve', 'succeeded', true],
      ['note', 'succeeded', false],
      ['pay', 'failed', true],
    ])
    expect(shown.steps[0]?.result).toBe('{"booking":"reserve","token":"[redacted 7 chars]"}')
    expect(shown.steps[2]).toMatchObject({ error: 'declined, token=[redacted 8 chars]', attempts: 1 })
    expect(shown.offers).toEqual([
      { act: 'retry-step', step: 'pay' },
      { act: 'skip-step', step: 'pay' },
      { act: 'compensate', step: null },
      { act: 'abandon', step: null },
    ])
    await expect(body('nobody')).rejects.toThrow(/404/)
    const [row] = (await serving.get('runs')).items.filter(({ id }) => id === 'a')
    expect(row?.saga).toBe(`${WHERE}/a`)
  })

  it('a list of 1,200 sagas costs one script, and says how many it did not look at', async () => {
    const saga = await stuck('a')
    await worker?.stop()
    const fields = await admin.hgetall('sluice:{orders}:saga:a')
    const pipeline = admin.pipeline()
    for (let n = 0; n < 1_200; n += 1) {
      pipeline.hset(`sluice:{orders}:saga:n${n}`, { ...fields, status: 'running' })
      pipeline.zadd('sluice:{orders}:sagas:order:open', n, `n${n}`)
    }
    // Older ones under other names, whichever the server tells first.
    for (const name of ['exchange', 'refund', 'return']) {
      pipeline.sadd('sluice:{orders}:sagas', name)
      pipeline.hset(`sluice:{orders}:saga:old-${name}`, { ...fields, name, status: 'running' })
      pipeline.zadd(`sluice:{orders}:sagas:${name}:open`, -1, `old-${name}`)
    }
    await pipeline.exec()
    let told: SagaList | null = null
    const { commands } = await metered(admin, ['evalsha_ro', 'sismember'], async () => {
      told = await list('?queue=redis-main/orders&limit=20')
    })
    // Two are its own; the rest is the snapshot's, which goes on meanwhile.
    console.log(`a list over 1,204 sagas: ${commands} commands at the server, those of snapshots meanwhile included`)
    expect(commands).toBeLessThan(20)
    expect(told).toMatchObject({ total: 1_000, unseen: 204, offset: 0 })
    expect((told as SagaList | null)?.items).toHaveLength(20)
    expect((told as SagaList | null)?.items[0]).toMatchObject({ id: 'a', status: 'stuck' })
    expect((told as SagaList | null)?.items[1]).toMatchObject({ isStalled: true })
    expect((await list('?queue=redis-main/orders&filter=*/old-*')).total).toBe(3)
    expect(await saga.show('a')).toMatchObject({ status: 'stuck' })
  })

  it('a stuck step is tried again, skipped or turned back, or the saga abandoned, with a reason in the ledger', async () => {
    await stuck('again', 'skipped', 'back', 'left')
    const skipped = await acts('skip-step', 'skipped', 'pay')
    expect(skipped.sentence).toBe(`Would go on without step "pay" of ${WHERE}/skipped, as somebody has seen to it`)
    await reaches('skipped', 'succeeded')
    expect((await body('skipped')).steps[2]).toMatchObject({ status: 'skipped', reason: REASON })
    const back = await acts('compensate', 'back')
    expect(back.sentence).toBe(`Would turn back ${WHERE}/back: undo 2 steps, pay, then reserve`)
    await reaches('back', 'compensated')
    expect(seen.slice(-2)).toEqual(['undo pay', 'undo reserve'])
    expect((await acts('abandon', 'left')).done).toBe(1)
    await reaches('left', 'abandoned')
    isBroken = false
    expect((await acts('retry-step', 'again')).sentence).toMatch(
      /Would try step "pay" of .* again, which failed: declined/,
    )
    await reaches('again', 'succeeded')
    const { items } = await serving.read('history', '/history?limit=4')
    expect(
      items.map(({ act, targets, detail, reason, outcome }) => [act, targets[0], detail, reason, outcome]),
    ).toEqual([
      ['retry-step', `${WHERE}/again`, 'let go on step pay', REASON, 'done'],
      ['abandon', `${WHERE}/left`, 'abandoned', REASON, 'done'],
      ['compensate', `${WHERE}/back`, 'turned back', REASON, 'done'],
      ['skip-step', `${WHERE}/skipped`, 'skipped step pay', REASON, 'done'],
    ])
    await eventually(async () =>
      expect((await serving.get('queue', '/queues/redis-main/orders')).sagas).toEqual({ open: 0, stuck: 0 }),
    )
  })

  it('what is not as it was previewed is refused, and so is what makes no sense', async () => {
    await stuck('a')
    const asked = { act: 'skip-step', queue: `${WHERE}/a`, step: 'pay' } as const
    const { fingerprint } = await serving.post('previewAction', asked)
    isBroken = false
    await acts('retry-step', 'a')
    await reaches('a', 'succeeded')
    await expect(serving.post('act', { ...asked, reason: REASON, fingerprint })).rejects.toThrow(/409/)
    await expect(serving.post('previewAction', asked)).rejects.toThrow(/409.*does not stand at that step/)
    await expect(serving.post('previewAction', { ...asked, step: 'fly' })).rejects.toThrow(/404.*reserve, note, pay/)
    await expect(serving.post('previewAction', { ...asked, queue: 'redis-main/orders' })).rejects.toThrow(/400/)
    await expect(serving.post('previewAction', { ...asked, act: 'abandon' })).rejects.toThrow(/400.*name no step/)
    await expect(
      serving.post('previewAction', { act: 'retry', queue: 'redis-main/orders', step: 'x' }),
    ).rejects.toThrow(/400/)
    const compensate = { act: 'compensate', queue: `${WHERE}/a` } as const
    const preview = await serving.post('previewAction', compensate)
    await expect(serving.post('act', { ...compensate, reason: 'x', fingerprint: preview.fingerprint })).rejects.toThrow(
      /400/,
    )
    expect(await acts('compensate', 'a')).toMatchObject({ done: 1 })
    await reaches('a', 'compensated')
  })

  it('a saga that lost its job is stalled, and goes on once it is told to', async () => {
    const saga = await stuck('a')
    await worker?.stop()
    await acts('retry-step', 'a')
    const [unit = ''] = await admin.lrange('sluice:{orders}:pending', 0, -1)
    expect(unit).toMatch(/^a~\d+$/)
    expect((await body('a')).saga.run).toBe(`run/redis-main/${unit}`)
    const discard = { act: 'discard' as const, queue: 'redis-main/orders', ids: [unit] }
    const { fingerprint } = await serving.post('previewAction', discard)
    await serving.post('act', { ...discard, reason: REASON, fingerprint, confirm: 'orders' })
    expect((await list('?queue=redis-main/orders&status=trouble')).items).toMatchObject([
      { id: 'a', status: 'running', isStalled: true },
    ])
    isBroken = false
    await acts('retry-step', 'a')
    expect((await list('?queue=redis-main/orders&status=trouble')).items).toEqual([])
    await renewJobs()
    order()
    await work()
    await reaches('a', 'succeeded')
    expect(saga.job.name).toBe('order')
  })

  it('to cancel a run that waits in the queue turns its saga back, also when no worker ever held it since', async () => {
    await stuck('a')
    await worker?.stop()
    await acts('retry-step', 'a')
    const [unit = ''] = await admin.lrange('sluice:{orders}:pending', 0, -1)
    await admin.zadd('sluice:{orders}:runs', 1, unit)
    const cancel = { act: 'cancel', queue: `run/redis-main/${unit}` } as const
    await eventually(() => serving.post('previewAction', cancel))
    const { fingerprint, sentence } = await serving.post('previewAction', cancel)
    expect(sentence).toMatch(/goes on with a saga, which is turned back/)
    expect((await serving.post('act', { ...cancel, reason: REASON, fingerprint })).results).toMatchObject([
      { id: unit, result: 'done' },
    ])
    expect((await body('a')).saga).toMatchObject({
      ...{ status: 'compensating', isStalled: false, reason: `its run was cancelled: ${REASON}` },
    })
    await renewJobs()
    order()
    await work()
    await reaches('a', 'compensated')
  })

  it('a saga in hand is turned back by its own run, however its worker ends; by force, by another', async () => {
    const releases = new Map<string, () => void>()
    const held = defineSaga(jobs, {
      ...{ name: 'held', queue: 'orders', args: (value) => value as Order },
      steps: [
        step('first'),
        step('slow', {
          run: ({ saga }) => new Promise<void>((resolve) => void releases.set(saga, resolve)),
        }),
      ],
    })
    for (const id of ['kind', 'forced']) await held.start({ cardToken: 'x' }, { id })
    worker = jobs.worker({ queues: ['orders'], pollMs: 50, leaseMs: 900, concurrency: 4 })
    await worker.start()
    await eventually(() => releases.size === 2)
    await eventually(async () => (await serving.get('runs')).items.some(({ saga }) => saga === `${WHERE}/kind`))
    const cancel = { act: 'cancel', queue: 'run/redis-main/kind' } as const
    const { fingerprint } = await serving.post('previewAction', cancel)
    await serving.post('act', { ...cancel, reason: REASON, fingerprint })
    expect((await body('kind')).saga).toMatchObject({ status: 'compensating', run: 'run/redis-main/kind' })
    // Its worker dies: the lease ends, and whoever comes next goes on backward.
    await admin.hset('sluice:{orders}:active', 'kind', `0 ghost 1 held`)
    await admin.zadd('sluice:{orders}:leases', 1, 'kind')
    releases.get('kind')?.()
    await reaches('kind', 'compensated')
    expect(seen.filter((line) => line.startsWith('undo'))).toEqual(['undo slow', 'undo first'])
    await admin.hset('sluice:{orders}:run:forced', 'status', 'cancelling')
    const force = { act: 'force-cancel', queue: 'run/redis-main/forced' } as const
    await eventually(() => serving.post('previewAction', force))
    const forced = await serving.post('previewAction', force)
    await serving.post('act', { ...force, reason: REASON, fingerprint: forced.fingerprint })
    // Another has undone it before the step that was left behind ends: its result does not count.
    await reaches('forced', 'compensated')
    releases.get('forced')?.()
  })

  it('a saga that was begun before plans were kept counts every step as compensable', async () => {
    await stuck('a')
    await admin.hdel('sluice:{orders}:saga:a', 'plan', 'step', 'trouble', 'endedCap')
    expect((await body('a')).steps.map(({ isCompensable }) => isCompensable)).toEqual([true, true, true])
    await acts('compensate', 'a')
    await reaches('a', 'compensated')
    expect((await body('a')).steps.map(({ status }) => status)).toEqual(['compensated', 'compensated', 'compensated'])
  })

  it('the CLI lists, describes and repairs them', async () => {
    await stuck('a', 'b')
    const ref = `${WHERE}/a`
    const cli = (...words: string[]) => runCli(words, { server: serving.url, env: { SLUICE_TOKEN: serving.token } })
    const table = await cli('list', 'sagas', 'redis-main/orders')
    expect(table).toMatchObject({ code: 0, stderr: '' })
    expect(table.stdout).toMatch(/^STATUS\tSAGA\tNAME\tSTEP/)
    expect(table.stdout).toMatch(new RegExp(`stuck\t${ref}\torder\tpay\t.*declined`))
    expect(
      (await cli('list', 'sagas', 'redis-main/orders', '--state', 'trouble', '-o', 'name')).stdout.split('\n'),
    ).toContain(ref)
    expect((await cli('list', 'sagas', '--state', 'stuk')).stderr).toMatch(/did you mean stuck/)
    expect(sagaBody.parse(JSON.parse((await cli('describe', ref, '--json')).stdout)).saga.ref).toBe(ref)
    const text = (await cli('describe', ref)).stdout
    expect(text).toMatch(/pay\tfailed\t1/)
    expect(text).not.toContain('hunter2')
    expect((await cli('describe', `${WHERE}/nobody`)).code).toBe(5)
    const dry = await cli('saga', 'skip', ref, '--step', 'pay', '--dry-run')
    expect(dry).toMatchObject({
      code: 0,
      stdout: `Would go on without step "pay" of ${ref}, as somebody has seen to it\n`,
    })
    expect(
      actionPreview.parse(JSON.parse((await cli('saga', 'compensate', ref, '--dry-run', '--json')).stdout)).total,
    ).toBe(1)
    expect((await cli('saga', 'abandon', ref, '--yes')).code).toBe(2)
    expect((await cli('saga', 'abandon', 'redis-main/orders', '--yes', '--reason', REASON)).stderr).toMatch(
      /not a saga/,
    )
    expect(await cli('saga', 'skip', ref, '--step', 'pay', '--yes', '--reason', REASON)).toEqual({
      ...{ code: 0, stdout: `${ref} goes on without that step\n`, stderr: '' },
    })
    await reaches('a', 'succeeded')
    expect((await cli('saga', 'retry', ref, '--yes', '--reason', REASON)).code).toBe(8)
    const back = await cli('saga', 'compensate', ref, '--yes', '--reason', REASON, '-o', 'json')
    expect(actionMade.parse(JSON.parse(back.stdout))).toMatchObject({ done: 1 })
    await reaches('a', 'compensated')
  })

  it.skipIf(isEmbedded)(
    'a Redis user that may only read shows them and is refused every act; the rights of the README are enough',
    async () => {
      await stuck('a')
      const readme = await readFile(new URL('../../server/source/redis/README.md', import.meta.url), 'utf8')
      const saga = { queue: 'orders', id: 'a' }
      const as = async (username: string) => {
        const rights =
          new RegExp(`ACL SETUSER ${username} on >PASSWORD (.*)`).exec(readme)?.[1]?.trim().split(' ') ?? []
        await admin.call('ACL', 'SETUSER', username, 'on', '>PASSWORD', ...rights)
        return redisSource(redis.port, { username, password: new Secret('PASSWORD') })
      }
      const [reader, actor] = [await as('sluice'), await as('sluice-acting')]
      expect((await reader.sagas?.scan('orders', false, never))?.total).toBe(1)
      expect((await reader.sagas?.show(saga, never))?.status).toBe('stuck')
      const abandon = { act: 'abandon', step: null, reason: REASON } as const
      await expect(reader.sagas?.act(saga, abandon, never)).rejects.toMatchObject({ code: 'refused' })
      await worker?.stop()
      const compensate = { act: 'compensate', step: null, reason: REASON } as const
      expect(await actor.sagas?.act(saga, compensate, never)).toMatchObject({ result: 'done' })
      expect(await actor.sagas?.act(saga, abandon, never)).toMatchObject({ result: 'done' })
      expect(await actor.sagas?.act(saga, abandon, never)).toMatchObject({ result: 'not-now' })
      expect(await actor.sagas?.act({ ...saga, id: 'no' }, abandon, never)).toMatchObject({ result: 'gone' })
      await Promise.all([reader.close(), actor.close()])
    },
  )

  it('a server that only reads refuses every repair, and shows them all the same', async () => {
    await stuck('a')
    const reading = await startServing({ 'redis-main': { url: redis.url } }, { server: { readOnly: true } })
    try {
      await eventually(async () => (await reading.read('sagas')).items.length === 1)
      const asked = { act: 'abandon', queue: `${WHERE}/a` } as const
      const { fingerprint } = await serving.post('previewAction', asked)
      await expect(reading.post('act', { ...asked, reason: REASON, fingerprint })).rejects.toThrow(/403/)
      expect((await body('a')).saga.status).toBe('stuck')
    } finally {
      await reading.close()
    }
  })
})
