import type { JobBasics, JobContext } from './definition.ts'
import type { InterruptionReason } from './events.ts'

/** One item and where it stands: the cursor is saved when the item is *finished*, and work goes on after it. */
export interface Entry<Item, Cursor> {
  readonly item: Item
  readonly cursor: Cursor
}

export type Items<Item, Cursor> = Iterable<Entry<Item, Cursor>> | AsyncIterable<Entry<Item, Cursor>>

/** How one execution of a run ended. */
export type ExecutionEnd = 'succeeded' | 'failed' | 'cancelled' | InterruptionReason

/** A condition of the outside world, for example a database whose replicas lag. */
export interface ThrottleOn<Args> {
  /** True = stop here. When it throws, the attempt has failed. */
  readonly condition: (args: Args, context: JobContext) => boolean | Promise<boolean>
  /** Goes on after this time, ms, from 1. It is then asked again. */
  readonly backoffMs: number
}

/**
 * A job that works through items and can be stopped between any two of them. After a crash the items since the last
 * checkpoint come again; after any other stop none does.
 */
export interface IteratingDefinition<Args, Item, Cursor> extends JobBasics<Args> {
  /**
   * The items after `cursor` (null = from the start), in an order that is the same every time. Builders: `fromArray`,
   * `fromRange`, `fromPages`; or any iterable or async generator of your own.
   */
  readonly items: (
    args: Args,
    cursor: Cursor | null,
    context: JobContext,
  ) => Items<Item, Cursor> | Promise<Items<Item, Cursor>>
  /** Does the work of one item. It may see an item again, never for less than the whole item. */
  readonly each: (item: Item, args: Args, context: JobContext) => Promise<unknown> | unknown
  /** Around the work of each item, for example a transaction or a span: it calls `work` once. */
  readonly around?: (work: () => Promise<unknown>, item: Item, args: Args, context: JobContext) => Promise<unknown>
  /** How many items there are in all; null = not known. Asked once, at the first start. */
  readonly total?: (args: Args) => number | null | Promise<number | null>
  /** At most this many ms between two checkpoints; 0 = after every item. (Default: 100) */
  readonly checkpointMs?: number
  /** Gives its place up to others after this time, ms, and goes on later. Null = never. (Default: 300,000) */
  readonly maxRuntimeMs?: number | null
  /**
   * When the run steps aside for a while: asked before the first item and at every checkpoint. Give `checkpointMs: 0` to
   * have it asked before every item.
   */
  readonly throttleOn?: ThrottleOn<Args> | readonly ThrottleOn<Args>[]
  /** Before the first item of all. Like everything it may run again after a crash. */
  readonly onStart?: (args: Args, context: JobContext) => Promise<void> | void
  /** Before the first item of every later execution. */
  readonly onResume?: (args: Args, cursor: Cursor | null, context: JobContext) => Promise<void> | void
  /** At the end of every execution, whatever the reason. */
  readonly onShutdown?: (args: Args, end: ExecutionEnd, context: JobContext) => Promise<void> | void
  /** After the last item. If it throws, the attempt has failed and it runs again. */
  readonly onComplete?: (args: Args, done: number, context: JobContext) => Promise<void> | void
  /** When an operator gave the run up, after the item in hand. Not called when its worker vanished first. */
  readonly onCancel?: (args: Args, done: number, context: JobContext) => Promise<void> | void
  /** When an item throws; the run then waits for its back-off and goes on at that item. */
  readonly onError?: (args: Args, error: unknown, context: JobContext) => Promise<void> | void
}
