/** Every key of the page: this table makes the help and the dispatch. */
export type KeyAct =
  | 'help'
  | 'filter'
  | 'freeze'
  | 'next'
  | 'previous'
  | 'open'
  | 'up'
  | 'faults'
  | 'resort'
  | 'mark'
  | 'pause'
  | 'throttle'
  | 'resume'
  | 'extend'
  | 'undo'
  | { readonly tab: number }
  | { readonly go: string }

export interface KeyRow {
  /** Keys pressed one after the other, as `KeyboardEvent.key` names them. */
  readonly keys: readonly string[]
  readonly does: string
  readonly act: KeyAct
}

export const KEYS: readonly KeyRow[] = [
  { keys: ['?'], does: 'These keys', act: 'help' },
  { keys: ['/'], does: 'Filter', act: 'filter' },
  { keys: ['j'], does: 'Next row', act: 'next' },
  { keys: ['k'], does: 'Previous row', act: 'previous' },
  { keys: ['Enter'], does: 'Open the row', act: 'open' },
  { keys: ['Escape'], does: 'Leave the filter or the row; one level up', act: 'up' },
  { keys: ['f'], does: 'Faults only, or all', act: 'faults' },
  { keys: ['s'], does: 'Re-sort a held list', act: 'resort' },
  { keys: ['z'], does: 'Freeze or unfreeze the view', act: 'freeze' },
  { keys: [' '], does: 'Mark the row, for an act on several', act: 'mark' },
  { keys: ['p'], does: 'Pause what is marked, or this', act: 'pause' },
  { keys: ['t'], does: 'Throttle or limit it', act: 'throttle' },
  { keys: ['r'], does: 'Resume it', act: 'resume' },
  { keys: ['e'], does: 'Extend my last control by 15 m', act: 'extend' },
  { keys: ['u'], does: 'Undo my last control', act: 'undo' },
  { keys: ['1'], does: 'First tab; 2, 3, 4: the others', act: { tab: 0 } },
  { keys: ['2'], does: 'Second tab', act: { tab: 1 } },
  { keys: ['3'], does: 'Third tab', act: { tab: 2 } },
  { keys: ['4'], does: 'Fourth tab', act: { tab: 3 } },
  { keys: ['g', 'o'], does: 'Go to the overview', act: { go: '/' } },
  { keys: ['g', 'q'], does: 'Go to queues', act: { go: '/queues' } },
  { keys: ['g', 'g'], does: 'Go to groups', act: { go: '/groups' } },
  { keys: ['g', 't'], does: 'Go to topics', act: { go: '/topics' } },
  { keys: ['g', 'w'], does: 'Go to workers', act: { go: '/workers' } },
  { keys: ['g', 'r'], does: 'Go to runs', act: { go: '/runs' } },
  { keys: ['g', 's'], does: 'Go to sources', act: { go: '/sources' } },
  { keys: ['g', 'c'], does: 'Go to controls', act: { go: '/controls' } },
  { keys: ['g', 'h'], does: 'Go to the history', act: { go: '/history' } },
]

/** A sequence such as `g q` must be finished within this time. */
export const SEQUENCE_MS = 1_500

/** What the keys pressed so far mean: an act, the beginning of one, or nothing. */
export function matchKeys(pressed: readonly string[]): KeyAct | 'begun' | null {
  for (const { keys, act } of KEYS) {
    if (keys.length === pressed.length && keys.every((key, index) => key === pressed[index])) return act
  }
  const begins = KEYS.some(({ keys }) => keys.length > pressed.length && pressed.every((key, i) => key === keys[i]))
  return begins ? 'begun' : null
}
