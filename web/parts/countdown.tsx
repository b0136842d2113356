import { useNow } from '../data/use-now.ts'
import { formatCountdown, formatInstant } from '../format.ts'

/** A control that ends within this time is said to be ending. */
const ENDING_MS = 5 * 60_000

/** `07:12` to the end, on the server's clock; amber in the last five minutes. */
export function Countdown({ toMs }: { readonly toMs: number }) {
  const nowMs = useNow()
  const leftMs = toMs - nowMs
  const isEnding = leftMs <= ENDING_MS
  return (
    <time
      dateTime={new Date(toMs).toISOString()}
      title={`until ${formatInstant(toMs, nowMs)}`}
      data-tone={isEnding ? 'warning' : undefined}
    >
      {formatCountdown(leftMs)}
      {isEnding && (leftMs > 0 ? ' ending' : ' over')}
    </time>
  )
}
