import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { ControlRow } from '../../server/api/control.ts'
import type { JobRow } from '../../server/api/job.ts'
import { WRITES, type WriteBody, type WriteName, type WriteRequest } from '../../server/api/writes.ts'
import * as bodies from './api-bodies.ts'
import { type FakeApi, type FakePost, type Reply, startFakeApi } from './fake-api.ts'

export const TOKEN = 'a-token-of-a-test'

type Target = ReturnType<typeof bodies.aPreviewTarget>
type Handlers = { readonly [Name in WriteName]: (request: WriteRequest<Name>, id: string) => Reply }

/**
 * The contract of the writes, held to the letter, over targets and jobs that the test makes up: sign-in, JSON,
 * idempotency keys, preview → fingerprint → 409. A control stays where `move` puts it.
 */
export class FakeControls {
  readonly targets = new Map<string, Target>()
  readonly controls = new Map<string, ControlRow>()
  readonly jobs: JobRow[] = []
  elsewhere: string[] = []
  /** Given instead of the next answer to a POST. */
  instead: (Reply | 'cut')[] = []
  readonly #answers = new Map<string, { readonly body: string; readonly reply: Reply }>()
  readonly #steps = new Map<string, { phase: ControlRow['phase']; atMs: number }[]>()
  #api: FakeApi | null = null
  #made = 0

  constructor() {
    this.targets.set('redis-main/emails', bodies.aPreviewTarget())
  }

  async start(): Promise<FakeApi> {
    this.#api = await startFakeApi((path, headers) => this.read(path, headers), { post: (post) => this.write(post) })
    return this.#api
  }

  /** A control goes on to a phase, and its followers hear of it. */
  move(id: string, more: Partial<ControlRow>): void {
    const row = this.controls.get(id)
    if (!row) throw new Error(`no control ${id}`)
    const moved = { ...row, ...more }
    this.controls.set(id, moved)
    if (more.phase) this.#steps.get(id)?.push({ phase: more.phase, atMs: moved.phaseSinceMs })
    this.#api?.publish()
  }

  read(path: string, headers: IncomingHttpHeaders): Reply {
    const url = new URL(`http://x${path}`)
    const parts = url.pathname.split('/').slice(1).map(decodeURIComponent)
    const needsSignIn = ['jobs', 'failures', 'history'].includes(parts[0] ?? '')
    if (needsSignIn && !isSignedIn(headers)) return UNAUTHORIZED
    if (parts[0] === 'session') {
      const actor = isSignedIn(headers) ? 'ana' : null
      return { body: { actor, mayWrite: actor !== null, why: actor === null ? 'Looking is free' : null } }
    }
    if (parts[0] === 'controls' && parts[1]) {
      const control = this.controls.get(parts[1])
      if (!control) return problem(404, 'not-found', `There is no control ${parts[1]}`)
      return { body: bodies.aControlBody(control, { steps: [...(this.#steps.get(control.id) ?? [])] }) }
    }
    if (parts[0] === 'controls') {
      const state = url.searchParams.get('state') ?? 'all'
      const items = [...this.controls.values()].filter(
        (row) => state === 'all' || (row.endedAtMs === null) === (state === 'living'),
      )
      const list = { total: items.length, offset: 0, items, problems: 0, elsewhere: this.elsewhere }
      return { body: { ...bodies.freshness([bodies.aSourceAge()]), ...list } }
    }
    if (parts[0] === 'jobs') {
      const state = url.searchParams.get('state') ?? 'pending'
      const from = Number(url.searchParams.get('cursor') ?? 0)
      const limit = Number(url.searchParams.get('limit') ?? 50)
      const all = this.jobs.filter((job) => job.state === state)
      const items = all.slice(from, from + limit)
      const next = from + limit < all.length ? String(from + limit) : null
      return { body: { asOfMs: bodies.NOW_MS, ref: `${parts[1]}/${parts[2]}`, state, total: all.length, next, items } }
    }
    if (parts[0] === 'failures') return { body: this.#failures(`${parts[1]}/${parts[2]}`) }
    if (parts[0] === 'queues' && parts[2]) {
      return { body: bodies.aQueueBody(bodies.aQueueRow({ ref: `${parts[1]}/${parts[2]}`, depth: 77_400 })) }
    }
    if (parts[0] === 'runs' && parts[2]) {
      return {
        body: bodies.aRunBody(
          bodies.aRunRow({ ref: `run/${parts[1]}/${parts[2]}`, id: parts[2], status: 'cancelled' }),
        ),
      }
    }
    return problem(404, 'not-found', `nothing at ${path}`)
  }

  write(post: FakePost): Reply | 'cut' {
    const { path, body, headers } = post
    const found = writeAt(path)
    if (!found) return problem(404, 'not-found', `nothing to write at ${path}`)
    const [name, id] = found
    const { request, isWrite } = WRITES[name]
    if (headers['content-type'] !== 'application/json') return problem(415, 'unsupported-type', 'JSON is needed')
    if (!isSignedIn(headers)) return UNAUTHORIZED
    const parsed = request.safeParse(body)
    if (!parsed.success) return problem(400, 'bad-request', parsed.error.message)
    const key = headers['idempotency-key']
    if (isWrite && typeof key !== 'string') return problem(400, 'bad-request', 'an Idempotency-Key is needed')
    const before = isWrite ? this.#answers.get(String(key)) : undefined
    const text = JSON.stringify(body)
    if (before)
      return before.body === text ? before.reply : problem(422, 'key-reused', 'the key was used for another body')
    const instead = this.instead.shift()
    if (instead && instead !== 'cut') return instead
    const reply = (this.#handlers[name] as (request: unknown, id: string) => Reply)(parsed.data, id)
    if (isWrite) this.#answers.set(String(key), { body: text, reply })
    return instead ?? reply
  }

  readonly #handlers: Handlers = {
    signIn: () => ({ body: { actor: 'ana', mayWrite: true, why: null } satisfies WriteBody<'signIn'> }),
    previewControl: ({ targets, order, ttlMs = 900_000 }) => ({ body: this.#preview(targets, order, ttlMs) }),
    makeControls: ({ targets, order, ttlMs = 900_000, reason, fingerprint }) => {
      const preview = this.#preview(targets, order, ttlMs)
      if (preview.fingerprint !== fingerprint) {
        const difference = { difference: ['redis-main/emails has 7 workers, 6 were seen'] }
        return problem(409, 'changed', 'What was previewed is not what is there any more', difference)
      }
      if (preview.controllable === 0) return problem(422, 'unsupported', 'no lever')
      const able = preview.targets.filter(({ lever }) => lever.by !== 'none')
      const full = order.verb === 'throttle' ? { ...order, fromPerSecond: order.fromPerSecond ?? null } : order
      return {
        body: {
          controls: able.map(({ ref }) => this.make(ref, { order: full, reason, expiresAtMs: bodies.NOW_MS + ttlMs })),
          skipped: preview.targets.flatMap(({ ref, lever }) => (lever.by === 'none' ? [{ ref, why: lever.why }] : [])),
          failed: [],
        } satisfies WriteBody<'makeControls'>,
      }
    },
    extendControl: ({ ttlMs = 900_000, revision }, id) => {
      const row = this.controls.get(id)
      if (!row) return problem(404, 'not-found', `There is no control ${id}`)
      if (row.revision !== revision) return problem(409, 'conflict', `${id} was changed meanwhile`)
      this.move(id, { revision: revision + 1, expiresAtMs: bodies.NOW_MS + ttlMs })
      return { body: { controls: [this.controls.get(id)], skipped: [], failed: [] } }
    },
    liftControl: (_, id) => {
      if (!this.controls.has(id)) return problem(404, 'not-found', `There is no control ${id}`)
      this.move(id, { phase: 'lifted', endedAtMs: bodies.NOW_MS, endedBy: 'ana' })
      return { body: { controls: [this.controls.get(id)], skipped: [], failed: [] } }
    },
    resume: ({ targets, reason, ramp }) => {
      const on = [...this.controls.values()].filter(
        (row) => row.endedAtMs === null && targets.some((target) => matches(target, row.target)),
      )
      for (const { id } of on) this.move(id, { phase: 'lifted', endedAtMs: bodies.NOW_MS, endedBy: 'ana' })
      const lifted = on.map(({ id }) => this.controls.get(id))
      const order =
        ramp && ({ verb: 'throttle', perSecond: ramp.toPerSecond, fromPerSecond: ramp.fromPerSecond } as const)
      const made = order ? on.map(({ target }) => this.make(target, { order, reason })) : []
      return { body: { controls: [...lifted, ...made], skipped: [], failed: [] } }
    },
    previewAction: ({ act, queue, ids, state, fingerprintOfErrors }) => {
      const chosen =
        act === 'cancel' || act === 'force-cancel' ? [queue] : (ids ?? this.#chosen(state, fingerprintOfErrors))
      const total = chosen.length
      const sentence = `Would ${act} ${total} ${total === 1 ? 'job' : 'jobs'} of ${queue}`
      const isIrreversible = act === 'discard'
      return {
        body: {
          fingerprint: hash([act, queue, chosen]),
          ids: [...chosen].slice(0, 1_000),
          total,
          isIrreversible,
          sentence,
        },
      }
    },
    act: ({ act, queue, ids = [], fingerprint, confirm }) => {
      if (hash([act, queue, ids]) !== fingerprint) return problem(409, 'changed', 'Not what was previewed')
      if (act === 'discard' && confirm !== queue.split('/')[1])
        return problem(400, 'bad-request', 'confirm is not the name')
      const results = ids.map((id) => {
        if (act === 'cancel') return { id, result: 'cancelling' as const, why: null }
        if (act === 'force-cancel') return { id, result: 'done' as const, why: null }
        const at = this.jobs.findIndex((job) => job.id === id)
        if (at === -1) return { id, result: 'gone' as const, why: null }
        if (this.jobs[at]?.state === 'active') return { id, result: 'not-now' as const, why: 'it is in hand' }
        this.jobs.splice(at, 1)
        return { id, result: 'done' as const, why: null }
      })
      return {
        body: { done: results.filter(({ result }) => result === 'done').length, results } satisfies WriteBody<'act'>,
      }
    },
  }

  make(target: string, more: Partial<ControlRow> = {}): ControlRow {
    const id = `ctl_${String(++this.#made).padStart(10, '0')}`
    const atMs = bodies.NOW_MS
    const row = bodies.aControlRow({ id, target, phase: 'requested', issuedAtMs: atMs, phaseSinceMs: atMs, ...more })
    this.controls.set(id, row)
    this.#steps.set(id, [{ phase: row.phase, atMs }])
    return row
  }

  #preview(typed: readonly string[], order: object, ttlMs: number) {
    const found = [...this.targets.values()].filter(({ ref }) => typed.some((one) => matches(one, ref)))
    return bodies.aPreview({
      targets: found,
      matched: found.length,
      controllable: found.filter(({ lever }) => lever.by !== 'none').length,
      unmatched: typed.filter((one) => !found.some(({ ref }) => matches(one, ref))),
      untilMs: bodies.NOW_MS + ttlMs,
      fingerprint: hash([found, order]),
    })
  }

  #chosen(state: string | undefined, error: string | undefined): string[] {
    return this.jobs
      .filter((job) => (error === undefined ? job.state === state : job.error === error))
      .map(({ id }) => id)
  }

  #failures(ref: string) {
    const errors = [...new Set(this.jobs.flatMap(({ error }) => error ?? []))]
    const groups = errors.map((error) => {
      const count = this.jobs.filter((job) => job.error === error).length
      const at = { firstAtMs: bodies.NOW_MS - 60_000, lastAtMs: bodies.NOW_MS - 1_000 }
      return { fingerprint: error, job: 'Mail', pattern: error, sample: error, count, retrying: 0, dead: count, ...at }
    })
    return { asOfMs: bodies.NOW_MS, ref, groups, total: groups.length }
  }
}

function writeAt(path: string): [WriteName, string] | null {
  for (const name of Object.keys(WRITES) as WriteName[]) {
    const match = new RegExp(`^${WRITES[name].path.replace(':id', '([^/:]+)')}$`).exec(path)
    if (match) return [name, match[1] ?? '']
  }
  return null
}

function matches(typed: string, ref: string): boolean {
  return new RegExp(`^${typed.split('*').join('.*')}$`).test(ref)
}

function isSignedIn(headers: IncomingHttpHeaders): boolean {
  return headers.authorization === `Bearer ${TOKEN}`
}

const UNAUTHORIZED = problem(401, 'unauthorized', 'Who is that? Sign in first')

function problem(
  status: number,
  code:
    | 'bad-request'
    | 'not-found'
    | 'changed'
    | 'conflict'
    | 'unsupported'
    | 'unauthorized'
    | 'key-reused'
    | 'unsupported-type',
  detail: string,
  more: object = {},
): Reply {
  return { status, problem: { code, detail, ...more } }
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}
