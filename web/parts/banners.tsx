import { toggleFrozen, useFrozenAtMs } from '../data/frozen.ts'
import { useLinkState } from '../data/use-live.ts'
import { useNow } from '../data/use-now.ts'
import { formatAge, formatInstant } from '../format.ts'
import styles from './banners.module.css'

/** A link that is lost for less than this is being mended: no banner flickers. */
const LOST_SHOWN_MS = 2_000

/** What is true of the whole screen and must not be overlooked: frozen, or no longer live. */
export function Banners() {
  const frozenAtMs = useFrozenAtMs()
  const { phase, sinceMs } = useLinkState()
  const nowMs = useNow()
  // The link counts on our own clock, as the server's cannot be heard.
  const lostMs = phase === 'lost' ? Date.now() - sinceMs : 0
  if (frozenAtMs !== null)
    return (
      <p className={styles.banner} data-kind="frozen">
        <span>
          Frozen at {formatInstant(frozenAtMs, nowMs)}, {formatAge(nowMs - frozenAtMs)} ago. Collecting goes on.
        </span>
        <button type="button" onClick={toggleFrozen}>
          Unfreeze · z
        </button>
      </p>
    )
  if (lostMs < LOST_SHOWN_MS) return null
  return (
    <p className={styles.banner} data-kind="lost" role="alert">
      <span>
        Live updates lost <span aria-hidden="true">{formatAge(lostMs)} ago</span>, polling every 5 s.
      </span>
    </p>
  )
}
