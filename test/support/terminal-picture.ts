/** What a terminal shows, as a page for a browser to take a picture of. */
export function terminalPage(painted: string): string {
  const lines = painted.replace(/\n+$/, '').split('\n')
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: 14px 18px; background: ${GROUND}; color: ${INK}; display: inline-block; }
    pre { margin: 0; font: 13px/1.35 'DejaVu Sans Mono', 'Liberation Mono', monospace; }
  </style><pre>${lines.map(lineHtml).join('\n')}</pre>`
}

const GROUND = '#16181d'
const INK = '#d4d7dd'
/** The sixteen colours, as common terminals have them on a dark ground. */
const COLOURS = [
  ...['#3b4048', '#e0606b', '#6fbf73', '#d9a441', '#5c9ded', '#b98be0', '#4fb6c2', '#d4d7dd'],
  ...['#7c828d', '#ff7a85', '#8fdc93', '#f2c063', '#82b8ff', '#d3aef5', '#74d5e0', '#ffffff'],
]

interface Style {
  readonly ink: string
  readonly ground: string | null
  readonly isBold: boolean
  readonly isInverse: boolean
}

const PLAIN: Style = { ink: INK, ground: null, isBold: false, isInverse: false }

function lineHtml(line: string): string {
  let style = PLAIN
  let html = ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read here
  for (const [, codes, text] of line.matchAll(/\u001b\[([\d;]*)m|([^\u001b]+)|\u001b[^m]*/g)) {
    if (codes !== undefined) for (const code of codes.split(';')) style = styleAfter(style, Number(code))
    else if (text !== undefined) html += `<span style="${cssOf(style)}">${escaped(text)}</span>`
  }
  return html
}

function styleAfter(style: Style, code: number): Style {
  if (code === 0) return PLAIN
  if (code === 1) return { ...style, isBold: true }
  if (code === 22) return { ...style, isBold: false }
  if (code === 7) return { ...style, isInverse: true }
  if (code === 27) return { ...style, isInverse: false }
  if (code === 39) return { ...style, ink: INK }
  if (code === 49) return { ...style, ground: null }
  const [tens, at] = [Math.floor(code / 10), code % 10]
  if (tens === 3 || tens === 9) return { ...style, ink: COLOURS[at + (tens === 9 ? 8 : 0)] ?? INK }
  if (tens === 4 || tens === 10) return { ...style, ground: COLOURS[at + (tens === 10 ? 8 : 0)] ?? null }
  return style
}

function cssOf({ ink, ground, isBold, isInverse }: Style): string {
  const [front, back] = isInverse ? [ground ?? GROUND, ink] : [ink, ground]
  return `color:${front};${back === null ? '' : `background:${back};`}${isBold ? 'font-weight:bold' : ''}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
