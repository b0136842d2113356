import type { CellContext } from '../columns/column.ts'
import { controlWords, previewLines } from '../describe/preview.ts'
import { formatAge, formatWhen } from '../format/figures.ts'
import { inert } from '../format/inert.ts'
import { type Line, pad, type Segment, wrapLine } from '../format/line.ts'
import {
  currentPreview,
  FOR_MS,
  type Form,
  hasAmount,
  hasLife,
  hasRamp,
  needsReason,
  questionOf,
  rampOf,
  whyNot,
} from './form.ts'

const LABEL_CELLS = 11

/** The form: what, to what, for how long, why, what the server says to that, and what Enter would do. */
export function formLines(form: Form, { columns, context }: { columns: number; context: CellContext }): Line[] {
  const lines = [
    field(form.targets.length === 1 ? 'target' : 'targets', [
      { text: form.targets.map(inert).join(', '), tone: 'strong' },
    ]),
    field('act', actSegments(form)),
    ...(hasRamp(form) ? [field('ramp', rampSegments(form))] : []),
    ...(hasLife(form) ? [field('for', lifeSegments(form, context))] : []),
    ...(needsReason(form) ? [field('reason', [...typedSegments(form.reason, form.field === 'reason')])] : []),
    [],
    ...[...controlsLines(form, context), ...serverLines(form, context)],
    [],
    enterLine(form),
  ]
  return lines.flatMap((line) => wrapLine(line, columns))
}

/** `Pause redis-main/emails for 15m`: what Enter does, in the words of the button. */
export function actWords(form: Form): string {
  const { kind, target, ttlMs, amount, controls } = form
  const life = formatAge(ttlMs)
  switch (kind) {
    case 'pause':
      return `Pause ${target} for ${life}`
    case 'throttle':
      return `Throttle ${target} to ${amount}/s for ${life}`
    case 'limit':
      return `Limit ${target} to ${amount} at once for ${life}`
    case 'extend':
      return `Extend ${controls[0]?.id ?? target} by ${life}`
    case 'lift':
      return `Lift ${controls[0]?.id ?? target}`
    case 'resume':
      return `Lift ${controls.length === 1 ? 'this control' : `these ${controls.length} controls`}${rampWords(form)}`
    case 'cancel':
      return `Cancel ${target} after the item in hand`
  }
}

export const FORM_TITLE = {
  pause: 'Pause',
  throttle: 'Throttle',
  limit: 'Limit',
  resume: 'Resume',
  extend: 'Extend',
  lift: 'Undo',
  cancel: 'Cancel run',
} as const

function field(label: string, segments: readonly Segment[]): Line {
  return [{ text: pad(`  ${label}`, LABEL_CELLS, 'left'), tone: 'dim' }, ...segments]
}

function actSegments(form: Form): Segment[] {
  if (!hasAmount(form)) {
    const words = {
      pause: 'start nothing more',
      resume: 'lift every control on it',
      extend: 'let the control live longer, with the reason it has',
      lift: 'end this one control, and no other',
      cancel: 'give the run up after the item in hand',
    }
    return [{ text: form.kind in words ? words[form.kind as keyof typeof words] : '' }]
  }
  const [unit, other] = form.kind === 'throttle' ? ['a second', 'l: at once'] : ['at once', 's: a second']
  const isTyped = form.field === 'amount'
  return [
    { text: 'at most ' },
    ...typedSegments(form.amount, isTyped),
    { text: ` ${unit}   ` },
    { text: `(${other})`, tone: 'dim' },
  ]
}

function rampSegments(form: Form): Segment[] {
  const isTyped = form.field === 'amount'
  if (form.amount === '' && !isTyped) return [{ text: 'none, all at once   ' }, { text: '(Tab: slowly)', tone: 'dim' }]
  const ramp = rampOf(form)
  const grows = ramp && `, up to ${ramp.toPerSecond}/s over ${formatAge(ramp.overMs)}, then without a limit`
  return [{ text: 'from ' }, ...typedSegments(form.amount, isTyped), { text: ` starts a second${grows ?? ''}` }]
}

function rampWords(form: Form): string {
  const ramp = rampOf(form)
  return ramp ? `, then from ${ramp.fromPerSecond}/s up to ${ramp.toPerSecond}/s` : ''
}

function typedSegments(text: string, isTyped: boolean): Segment[] {
  return [{ text: inert(text) }, { text: isTyped ? '_' : '', tone: 'accent' }]
}

function lifeSegments({ ttlMs, kind, controls }: Form, { nowMs }: CellContext): Segment[] {
  const choices = FOR_MS.map((ms): Segment => {
    const text = formatAge(ms) ?? ''
    return ms === ttlMs ? { text: `[${text}] `, tone: 'accent' } : { text: ` ${text}  `, tone: 'dim' }
  })
  const from = kind === 'extend' ? Math.max(nowMs, controls[0]?.expiresAtMs ?? nowMs) : nowMs
  return [...choices, { text: ` until ${formatWhen(from + ttlMs, nowMs)}` }]
}

function controlsLines({ controls }: Form, { nowMs }: CellContext): Line[] {
  return controls.map((control) => [
    { text: `  ${inert(control.target)}  `, tone: 'strong' },
    { text: controlWords(control, nowMs), tone: 'paused' },
  ])
}

function serverLines(form: Form, { glyphs, nowMs }: CellContext): Line[] {
  if (form.problem !== null) return [[{ text: `  ${inert(form.problem)}`, tone: 'warning' }]]
  if (questionOf(form) === null) return []
  const preview = currentPreview(form)
  if (!preview) return [[{ text: '  asking the server what it would do…', tone: 'dim' }]]
  if ('sentence' in preview) return [[{ text: `  ${inert(preview.sentence)}` }]]
  return previewLines(preview, { glyphs, nowMs })
}

function enterLine(form: Form): Line {
  if (form.isApplying) return [{ text: '  asked for, waiting for the answer', tone: 'dim' }]
  if (form.problem !== null) return [{ text: '  Enter asks the server again', tone: 'accent' }]
  const why = whyNot(form)
  if (why !== null) return [{ text: `  Enter cannot act yet: ${inert(why)}`, tone: 'warning' }]
  return [
    { text: '  Enter: ', tone: 'accent' },
    { text: inert(actWords(form)), tone: 'strong' },
  ]
}
