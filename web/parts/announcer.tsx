import { useEffect, useRef, useState } from 'react'
import { useOverview } from '../data/use-live.ts'
import { formatNumbered } from '../format.ts'

/** Between two announcements at least this long: a verdict that flaps must not talk without end. */
const QUIET_MS = 10_000

/** Says changes of the verdict to screen readers, politely. Ticking figures are never announced. */
export function Announcer() {
  const { body } = useOverview()
  const words = body ? verdictWords(body.verdict.problems, body.verdict.severity) : ''
  const [said, setSaid] = useState('')
  const lastAtMs = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    if (words === said || words === '') return
    const wait = Math.max(0, lastAtMs.current + QUIET_MS - performance.now())
    const timer = setTimeout(() => {
      lastAtMs.current = performance.now()
      setSaid(words)
    }, wait)
    return () => clearTimeout(timer)
  }, [words, said])
  return (
    <div className="sr" role="status" aria-live="polite">
      {said}
    </div>
  )
}

function verdictWords(problems: number, severity: string): string {
  if (problems > 0) return `${formatNumbered(problems, 'problem')}, ${severity}`
  return severity === 'fine' ? 'All clear' : `No problem seen, ${severity}`
}
