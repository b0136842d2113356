/** One server-sent event: its name and its data, lines joined. */
export interface ServerEvent {
  readonly event: string
  readonly data: string
}

/** A body of the API is below this; a stream that sends more without an end of event is not Sluice's. */
const EVENT_CHARS_MAX = 16 * 1024 * 1024

/**
 * Cuts a text stream into events (HTML Standard, 9.2.6 "Interpreting an event stream"). Feed it pieces of any size; it
 * gives back the events that are complete. Ids and retry times are not used here: whole results need no replay.
 */
export class EventParser {
  #rest = ''
  #event = ''
  #data: string[] = []
  #dataChars = 0

  push(piece: string): ServerEvent[] {
    const events: ServerEvent[] = []
    // A line ends with CRLF, LF or CR; a CR at the very end may still get its LF.
    const text = this.#rest + piece
    const lines = text.split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    if (this.#rest.length + this.#dataChars > EVENT_CHARS_MAX) throw new Error('an event larger than 16 MB')
    for (const line of lines) {
      if (line !== '') this.#field(line)
      else if (this.#data.length > 0) events.push(this.#flush())
      else this.#event = ''
    }
    return events
  }

  #field(line: string): void {
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') this.#event = value
    if (name !== 'data') return
    this.#data.push(value)
    this.#dataChars += value.length
    if (this.#dataChars > EVENT_CHARS_MAX) throw new Error('an event larger than 16 MB')
  }

  #flush(): ServerEvent {
    const event = { event: this.#event || 'message', data: this.#data.join('\n') }
    this.#event = ''
    this.#data = []
    this.#dataChars = 0
    return event
  }
}
