import { setImmediate as turn } from 'node:timers/promises'
import * as bullmq6 from 'bullmq'
import * as bullmq5 from 'bullmq5'
import { eventually } from './eventually.ts'

/** What the two majors share, as far as the tests use it. */
const MAJORS = { 5: bullmq5 as unknown as typeof bullmq6, 6: bullmq6 } as const

export interface BullmqApp {
  readonly emails: bullmq6.Queue
  readonly images: bullmq6.Queue
  /** A queue whose worker removes what completes and has ended when this resolves. */
  finishing(
    name: string,
    jobs: { readonly ok: number; readonly bad: number },
  ): Promise<{ readonly queue: bullmq6.Queue }>
  /** A queue with a worker that waits for work. */
  working(name: string): Promise<{ readonly queue: bullmq6.Queue; end(): Promise<void> }>
  close(): Promise<void>
}

/**
 * A real app, come to rest: `emails` with waiting, prioritized, delayed, active, failed, completed jobs and one retry
 * in back-off, a worker of concurrency 2 with `metrics`; `images` paused with waiting jobs and an unnamed, idle worker.
 */
export async function startBullmqApp(major: 5 | 6, port: number): Promise<BullmqApp> {
  const { Queue, Worker } = MAJORS[major]
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null }
  const emails = new Queue('emails', { connection })
  const images = new Queue('images', { connection })
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const worker = new Worker(
    'emails',
    async ({ name }: { name: string }) => {
      if (name === 'bad') throw new Error('refused by the test')
      if (name === 'long') await released
    },
    { connection, concurrency: 2, metrics: { maxDataPoints: 60 }, name: 'mailer' },
  )
  const idle = new Worker('images', async () => {}, { connection })
  await emails.addBulk([
    ...Array.from({ length: 5 }, () => ({ name: 'ok', data: {} })),
    { name: 'bad', data: {}, opts: { attempts: 1 } },
    { name: 'bad', data: {}, opts: { attempts: 1 } },
    { name: 'bad', data: {}, opts: { attempts: 5, backoff: { type: 'fixed', delay: 3_600_000 } } },
  ])
  await eventually(async () => (await emails.getJobCounts('completed')).completed === 5)
  await eventually(async () => (await emails.getJobCounts('failed')).failed === 2)
  await eventually(async () => (await emails.getJobCounts('delayed')).delayed === 1)
  await emails.addBulk([
    { name: 'long', data: {} },
    { name: 'long', data: {} },
  ])
  await eventually(async () => (await emails.getJobCounts('active')).active === 2)
  await emails.addBulk([
    ...Array.from({ length: 3 }, () => ({ name: 'ok', data: {} })),
    { name: 'ok', data: {}, opts: { priority: 5 } },
    { name: 'ok', data: {}, opts: { priority: 1 } },
    { name: 'ok', data: {}, opts: { delay: 3_600_000 } },
    { name: 'ok', data: {}, opts: { delay: 7_200_000 } },
  ])
  await idle.waitUntilReady()
  await images.pause()
  await images.addBulk(Array.from({ length: 4 }, () => ({ name: 'ok', data: {} })))
  return {
    emails,
    images,
    async finishing(name, jobs) {
      const queue = new Queue(name, { connection, defaultJobOptions: { removeOnComplete: true } })
      const batch = (kind: string, count: number) => Array.from({ length: count }, () => ({ name: kind, data: {} }))
      await queue.addBulk([...batch('ok', jobs.ok), ...batch('bad', jobs.bad)])
      const ending = new Worker(
        name,
        async ({ name: kind }: { name: string }) => {
          if (kind === 'bad') throw new Error('refused by the test')
        },
        { connection },
      )
      await eventually(async () => {
        const counts = await queue.getJobCounts('waiting', 'active', 'failed')
        return counts.waiting === 0 && counts.active === 0 && counts.failed === jobs.bad
      })
      await ending.close()
      return { queue }
    },
    async working(name) {
      const queue = new Queue(name, { connection })
      const waiting = new Worker(name, async () => {}, { connection })
      await Promise.all([queue.waitUntilReady(), waiting.waitUntilReady()])
      return { queue, end: () => waiting.close(true) }
    },
    async close() {
      release()
      await Promise.all([worker.close(true), idle.close(true)])
      await Promise.all([emails.close(), images.close()])
      await turn()
    },
  }
}
