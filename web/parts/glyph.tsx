import type { ReactNode } from 'react'
import type { GlyphName, Sign } from './tone.ts'

const OCTAGON = '4.2,1 8.8,1 12,4.2 12,8.8 8.8,12 4.2,12 1,8.8 1,4.2'

const SHAPES: Readonly<Record<GlyphName, ReactNode>> = {
  critical: (
    <>
      <polygon points={OCTAGON} fill="currentColor" />
      <path d="M6.5 3.6v3.6M6.5 9.1v.2" stroke="var(--surface)" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  warning: <path d="M6.5 1.4 12.3 11.6H.7Z" fill="currentColor" strokeLinejoin="round" />,
  notice: (
    <>
      <circle cx="6.5" cy="6.5" r="5" fill="none" stroke="currentColor" strokeWidth="1.2" />
      <path d="M6.5 5.9v3.2M6.5 3.7v.1" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" />
    </>
  ),
  paused: (
    <>
      <rect x="1.2" y="1.2" width="10.6" height="10.6" rx="2" fill="none" stroke="currentColor" strokeWidth="1.2" />
      <path d="M4.9 4.2v4.6M8.1 4.2v4.6" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
    </>
  ),
  'paused-elsewhere': (
    <>
      <rect
        {...{ x: '1.2', y: '1.2', width: '10.6', height: '10.6', rx: '2', fill: 'none' }}
        {...{ stroke: 'currentColor', strokeWidth: '1.2', strokeDasharray: '2.2 1.6' }}
      />
      <path d="M4.9 4.2v4.6M8.1 4.2v4.6" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
    </>
  ),
  metered: (
    <>
      <circle cx="6.5" cy="6.5" r="5" fill="none" stroke="currentColor" strokeWidth="1.3" />
      <path d="M6.5 1.5a5 5 0 0 0 0 10Z" fill="currentColor" />
    </>
  ),
  unknown: (
    <circle cx="6.5" cy="6.5" r="4.6" fill="none" stroke="currentColor" strokeWidth="1.3" strokeDasharray="1.9 1.7" />
  ),
  late: (
    <>
      <circle cx="6.5" cy="6.5" r="4.8" fill="none" stroke="currentColor" strokeWidth="1.2" />
      <path d="M6.5 3.8v2.9l1.9 1.2" fill="none" stroke="currentColor" strokeWidth="1.2" strokeLinecap="round" />
    </>
  ),
  fine: <circle cx="6.5" cy="6.5" r="3.6" fill="currentColor" />,
}

/** The shape alone; whoever uses it says the word beside it, or passes it as `label`. */
export function Glyph({ sign, label }: { readonly sign: Sign; readonly label?: string }) {
  const named = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label }
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: named by aria-label, or hidden beside its word
    <svg width="13" height="13" viewBox="0 0 13 13" data-tone={sign.tone} focusable="false" {...named}>
      {SHAPES[sign.glyph]}
    </svg>
  )
}
