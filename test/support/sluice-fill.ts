import type { Redis } from 'ioredis'

/** Queues at work (`q0`, `q1` …), each with a unit, a run, and a control that lies in all of them. */
export async function fillSluice(admin: Redis, queues: number): Promise<void> {
  const now = Date.now()
  for (let from = 0; from < queues; from += 200) {
    const batch = admin.pipeline()
    for (let n = from; n < from + 200; n += 1) {
      const base = `sluice:{q${n}}:`
      batch.sadd('sluice:{#}:queues', `q${n}`)
      batch.hset(`${base}jobs`, 'a', `${now}\nmail.send\nplain\n1\n{"to":"x@example.org"}`)
      batch.rpush(`${base}pending`, 'a')
      batch.hset(`${base}stats`, 'enqueued', '9', 'succeeded', '8', 'started', '8')
      batch.zadd(`${base}runs`, now, 'r')
      batch.hset(`${base}run:r`, 'status', 'running', 'job', 'walk', 'startedAtMs', String(now))
      const line = `pause - - tag slow ${now} ${now + 600_000} 1 ${now} 1 0`
      batch.hset(
        `${base}controls`,
        'ctl_0123456789',
        `${line}\n${JSON.stringify({ tail: 'slow', reason: 'r', actor: 'ana' })}`,
      )
    }
    await batch.exec()
  }
}
