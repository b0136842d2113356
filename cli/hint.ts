import { nearest } from '../server/domain/nearest.ts'

/** About a word that is not known: the one that it is near to, else all after `lead`: `there are demo, init, …`. */
export function hint(word: string, known: readonly string[], lead: string): string {
  const guess = nearest(word, known)
  return guess ? `did you mean ${guess}?` : `${lead} ${known.join(', ')}`
}
