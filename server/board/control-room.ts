import type { Clock } from '../domain/clock.ts'
import type { Log } from '../domain/log.ts'
import { Actions } from './actions.ts'
import type { Board } from './board.ts'
import { ControlBook } from './control-book.ts'
import { ControlUpkeep } from './control-upkeep.ts'
import { Controls } from './controls.ts'
import { Ledger } from './ledger.ts'
import { type Actable, SourceHand } from './source-hand.ts'

/** Everything that looking and acting needs, around one board. */
export interface ControlRoom {
  readonly board: Board
  readonly book: ControlBook
  readonly controls: Controls
  readonly actions: Actions
  readonly ledger: Ledger
  readonly hands: ReadonlyMap<string, SourceHand>
  /** Notes what changed by time passing; to be called before controls are shown. */
  look(): void
  /** Ends upkeep, then closes the ledger. Controls stay in their sources. */
  close(): Promise<void>
}

/**
 * Opens the ledger, rebuilds from it what is wanted, and begins to see to it.
 * @throws OpsError `refused` when another process has the ledger
 */
export async function openControlRoom({
  board,
  sources,
  folder,
  clock,
  log,
}: {
  readonly board: Board
  readonly sources: readonly Actable[]
  /** Of the ledger. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
}): Promise<ControlRoom> {
  const book = new ControlBook()
  const ledger = await Ledger.open({ folder, clock, log }, (record) => book.replay(record))
  book.prune(clock.nowMs())
  const hands = new Map(sources.map((source) => [source.id, new SourceHand(source)]))
  const controls = new Controls({ board, book, ledger, hands, log })
  const actions = new Actions({ board, ledger, hands, clock })
  const upkeep = new ControlUpkeep({ board, book, ledger, hands, log })
  return {
    ...{ board, book, controls, actions, ledger, hands },
    look: () => upkeep.look(),
    close: async () => {
      await upkeep.close()
      await ledger.close()
    },
  }
}
