import { useMemo } from 'react'
import type { ControlList } from '../../server/api/control.ts'
import { listPath } from '../../server/api/paths.ts'
import { useLive } from './use-live.ts'

/** A stretch of time in which a person's hand was on something. Unix ms; `toMs` null = it still is. */
export interface Band {
  readonly fromMs: number
  readonly toMs: number | null
}

/** When controls on this very target were in force, for its charts: cause beside effect. */
export function useBands(source: string, ref: string | undefined): readonly Band[] {
  const { body } = useLive<ControlList>(listPath('controls', { source, filter: ref, limit: 50 }))
  const text = JSON.stringify(
    (body?.items ?? [])
      .filter(({ target }) => target === ref)
      .map(({ issuedAtMs, endedAtMs }): Band => ({ fromMs: issuedAtMs, toMs: endedAtMs })),
  )
  // The same bands are the same object: a chart is drawn anew only when they change.
  return useMemo(() => JSON.parse(text) as Band[], [text])
}
