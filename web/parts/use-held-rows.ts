import { useCallback, useRef, useState } from 'react'
import { useFrozenAtMs } from '../data/frozen.ts'
import { type HeldOrder, holdOrder, type Shown } from '../data/order-hold.ts'

interface HeldRows<Row> extends Shown<Row> {
  /** Held now: pointer or focus is in the list, or the view is frozen. */
  readonly isHeld: boolean
  /** Takes the fresh order once. */
  readonly resort: () => void
  /** To be spread on the element that holds the rows. */
  readonly holders: {
    readonly onPointerEnter: (event: { pointerType: string }) => void
    readonly onPointerLeave: () => void
    readonly onFocus: () => void
    readonly onBlur: (event: { currentTarget: Node; relatedTarget: EventTarget | null }) => void
  }
}

/**
 * Rows in an order that does not change while somebody points at them or has focus among them.
 * `key` names what is listed: another filter or sort is another list, and is never held back.
 */
export function useHeldRows<Row>(
  fresh: ReadonlyMap<number, Row>,
  { key, refOf }: { key: string; refOf: (row: Row) => string },
): HeldRows<Row> {
  const isFrozen = useFrozenAtMs() !== null
  const [isPointed, setPointed] = useState(false)
  const [isFocused, setFocused] = useState(false)
  const [, again] = useState(0)
  const before = useRef<{ key: string; held: HeldOrder<Row> } | null>(null)
  const isHeld = isFrozen || isPointed || isFocused
  const shown = holdOrder(isHeld && before.current?.key === key ? before.current.held : null, fresh, refOf)
  // Written while rendering on purpose: the next rendering holds exactly what this one showed.
  before.current = { key, held: shown.held }
  const resort = useCallback(() => {
    before.current = null
    again((count) => count + 1)
  }, [])
  return {
    ...shown,
    isHeld,
    resort,
    holders: {
      onPointerEnter: ({ pointerType }) => setPointed(pointerType === 'mouse'),
      onPointerLeave: () => setPointed(false),
      onFocus: () => setFocused(true),
      onBlur: ({ currentTarget, relatedTarget }) => {
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setFocused(false)
      },
    },
  }
}
