import { useEffect, useState } from 'react'
import type { Problem } from '../../server/api/problem.ts'
import type { WriteBody, WriteRequest } from '../../server/api/writes.ts'
import type { Answer } from './answer.ts'
import { AskedLoop } from './asked-loop.ts'
import { serverClock } from './client.ts'
import { write } from './write.ts'

type Previews = 'previewControl' | 'previewAction'

export interface Asked<Name extends Previews> {
  /** The last answer to what is wanted now; null = it is being asked, or nothing is wanted. */
  readonly body: WriteBody<Name> | null
  readonly problem: Problem | null
  readonly failure: string | null
  /** When it was answered, by the server's clock. */
  readonly atMs: number
  /** Asks again: what was seen is no longer so. */
  readonly again: () => void
}

interface Told<Name extends Previews> {
  readonly request: WriteRequest<Name>
  readonly answer: Answer<WriteBody<Name>> | null
  readonly failure: string | null
  readonly atMs: number
}

/** A preview is asked anew this often while it is looked at. */
const RENEW_MS = 10_000

/** What the server says would happen, for the request that is wanted now; renewed while it stands. */
export function useAsked<Name extends Previews>(name: Name, request: WriteRequest<Name> | null): Asked<Name> {
  const [told, setTold] = useState<Told<Name> | null>(null)
  const [loop, setLoop] = useState<AskedLoop<WriteRequest<Name>, Answer<WriteBody<Name>>> | null>(null)
  useEffect(() => {
    const made = new AskedLoop<WriteRequest<Name>, Answer<WriteBody<Name>>>({
      ask: (asked, signal) => write(name, asked, { signal }),
      tell: (answer, asked) => setTold({ request: asked, answer, failure: null, atMs: serverClock.nowMs() }),
      fail: (failure, asked) => setTold({ request: asked, answer: null, failure, atMs: serverClock.nowMs() }),
    })
    setLoop(made)
    return () => made.close()
  }, [name])
  useEffect(() => {
    loop?.want(request)
    if (!loop || !request) return
    const timer = setInterval(() => loop.want(request, true), RENEW_MS)
    return () => clearInterval(timer)
  }, [loop, request])
  const isOurs = told !== null && request !== null && JSON.stringify(told.request) === JSON.stringify(request)
  return {
    body: isOurs ? (told.answer?.body ?? null) : null,
    problem: isOurs ? (told.answer?.problem ?? null) : null,
    failure: isOurs ? told.failure : null,
    atMs: told?.atMs ?? 0,
    again: () => loop?.want(request, true),
  }
}
