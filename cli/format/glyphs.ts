import type { Severity } from '../../server/api/freshness.ts'
import type { Tone } from './line.ts'

/** The marks of one alphabet. Each takes one cell in the Unicode set, and the ASCII set needs nothing but ASCII. */
export interface Glyphs {
  readonly severity: Readonly<Record<Severity, string>>
  readonly paused: string
  /** Throttled or limited. */
  readonly metered: string
  readonly done: string
  /** A bar of progress: what is done, and what is not. */
  readonly full: string
  readonly empty: string
  readonly live: string
  readonly late: string
  readonly stale: string
  /** Cannot be told. */
  readonly unknown: string
  /** Does not apply. */
  readonly none: string
  readonly ellipsis: string
  readonly cursor: string
  readonly rule: string
  readonly bar: string
  readonly descending: string
  readonly ascending: string
  /** Lowest to highest, for sparklines; and where nothing was observed. */
  readonly spark: string
  readonly hatch: string
}

export const UNICODE: Glyphs = {
  severity: { critical: '✖', warning: '▲', notice: 'i', fine: '●', unknown: '◌' },
  paused: '‖',
  metered: '◐',
  done: '✓',
  full: '█',
  empty: '░',
  live: '●',
  late: '◐',
  stale: '◌',
  unknown: '—',
  none: '·',
  ellipsis: '…',
  cursor: '▸',
  rule: '─',
  bar: '│',
  descending: '▾',
  ascending: '▴',
  spark: '▁▂▃▄▅▆▇█',
  hatch: '/',
}

export const ASCII: Glyphs = {
  severity: { critical: '!!', warning: '! ', notice: 'i ', fine: 'ok', unknown: '??' },
  paused: '||',
  metered: '~ ',
  done: 'ok',
  full: '#',
  empty: '.',
  live: 'ok',
  late: '~ ',
  stale: '??',
  unknown: '-',
  none: '.',
  ellipsis: '~',
  cursor: '>',
  rule: '-',
  bar: '|',
  descending: 'v',
  ascending: '^',
  spark: '_.-:=+*#',
  hatch: '/',
}

/** Four letters, so that the column stands still; the words are never left to colour alone. */
export const SEVERITY_SHORT: Readonly<Record<Severity, string>> = {
  critical: 'crit',
  warning: 'warn',
  notice: 'note',
  fine: 'fine',
  unknown: '????',
}

export const SEVERITY_TONE: Readonly<Record<Severity, Tone>> = {
  critical: 'critical',
  warning: 'warning',
  notice: 'notice',
  fine: 'fine',
  unknown: 'unknown',
}

const LETTERS: Readonly<Record<string, string>> = {
  '·': '.',
  '—': '-',
  '–': '-',
  '…': '~',
  '×': 'x',
  Δ: 'd',
  '→': '>',
  '←': '<',
  '≈': '~',
  '’': "'",
  '−': '-',
}

/** Text for a terminal that has only ASCII, at the same width: marks by their nearest, other letters as question marks. */
export function asciiText(text: string, widthOf: (char: string) => number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything beyond ASCII
  return text.replace(/[^\x00-\x7f]/gu, (char) => LETTERS[char] ?? '?'.repeat(widthOf(char)))
}
