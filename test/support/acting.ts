import type { Order } from '../../server/domain/control.ts'
import type { ReferenceKind } from '../../server/domain/reference.ts'
import type { ControlPort, ControlRequest, JobPort, Source } from '../../server/domain/source.ts'

export const PAUSE: Order = { verb: 'pause' }
/** Is never aborted. */
export const never = new AbortController().signal
let ids = 0

/** A new control of a minute. */
export function asked(kind: ReferenceKind, tail: string, order: Order = PAUSE): ControlRequest {
  ids += 1
  const id = `ctl_${String(ids).padStart(10, '0')}`
  const target = { kind, source: 'redis-main', tail }
  return { id, target, order, reason: 'disk is full', actor: 'ana', revision: 1, ttlMs: 60_000 }
}

/** How a source is acted on; throws when it is only read. */
export function portsOf({ controls, jobs }: Source): { readonly controls: ControlPort; readonly units: JobPort } {
  if (!controls || !jobs) throw new Error('this source is only read')
  return { controls, units: jobs }
}

export interface TestGate {
  readonly opened: Promise<void>
  open(): void
}

/** What a job's work waits at until the test opens it. */
export function gateOf(): TestGate {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
