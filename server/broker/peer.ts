import type { Duplex } from 'node:stream'
import { addressOf, type Conversation, type Listener } from './listener.ts'

/** Output that waits for a client: above it no more of its requests are handled until it has read. */
const OUTPUT_PAUSE_BYTES = 1024 * 1024
/** Requests that wait while one is under way: above it the socket is not read. */
const INPUT_PAUSE_BYTES = 1024 * 1024
/** A client that reads nothing for so long is dropped. */
const STALLED_MS = 60_000

/**
 * One connection: requests in order, one at a time; answers leave in one write per read event. A client that does not read is first not
 * listened to, then dropped.
 */
export class Peer {
  readonly id: number
  readonly remote: string
  readonly local: string
  /** Output beyond this drops the client. */
  outputBytesMax = OUTPUT_PAUSE_BYTES
  readonly #listener: Listener
  readonly #stream: Duplex
  #conversation: Conversation | null = null
  #out = ''
  /** Output whose barrier is not passed yet; what comes after it waits in `#out` for a barrier of its own. */
  #behind = ''
  #isHeld = false
  #isDue = false
  #isEnding = false
  #isGone = false
  #isStalled = false
  #isReading = true
  #cancelStall: (() => void) | null = null

  constructor(listener: Listener, stream: Duplex, id: number) {
    this.#listener = listener
    this.#stream = stream
    this.id = id
    this.remote = addressOf(stream, 'remote')
    this.local = addressOf(stream, 'local')
  }

  /** Bytes the client has not taken yet. */
  get outputBytes(): number {
    return this.#stream.writableLength + this.#behind.length + this.#out.length
  }

  start(conversation: Conversation): void {
    this.#conversation = conversation
    this.#stream.on('data', (chunk: Buffer) => {
      this.#listener.bytesIn += chunk.length
      conversation.received(chunk)
      this.#listener.work(() => this.#handle())
    })
    this.#stream.on('drain', () => this.#drained())
    // Whoever has closed its half wants nothing more; a socket would close the other by itself.
    this.#stream.on('end', () => this.end())
    this.#stream.on('error', () => this.drop())
    this.#stream.on('close', () => this.#gone())
  }

  /** Bytes as latin1; they leave when the piece of work under way ends. */
  send(text: string): void {
    if (this.#isEnding || this.#isGone) return
    this.#out += text
    this.#becomeDue()
  }

  /** No further request is handled until `release`: the answer to this one comes later. */
  hold(): void {
    this.#isHeld = true
  }
  release(): void {
    this.#isHeld = false
    this.#becomeDue()
  }

  /** Closes once everything is sent. */
  end(): void {
    if (this.#isEnding || this.#isGone) return
    this.#flush()
    this.#isEnding = true
    if (!this.#isBehindBarrier) this.#finish()
  }

  /** Closes now; what was not sent is lost. */
  drop(): void {
    this.#stream.destroy()
    this.#gone()
  }

  /** What became due while others worked. */
  settle(): void {
    this.#handle()
    this.#isDue = false
    this.#flush()
  }

  get #isBehindBarrier(): boolean {
    return this.#behind !== ''
  }

  #becomeDue(): void {
    if (this.#isDue || this.#isGone) return
    this.#isDue = true
    this.#listener.due(this)
  }

  #handle(): void {
    const conversation = this.#conversation
    if (conversation === null) return
    while (!this.#isHeld && !this.#isStalled && !this.#isEnding && !this.#isGone && !this.#isBehindBarrier) {
      if (!conversation.step()) break
      if (this.#out.length > OUTPUT_PAUSE_BYTES) this.#flush()
    }
    const isFull = conversation.pendingBytes > INPUT_PAUSE_BYTES
    const mayRead = !this.#isStalled && !(isFull && (this.#isHeld || this.#isBehindBarrier))
    if (mayRead !== this.#isReading && !this.#isGone) {
      this.#isReading = mayRead
      if (mayRead) this.#stream.resume()
      else this.#stream.pause()
    }
  }

  #flush(): void {
    if (this.#out === '' || this.#isGone || this.#isBehindBarrier) return
    const barrier = this.#listener.options.barrier()
    const text = this.#out
    this.#out = ''
    if (barrier === null) this.#write(text)
    else {
      this.#behind = text
      barrier.then(
        () => this.#passBarrier(),
        () => this.drop(),
      )
    }
  }

  #passBarrier(): void {
    if (this.#isGone) return
    const text = this.#behind
    this.#behind = ''
    this.#write(text)
    this.#flush()
    if (!this.#isEnding) this.#becomeDue()
    else if (!this.#isBehindBarrier) this.#finish()
  }

  /** A client that does not close its half would keep the connection. */
  #finish(): void {
    this.#stream.once('finish', () => this.#stream.destroy())
    this.#stream.end()
  }

  #write(text: string): void {
    this.#listener.bytesOut += text.length
    const isTaken = this.#stream.write(text, 'latin1')
    if (isTaken) return
    const waiting = this.#stream.writableLength
    if (waiting > this.outputBytesMax) {
      this.#listener.options.log.warn('client dropped: it does not read', { client: this.remote, bytes: waiting })
      this.drop()
    } else if (waiting > OUTPUT_PAUSE_BYTES) this.#stall()
  }

  #stall(): void {
    if (this.#isStalled) return
    this.#isStalled = true
    this.#watchStall(this.#stream.writableLength)
  }

  #watchStall(before: number): void {
    this.#cancelStall = this.#listener.options.timers.after(STALLED_MS, () => {
      const now = this.#stream.writableLength
      if (now < before) this.#watchStall(now)
      else this.drop()
    })
  }

  #drained(): void {
    this.#cancelStall?.()
    if (!this.#isStalled) return
    this.#isStalled = false
    this.#becomeDue()
  }

  #gone(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#out = ''
    this.#behind = ''
    this.#cancelStall?.()
    this.#listener.peers.delete(this)
    this.#listener.work(() => this.#conversation?.ended())
  }
}
