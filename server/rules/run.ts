import { formatDuration } from '../domain/words.ts'
import { type Judgement, worstOf } from './judgement.ts'

/** Judges a run. @param stalledMs how long it has stood still although it runs; null = it moves, or nobody wants it to */
export function judgeRun({ stalledMs }: { readonly stalledMs: number | null }): Judgement {
  return worstOf(stalledMs === null ? [] : [['warning', `stalled: no item finished for ${formatDuration(stalledMs)}`]])
}
