import { type Command, type Link, listOf, type Reply } from './link.ts'

/** The rows of SIDEKIQ_QUEUES by plain commands, for servers that refuse scripts: whole payloads travel then. */
export async function readQueuesPlainly(
  link: Link,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly Reply[]> {
  const commands = names.flatMap((name): Command[] => [
    ['LLEN', `queue:${name}`],
    ['LINDEX', `queue:${name}`, -1],
    ['SISMEMBER', 'paused', name],
    ['EXISTS', `limit_fetch:pause:${name}`],
    ['GET', `limit_fetch:limit:${name}`],
  ])
  const [time, ...replies] = await link.run('sidekiq', [['TIME'], ...commands], signal)
  const rows = names.map((_, at): Reply => {
    const [length, tail, pro, limitFetch, limit] = replies.slice(at * 5, at * 5 + 5)
    if (typeof length !== 'number') return []
    return [length, lastEnqueuedAt(tail), Number(pro) + Number(limitFetch), typeof limit === 'string' ? limit : '']
  })
  const [seconds, micros] = listOf(time)
  return [String(Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)), ...rows]
}

/** The rows of SIDEKIQ_PROCESSES by plain commands. */
export async function readProcessesPlainly(
  link: Link,
  identities: readonly string[],
  signal: AbortSignal,
): Promise<readonly Reply[]> {
  const commands = identities.flatMap((identity): Command[] => [
    ['HMGET', identity, 'beat', 'busy', 'quiet', 'concurrency', 'info'],
    ['HVALS', `${identity}:work`],
    ['HVALS', `${identity}:workers`],
  ])
  const replies = await link.run('sidekiq', commands, signal)
  return identities.map((_, at): Reply => {
    const [told, work, workers] = replies.slice(at * 3, at * 3 + 3)
    if (!Array.isArray(told) || (told[0] === null && told[4] === null)) return []
    const running = [...listOf(work), ...listOf(workers)]
    return [...told.map((value) => value ?? ''), countByQueue(running)]
  })
}

/** The reply of SIDEKIQ_MEMBERS, from members: [queue, jobs …]. */
export function countByQueue(members: readonly Reply[]): Reply {
  const counts = new Map<string, number>()
  for (const member of members) {
    const queue = typeof member === 'string' ? /"queue":\s*"([^"]*)"/.exec(member)?.[1] : undefined
    if (queue !== undefined) counts.set(queue, (counts.get(queue) ?? 0) + 1)
  }
  return [...counts].flat()
}

function lastEnqueuedAt(payload: Reply | undefined): string {
  if (typeof payload !== 'string') return ''
  const at = payload.lastIndexOf('"enqueued_at":')
  return at === -1 ? '' : (/^[\d.]+/.exec(payload.slice(at + '"enqueued_at":'.length))?.[0] ?? '')
}
