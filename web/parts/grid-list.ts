/** What the keys `j k Enter s Esc` act on: the list that is on the screen. One at a time. */
export interface ListCommands {
  move(by: 1 | -1): void
  open(): void
  resort(): void
  /** Reference of the focused row; null when none has the focus. */
  focused(): string | null
  /** Gives up the focused row; false when none was. */
  leave(): boolean
}

let current: ListCommands | null = null

export function currentList(): ListCommands | null {
  return current
}

/** Puts a list under the keys until the returned function is called. */
export function offerList(commands: ListCommands): () => void {
  current = commands
  return () => {
    if (current === commands) current = null
  }
}
