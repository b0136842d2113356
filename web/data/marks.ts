import { Store } from './store.ts'

/** Rows that were marked, by reference: a mark stays on its row wherever the row goes. */
export const marks = new Store<ReadonlySet<string>>(new Set())

export function toggleMark(ref: string): void {
  const next = new Set(marks.get())
  if (!next.delete(ref)) next.add(ref)
  marks.set(next)
}

export function clearMarks(): void {
  if (marks.get().size > 0) marks.set(new Set())
}
