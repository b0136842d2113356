import { held } from '../data/held.ts'
import { useStore } from '../data/store.ts'
import { type Judged, type Sign, signOf } from './tone.ts'

/** The sign of a row, with what Sluice holds of it; a sign stays as it is. */
export function useSign(of: Sign | Judged): Sign {
  const verbs = useStore(held)
  return 'glyph' in of ? of : signOf(of.severity, of.pausedBy, verbs.get(of.ref))
}
