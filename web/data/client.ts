import { QueryClient } from '@tanstack/react-query'
import { type Answer, ask } from './answer.ts'
import { openEventSource } from './event-source.ts'
import { LiveLink } from './live-link.ts'
import { ServerClock } from './server-clock.ts'

/** One page, one cache, one link, one clock. The query key is the path. */
export const serverClock = new ServerClock()

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A followed path is always as fresh as the server's word; the link says when it is not.
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 60_000,
      retry: false,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      refetchOnMount: 'always',
      networkMode: 'always',
    },
  },
})

/** How one path is read: the same options wherever it is used. */
export function pathQuery<Body>(path: string) {
  return {
    queryKey: [path] as const,
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Answer<Body>> => {
      const answer = await ask<Body>(path, signal)
      hearClock(answer)
      return keepBody(queries.getQueryData<Answer<Body>>([path]), answer)
    },
  }
}

export const link = new LiveLink({
  openStream: openEventSource,
  deliver(answers) {
    for (const [path, answer] of answers) {
      queries.setQueryData<Answer<object>>([path], (before) => keepBody(before, answer))
    }
  },
  poll(paths) {
    for (const path of paths) void queries.refetchQueries({ queryKey: [path], exact: true })
  },
  beat: (nowMs) => serverClock.hear(nowMs),
  nextFrame: (then) => void requestAnimationFrame(then),
})

/** A problem after a good body keeps the body: what was last known stays on the screen, and says so. */
function keepBody<Body>(before: Answer<Body> | undefined, answer: Answer<Body>): Answer<Body> {
  return answer.problem && before?.body ? { ...answer, body: before.body } : answer
}

function hearClock({ body }: Answer<unknown>): void {
  const asOfMs: unknown = body && typeof body === 'object' ? Reflect.get(body, 'asOfMs') : null
  if (typeof asOfMs === 'number') serverClock.hear(asOfMs)
}
