import type { ActionMade, ActionPreview } from '../../server/api/control.ts'
import { onePath } from '../../server/api/paths.ts'
import type { RunBody } from '../../server/api/run.ts'
import { parseReference } from '../../server/domain/reference.ts'
import { hasEnded } from '../../server/domain/run.ts'
import { agree, type ConsentOptions, checkConsent, reasonOf } from '../consent.ts'
import { EXIT, type ExitCode, usage } from '../exit.ts'
import { inert } from '../format/inert.ts'
import { isBody, printBody } from '../print.ts'
import type { Session } from '../session.ts'
import { printMade } from './act.ts'
import { type WaitFlags, waitOf } from './control.ts'

export interface CancelOptions extends ConsentOptions, WaitFlags {
  /** End what is cancelling already without waiting for the item in hand. */
  readonly force?: boolean
}

/** Gives runs up: each ends after the item in hand, or by force at once. */
export async function cancel(session: Session, refs: readonly string[], options: CancelOptions): Promise<ExitCode> {
  for (const ref of refs) {
    if (parseReference(ref)?.kind !== 'run') throw usage(`"${inert(ref)}" is not a run: write run/source/id`)
  }
  checkConsent(session, options)
  const act = options.force ? 'force-cancel' : 'cancel'
  const previews: ActionPreview[] = []
  for (const ref of refs) previews.push(await session.api.post('previewAction', { act, queue: ref }))
  const words = previews.map(({ sentence }) => `${inert(sentence)}\n`).join('')
  if (options.dryRun) {
    if (isBody(session.output)) await printBody(session, { previews })
    else session.write(words)
    return EXIT.done
  }
  if (!options.yes) session.io.stderr.write(words)
  const reason = await reasonOf(session, options.reason)
  await agree(session, {
    question: `${options.force ? 'Force the end of' : 'Cancel'} ${refs.length === 1 ? 'this run' : `${refs.length} runs`}?`,
    count: refs.length,
    yes: options.yes,
  })
  const results: ActionMade['results'] = []
  for (const [at, ref] of refs.entries()) {
    const { fingerprint, ids } = previews[at] ?? { fingerprint: '', ids: [] }
    const made = await session.api.post('act', {
      act,
      queue: ref,
      ids: ids.length > 0 ? [...ids] : undefined,
      reason,
      fingerprint,
    })
    results.push(...made.results.map((one) => ({ ...one, id: ref })))
  }
  const done = results.filter(({ result }) => result === 'done' || result === 'cancelling').length
  const code = await printMade(
    session,
    { done, results },
    options.force
      ? `Forced the end of ${done} of ${refs.length}: their workers may not write about them any more`
      : `Cancelled ${done} of ${refs.length}: each ends after the item in hand`,
  )
  return code === EXIT.done ? waitForEnd(session, refs, options) : code
}

const LOOK_AGAIN_MS = 500

/** Waits until the runs have ended; 3 names those that have not. */
async function waitForEnd(session: Session, refs: readonly string[], options: CancelOptions): Promise<ExitCode> {
  const { waitMs } = waitOf(options)
  if (waitMs <= 0) return EXIT.done
  const running = new Map<string, string>(refs.map((ref) => [ref, 'running']))
  const deadline = performance.now() + waitMs
  for (;;) {
    for (const ref of running.keys()) {
      const { source = '', tail = '' } = parseReference(ref) ?? {}
      const { run } = await session.api.get<RunBody>(onePath('runs', source, tail))
      if (!hasEnded(run)) running.set(ref, run.status)
      else {
        session.note(`${session.err.glyphs.done} ${ref} ${run.status}`)
        running.delete(ref)
      }
    }
    if (running.size === 0) return EXIT.done
    if (performance.now() > deadline) break
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
    session.io.interrupt.throwIfAborted()
  }
  for (const [ref, status] of running) session.note(`${ref} has not ended yet: ${status}`)
  return EXIT.partly
}
