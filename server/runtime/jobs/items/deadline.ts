import { OpsError } from '../../../domain/errors.ts'

/**
 * Our own deadline on something outside, whether it heeds the signal or not. Throws OpsError `timeout`.
 * @param work gets a signal that is aborted at the deadline, or with `signal`
 * @param what for the message: `orders.csv: reading at byte 0`
 */
export async function within<Value>(
  { timeoutMs, op, what, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<Value> | Value,
): Promise<Value> {
  const abort = new AbortController()
  const ended = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason))
  })
  const late = () => abort.abort(new OpsError('timeout', op, `${what}: no answer within ${timeoutMs} ms`))
  const stop = () => abort.abort(new OpsError('closed', op, `${what}: its execution has ended`))
  const timer = setTimeout(late, timeoutMs)
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  try {
    return await Promise.race([ended, work(abort.signal)])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

interface Deadline {
  readonly timeoutMs: number
  readonly op: string
  readonly what: string
  readonly signal?: AbortSignal | undefined
}
