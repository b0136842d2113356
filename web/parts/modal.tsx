import { type ReactNode, useLayoutEffect, useRef } from 'react'

interface ModalProps {
  readonly className: string | undefined
  /** Id of the heading that names it. */
  readonly labelledBy: string
  /** Escape was pressed. */
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A dialog over the page: begins at what is marked `data-first`, and gives the focus back to where it came from. */
export function Modal({ className, labelledBy, onClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  // Closed before it leaves the document: only then does the focus go back.
  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    // Not at the act, nor at the way out: at what is to be decided.
    element?.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={className}
      aria-labelledby={labelledBy}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      {children}
    </dialog>
  )
}
