import { ASCII, type Glyphs, UNICODE } from './format/glyphs.ts'

/** How one stream may be written to. stdout and stderr are judged apart. */
export interface Look {
  readonly isTty: boolean
  readonly color: boolean
  readonly glyphs: Glyphs
  /** Cells across; null when it is no terminal: nothing is cut then. */
  readonly width: number | null
}

export interface LookInput {
  readonly isTty: boolean
  readonly columns: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** From --color. */
  readonly color: 'auto' | 'always' | 'never'
  /** From --ascii. */
  readonly ascii: boolean
}

/** Colour and alphabet by flag, then environment, then terminal. A pipe gets UTF-8 and no colour unless asked. */
export function lookOf({ isTty, columns, env, color, ascii }: LookInput): Look {
  const isPlainTerminal = env.TERM === 'dumb'
  const isForced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0'
  const auto = !env.NO_COLOR && (isForced || (isTty && !isPlainTerminal))
  return {
    isTty,
    color: color === 'always' || (color === 'auto' && auto),
    glyphs: ascii || (isTty && (isPlainTerminal || !drawsUnicode(env))) ? ASCII : UNICODE,
    width: isTty ? Math.max(20, columns || 80) : null,
  }
}

/** False for locales that are not UTF-8, and for those in which ambiguous characters may take two cells. */
function drawsUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  if (process.platform === 'win32') return true
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || 'C'
  return /utf-?8/i.test(locale) && !/^(zh|ja|ko)/.test(locale)
}
