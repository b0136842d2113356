import type { ControlRow } from '../../server/api/control.ts'
import { useNow } from '../data/use-now.ts'
import { formatCountdown, formatInstant } from '../format.ts'

/** A control that ends within this time is said to be ending; of a short one, its last quarter. */
const ENDING_MS = 5 * 60_000
const ENDING_SHARE = 0.25

/** `07:12` to the end of a control, on the server's clock; amber when it is near. */
export function Countdown({ control }: { readonly control: Pick<ControlRow, 'issuedAtMs' | 'expiresAtMs'> }) {
  const nowMs = useNow()
  const { issuedAtMs, expiresAtMs: toMs } = control
  const leftMs = toMs - nowMs
  const isEnding = leftMs <= Math.min(ENDING_MS, ENDING_SHARE * (toMs - issuedAtMs))
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
