import type { ControlRow, ControlsMade, Preview } from '../api/control.ts'
import { CONTROL_TARGETS_MAX } from '../api/control.ts'
import { type Control, type Order, rateAt } from '../domain/control.ts'
import { messageOf, OpsError } from '../domain/errors.ts'
import { formatReference, parseReference, type Reference } from '../domain/reference.ts'
import { formatDuration } from '../domain/words.ts'
import { type Asked, ControlActs, type ControlsOptions, entryOf, isUnsure } from './control-acts.ts'
import { type Kept, UNDER_WAY } from './control-book.ts'
import { controlRowOf } from './control-rows.ts'
import { differenceOf, previewOf, type Seen, see, type Wish } from './preview.ts'
import { Refusal } from './refusal.ts'
import { resolveTargets } from './targets.ts'
import { matcher } from './window.ts'

/** Previews of which is remembered what they showed, to tell the difference. */
const REMEMBERED_MAX = 200

/** What people do with controls: each is in the ledger before it is sent. */
export class Controls {
  readonly #options: ControlsOptions
  readonly #acts: ControlActs
  readonly #remembered = new Map<string, Seen>()

  constructor(options: ControlsOptions) {
    this.#options = options
    this.#acts = new ControlActs(options)
  }

  /** @throws Refusal too-large */
  preview(wish: Wish): Preview {
    const { board, book } = this.#options
    const seen = this.#see(wish)
    this.#remembered.set(seen.fingerprint, seen)
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size > REMEMBERED_MAX && oldest !== undefined) this.#remembered.delete(oldest)
    return previewOf(board, { wish, seen }, (ref) => book.on(ref).map((kept) => controlRowOf(board, kept)))
  }

  /**
   * Places one control on each target that has a lever.
   * @throws Refusal changed (it is not what the preview showed), not-found, unsupported, too-large
   */
  async make(wish: Wish & { reason: string; fingerprint: string }, actor: string): Promise<ControlsMade> {
    const seen = this.#see(wish)
    if (seen.fingerprint !== wish.fingerprint) throw this.#changed(seen, wish.fingerprint)
    if (seen.targets.length === 0) throw new Refusal('not-found', `Nothing matches ${seen.unmatched.join(', ')}`)
    const levers = seen.targets.map((target) => ({ ref: target.ref, target, lever: seen.levers.get(target) }))
    const skipped = levers.flatMap(({ ref, lever }) => (lever?.by === 'none' ? [{ ref, why: lever.why }] : []))
    if (skipped.length === levers.length) throw new Refusal('unsupported', skipped[0]?.why ?? 'There is no lever')
    const meant = levers.filter(({ lever }) => lever?.by !== 'none').map(({ target }) => target.reference)
    const { order, ttlMs, reason } = wish
    const made = await this.#placeAll(meant, { order, ttlMs, reason, actor })
    return { ...made, skipped }
  }

  /** Lets it live for `ttlMs` from now on. @throws Refusal not-found, conflict; OpsError */
  async extend(
    id: string,
    { ttlMs, revision }: { ttlMs: number; revision: number },
    actor: string,
  ): Promise<ControlsMade> {
    const { board, ledger } = this.#options
    const kept = this.#find(id)
    if (kept.ended) throw new Refusal('conflict', `${id} is ${kept.ended.phase} already: make a new one`)
    const before = kept.control
    if (before.revision !== revision || kept.lifting) {
      const why = kept.lifting ? `${kept.lifting.by} is lifting it` : `it is at revision ${before.revision}`
      throw new Refusal('conflict', `${id} is not as you saw it: ${why}`)
    }
    const nowMs = board.clock.nowMs()
    const order = goingOn(before, nowMs)
    const control: Control = { ...before, order, revision: revision + 1, issuedAtMs: nowMs, expiresAtMs: nowMs + ttlMs }
    // At once, so that of two at the same moment one conflicts.
    Object.assign(kept, { control, askedAtMs: nowMs, isOurs: true, settledAtMs: UNDER_WAY })
    const entry = entryOf(control, { actor, act: 'extend', detail: `for ${formatDuration(ttlMs)} more` })
    await ledger.append({ ...entry, wanted: control })
    try {
      await this.#acts.send(kept, ttlMs)
    } catch (error) {
      if (isUnsure(error)) throw error
      Object.assign(kept, { control: before })
      await ledger.append({ ...entry, detail: messageOf(error), outcome: 'failed', wanted: before })
      // Another dashboard lifted or extended it since it was read.
      throw error instanceof OpsError && error.code === 'invalid' ? new Refusal('conflict', error.message) : error
    }
    return { controls: [controlRowOf(board, kept)], skipped: [], failed: [] }
  }

  /** Ends this one only; nothing happens when it has ended. @throws Refusal not-found; OpsError */
  async lift(id: string, reason: string | null, actor: string): Promise<ControlsMade> {
    const kept = this.#find(id)
    await this.#acts.lift(kept, reason, actor)
    return { controls: [controlRowOf(this.#options.board, kept)], skipped: [], failed: [] }
  }

  /** Ends all controls on the targets; with a ramp, a growing throttle is in their place first. */
  async resume({ targets, reason, ramp }: Resume, actor: string): Promise<ControlsMade> {
    const { board, book } = this.#options
    const controls: ControlRow[] = []
    const skipped: ControlsMade['skipped'] = []
    const failed: ControlsMade['failed'] = []
    for (const { ref, reference } of this.#resumable(targets)) {
      const there = book.on(ref)
      if (there.length === 0) {
        skipped.push({ ref, why: this.#whyNothing(ref) })
        continue
      }
      if (ramp && reference) {
        const order: Order = { verb: 'throttle', perSecond: ramp.toPerSecond, fromPerSecond: ramp.fromPerSecond }
        const made = await this.#placeAll([reference], { order, ttlMs: ramp.overMs, reason, actor })
        controls.push(...made.controls)
        failed.push(...made.failed)
        // Without its ramp the herd would come at once.
        if (made.failed.length > 0) continue
      }
      for (const kept of there) {
        try {
          await this.#acts.lift(kept, reason, actor)
          controls.push(controlRowOf(board, kept))
        } catch (error) {
          failed.push({ ref, ...failureOf(error) })
        }
      }
    }
    return { controls, skipped, failed }
  }

  #see(wish: Wish): Seen {
    const seen = see(this.#options.board, wish)
    if (seen.targets.length <= CONTROL_TARGETS_MAX) return seen
    const message = `${seen.targets.length} things match, at most ${CONTROL_TARGETS_MAX} are controlled at once: narrow it`
    throw new Refusal('too-large', message)
  }

  #changed(now: Seen, fingerprint: string): Refusal {
    const before = this.#remembered.get(fingerprint)
    const difference = before ? differenceOf(before, now) : [`it means ${now.targets.length} targets now`]
    return new Refusal(
      'changed',
      `This is not what the preview showed: ${difference.slice(0, 3).join('; ')}`,
      difference,
    )
  }

  #find(id: string): Kept {
    const kept = this.#options.book.get(id)
    if (!kept) throw new Refusal('not-found', `There is no control ${id}`)
    return kept
  }

  async #placeAll(targets: readonly Reference[], asked: Asked): Promise<Pick<ControlsMade, 'controls' | 'failed'>> {
    const { board } = this.#options
    const controls: ControlRow[] = []
    const failed: ControlsMade['failed'] = []
    /** Sources that did not answer: nobody waits for them once per target. */
    const silent = new Map<string, { code: string; message: string }>()
    for (const target of targets) {
      const ref = formatReference(target)
      const known = silent.get(target.source)
      if (known) {
        failed.push({ ref, ...known, message: `not tried: ${known.message}` })
        continue
      }
      try {
        controls.push(controlRowOf(board, await this.#acts.place(target, asked)))
      } catch (error) {
        const failure = failureOf(error)
        failed.push({ ref, ...failure })
        if (failure.code === 'unreachable') silent.set(target.source, failure)
      }
    }
    return { controls, failed }
  }

  /** What is meant, whether or not it still exists: a control can outlive its queue. */
  #resumable(texts: readonly string[]): { ref: string; reference: Reference | null }[] {
    const { board, book } = this.#options
    const { targets, unmatched } = resolveTargets(board, texts)
    const refs = new Map<string, Reference | null>(targets.map(({ ref, reference }) => [ref, reference]))
    for (const text of texts) {
      const reference = parseReference(text)
      const isMatch = text.includes('*')
        ? matcher(text, { ignoreCase: false })
        : (ref: string) => reference !== null && ref === formatReference(reference)
      for (const { control } of book.living) {
        const ref = formatReference(control.target)
        if (isMatch(ref)) refs.set(ref, control.target)
      }
    }
    for (const text of unmatched) if (![...refs.keys()].includes(text) && !text.includes('*')) refs.set(text, null)
    return [...refs].map(([ref, reference]) => ({ ref, reference }))
  }

  #whyNothing(ref: string): string {
    const [target] = resolveTargets(this.#options.board, [ref]).targets
    if (!target) return 'nothing has that name'
    if (target.queue?.thing.pausedBy === 'elsewhere')
      return 'it was paused by something that is not Sluice: end it there'
    return 'no control is on it'
  }
}

export interface Resume {
  readonly targets: readonly string[]
  readonly reason: string
  readonly ramp: { readonly fromPerSecond: number; readonly toPerSecond: number; readonly overMs: number } | null
}

/** A ramp that is extended goes on from where it is. */
function goingOn({ order, issuedAtMs, expiresAtMs }: Control, nowMs: number): Order {
  if (order.verb !== 'throttle' || order.fromPerSecond === null) return order
  const rate = rateAt(order, { issuedAtMs, expiresAtMs }, nowMs)
  return { ...order, fromPerSecond: Math.max(0.01, Math.round(rate * 100) / 100) }
}

function failureOf(error: unknown): { code: string; message: string } {
  return {
    code: error instanceof OpsError || error instanceof Refusal ? error.code : 'internal',
    message: messageOf(error),
  }
}
