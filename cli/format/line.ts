import { asciiText } from './glyphs.ts'
import { textWidth } from './width.ts'

/** What a piece of text means; the paint decides how that looks. */
export type Tone =
  | 'critical'
  | 'warning'
  | 'notice'
  | 'fine'
  | 'unknown'
  | 'paused'
  | 'dim'
  | 'strong'
  | 'accent'
  | 'heading'

export interface Segment {
  readonly text: string
  readonly tone?: Tone | undefined
}

/** One line of output: pieces side by side, no line breaks, no escape sequences. */
export type Line = readonly Segment[]

/** SGR codes, safe in 16 colours on dark and light grounds. Grey is bright black, as faint is missing in some terminals. */
const SGR: Readonly<Record<Tone, string>> = {
  critical: '1;31',
  warning: '33',
  notice: '36',
  fine: '32',
  unknown: '90',
  paused: '35',
  dim: '90',
  strong: '1',
  accent: '1;36',
  heading: '90',
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + textWidth(text), 0)
}

export function lineText(line: Line): string {
  return line.map(({ text }) => text).join('')
}

/** The line with nothing but ASCII in it, cell by cell the same. */
export function asciiLine(line: Line): Line {
  return line.map(({ text, tone }) => ({ text: asciiText(text, textWidth), tone }))
}

/** The line as bytes for the terminal; without colour just its text. */
export function paint(line: Line, color: boolean): string {
  if (!color) return lineText(line)
  return line.map(({ text, tone }) => (tone && text !== '' ? `\x1b[${SGR[tone]}m${text}\x1b[0m` : text)).join('')
}

/** Text cut to `width` cells, with an ellipsis where it was cut. */
export function cutText(text: string, width: number, ellipsis = '…'): string {
  if (textWidth(text) <= width) return text
  const room = width - textWidth(ellipsis)
  if (room < 0) return ''
  let used = 0
  let kept = ''
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    used += textWidth(segment)
    if (used > room) break
    kept += segment
  }
  return kept + ellipsis
}

/** A line cut to `width` cells. */
export function cutLine(line: Line, width: number, ellipsis = '…'): Line {
  if (lineWidth(line) <= width) return line
  const kept: Segment[] = []
  let left = width
  for (const segment of line) {
    const cells = textWidth(segment.text)
    if (cells > left || (cells === left && segment !== line.at(-1))) {
      kept.push({ ...segment, text: cutText(`${segment.text}${ellipsis}`, left, ellipsis) })
      break
    }
    kept.push(segment)
    left -= cells
  }
  return kept
}

/** A line of exactly `width` cells: left, space, right. The left is cut when both do not fit. */
export function spread(left: Line, right: Line, width: number, ellipsis = '…'): Line {
  const rightWidth = lineWidth(right)
  if (rightWidth >= width) return cutLine(left, width, ellipsis)
  const cut = cutLine(left, Math.max(0, width - rightWidth - (rightWidth === 0 ? 0 : 1)), ellipsis)
  return [...cut, { text: ' '.repeat(Math.max(0, width - rightWidth - lineWidth(cut))) }, ...right]
}

/** Text padded to `width` cells. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)))
  return align === 'right' ? space + text : text + space
}

/** Fewer cells than this beside an indent hold no sentence. */
const WRAP_MIN = 20

/**
 * A line over as many lines as it needs, its last piece broken at spaces and kept right of what is before it: half a
 * reason would be another reason. A line of one piece is indented as its own beginning, and two cells more.
 */
export function wrapLine(line: Line, width: number): Line[] {
  const last = line.at(-1)
  if (!last || lineWidth(line) <= width) return [line]
  const head = line.slice(0, -1)
  const before = lineWidth(head)
  const lead = head.length === 0 ? (/^ */.exec(last.text)?.[0].length ?? 0) : 0
  const indent = width - before < WRAP_MIN ? 4 : head.length === 0 ? lead + 2 : before
  const pieces: string[] = []
  let piece = ' '.repeat(lead)
  let room = width - before
  for (const word of last.text.trimStart().split(' ')) {
    const joined = piece.trim() === '' ? piece + word : `${piece} ${word}`
    if (textWidth(joined) > room && (piece.trim() !== '' || (head.length > 0 && pieces.length === 0))) {
      pieces.push(piece)
      piece = word
      room = width - indent
    } else piece = joined
  }
  return [...pieces, piece].map((text, at) =>
    at === 0 ? [...head, { ...last, text }] : [{ text: ' '.repeat(indent) }, { ...last, text }],
  )
}
