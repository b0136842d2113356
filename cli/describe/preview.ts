import type { ControlRow, Preview } from '../../server/api/control.ts'
import { doneWords, orderWords } from '../format/control-words.ts'
import { formatCount, formatDuration, formatRate, formatWhen } from '../format/figures.ts'
import type { Glyphs } from '../format/glyphs.ts'
import { inert } from '../format/inert.ts'
import type { Line, Segment } from '../format/line.ts'

type PreviewTarget = Preview['targets'][number]

/** What a control would do, as the server says: one block a target, then what it does not say of one target alone. */
export function previewLines(preview: Preview, { glyphs, nowMs }: { glyphs: Glyphs; nowMs: number }): Line[] {
  const until = formatWhen(preview.untilMs, nowMs)
  const shared = sharedNotes(preview.targets)
  const shown = preview.targets.slice(0, TARGETS_SHOWN)
  const lines = shown.flatMap((target) => targetLines(target, { until, shared, glyphs, nowMs }))
  const left = preview.targets.length - shown.length
  const more: (readonly [string, string])[] = [
    ['and', left > 0 ? `${left} more targets: -o json has all` : ''],
    ...shared.map((note): readonly [string, string] => ['each', note]),
    ['goes on', preview.goesOn],
    ['also touched', preview.alsoTouched.join(', ')],
    ['old figures', preview.staleSources.map((source) => `${source} is stale`).join(', ')],
    ['matches nothing', preview.unmatched.join(', ')],
  ]
  return [
    ...lines,
    ...more
      .filter(([, words]) => words !== '')
      .map(([label, words]): Line => {
        const tone = QUIET.includes(label) ? undefined : ('warning' as const)
        return [
          { text: `  ${label}: `, tone: 'dim' },
          { text: inert(words), tone },
        ]
      }),
  ]
}

/** What is only said; the rest is to be thought about. */
const QUIET: readonly string[] = ['goes on', 'also touched', 'and']
const TARGETS_SHOWN = 20

function notesOf({ notes, lever }: PreviewTarget): string[] {
  const caveat = lever.by === 'none' ? null : lever.caveat
  return [...new Set(caveat === null ? notes : [...notes, caveat])]
}

/** Notes that every target has are said once; those of one target stay with it. */
function sharedNotes(targets: readonly PreviewTarget[]): string[] {
  const [first, ...others] = targets.filter(({ lever }) => lever.by !== 'none')
  if (!first || others.length === 0) return []
  return notesOf(first).filter((note) => others.every((other) => notesOf(other).includes(note)))
}

interface TargetLayout {
  readonly until: string
  readonly shared: readonly string[]
  readonly glyphs: Glyphs
  readonly nowMs: number
}

function targetLines(target: PreviewTarget, { until, shared, glyphs, nowMs }: TargetLayout): Line[] {
  const { lever } = target
  const name: Segment = { text: `  ${inert(target.ref)}`, tone: 'strong' }
  if (lever.by === 'none') {
    return [[name, { text: `  ${glyphs.severity.critical} no lever: ${inert(lever.why)}; skipped`, tone: 'warning' }]]
  }
  const lines: Line[] = [[name, { text: `  ${leverWords(target)}${rateChange(target)}` }]]
  const after = afterWords(target, until)
  if (after !== '') lines.push([{ text: `    ${after}` }])
  for (const text of notesOf(target).filter((note) => !shared.includes(note)))
    lines.push([{ text: `    ${inert(text)}`, tone: 'warning' }])
  for (const control of target.existing)
    lines.push([{ text: `    already there: ${controlWords(control, nowMs)}`, tone: 'paused' }])
  return lines
}

function leverWords({ lever, workers, inHand }: PreviewTarget): string {
  if (lever.by === 'none') return ''
  const by = lever.by === 'workers' ? `by ${count(workers, 'worker')}` : `by the ${lever.by}`
  return inHand === null || inHand === 0 ? by : `${by}, ${inHand} in hand ${inHand === 1 ? 'finishes' : 'finish'} first`
}

/** `, 49/s → 25/s`. */
function rateChange({ outPerSecond, outAfterPerSecond }: PreviewTarget): string {
  const [now, after] = [formatRate(outPerSecond), formatRate(outAfterPerSecond)]
  return now === null || after === null ? '' : `, ${now}/s → ${after}/s`
}

/** `at 14:32: ≈ 158k waiting, oldest ≈ 29m, drains in 12m`. */
function afterWords({ depthAtEnd, oldestAtEndMs, drainMs }: PreviewTarget, until: string): string {
  const words = [
    depthAtEnd === null ? null : `≈ ${formatCount(depthAtEnd)} waiting`,
    oldestAtEndMs === null ? null : `oldest ≈ ${formatDuration(oldestAtEndMs)}`,
    drainMs === null ? null : `then drained in ≈ ${formatDuration(drainMs)}`,
  ].filter((word) => word !== null)
  return words.length === 0 ? '' : `at ${until}: ${words.join(', ')}`
}

/** `ctl_… at most 2 at once, by ben until 14:40 (reason)`. */
export function controlWords(control: ControlRow, nowMs: number): string {
  const words = orderWords(control.order) || 'paused'
  const until = formatWhen(control.expiresAtMs, nowMs)
  return inert(`${control.id} ${words}, by ${control.actor} until ${until} (${control.reason})`)
}

/** `Paused redis-main/emails until 14:32 (ctl_…). Undo: … Longer: …` */
export function madeWords(control: ControlRow, nowMs: number): string {
  const { id, expiresAtMs } = control
  const until = formatWhen(expiresAtMs, nowMs)
  return `${doneWords(control)} until ${until} (${id}). Undo: sluice controls lift ${id}   Longer: sluice controls extend ${id} --by 15m`
}

export function count(value: number | null, word: string): string {
  if (value === null) return `${word}s`
  return `${formatCount(value)} ${word}${value === 1 ? '' : 's'}`
}
