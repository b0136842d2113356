import { API_BASE } from '../../server/api/paths.ts'
import type { Problem } from '../../server/api/problem.ts'
import type { Stream, StreamEvents } from './live-link.ts'

/** A live stream over the browser's EventSource. Its own silent reconnecting is not used: the link decides. */
export function openEventSource(paths: readonly string[], events: StreamEvents): Stream {
  const search = new URLSearchParams(paths.map((path) => ['path', path]))
  const source = new EventSource(`${API_BASE}/live?${search}`)
  const on = <Said>(name: string, then: (said: Said) => void) =>
    source.addEventListener(name, (event) => then(JSON.parse((event as MessageEvent<string>).data) as Said))
  source.onopen = () => events.opened()
  source.onerror = () => {
    source.close()
    events.failed()
  }
  on<{ path: string; body: object }>('result', ({ path, body }) => events.result(path, body))
  on<{ path: string; problem: Problem }>('problem', ({ path, problem }) => events.problem(path, problem))
  on<{ nowMs: number }>('beat', ({ nowMs }) => events.beat(nowMs))
  on('bye', () => {
    source.close()
    events.bye()
  })
  return { close: () => source.close() }
}
