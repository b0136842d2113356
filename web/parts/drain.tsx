import { Figure, NotApplicable, Unknown } from './figure.tsx'
import type { Tone } from './tone.ts'

interface DrainProps {
  readonly drain: 'draining' | 'never' | 'idle' | 'unknown'
  readonly drainMs: number | null
  readonly tone?: Tone | undefined
}

/** How long the backlog will last at today's rates. */
export function Drain({ drain, drainMs, tone }: DrainProps) {
  if (drain === 'idle') return <NotApplicable why="nothing waits" />
  if (drain === 'unknown') return <Unknown why="its rates are not known yet" />
  if (drain === 'never')
    return (
      <span data-tone={tone} title="it does not shrink at today's rates">
        never
      </span>
    )
  return <Figure value={drainMs} as="duration" />
}
