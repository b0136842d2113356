import { useEffect } from 'react'
import { useOverview } from '../data/use-live.ts'

const GLYPHS = { critical: '✖', warning: '▲', notice: 'ⓘ', unknown: '◌', fine: '●' } as const

/** `✖2 · Queues · Sluice`: the verdict stands first, so that a tab among forty tells it. */
export function useTitle(page: string): void {
  const { body } = useOverview()
  const verdict = body?.verdict
  const sign = verdict ? `${GLYPHS[verdict.severity]}${verdict.problems || ''} · ` : ''
  useEffect(() => {
    document.title = `${sign}${page} · Sluice`
  }, [sign, page])
}
