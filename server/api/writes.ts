import {
  actionMade,
  actionPreview,
  actionPreviewRequest,
  actionRequest,
  controlRequest,
  controlsMade,
  extendRequest,
  liftRequest,
  preview,
  previewRequest,
  resumeRequest,
} from './control.ts'
import { sessionBody, signInRequest } from './session.ts'
import { z } from './zod.ts'

const id = z.object({ id: z.string().min(1).max(64).describe('Of the control') })
const nothing = z.strictObject({})

/**
 * Every POST of the API: path below /api/v1, what it takes and what it answers. All need a JSON body, an Origin that
 * matches when there is one, a sign-in (a cookie, or `Authorization: Bearer`), and, where `isWrite`, an
 * `Idempotency-Key`: the same key with the same body gets the same answer for 24 h.
 */
export const WRITES = {
  signIn: {
    path: '/session',
    summary: 'Sign in with the one-time token',
    isWrite: false,
    params: nothing,
    request: signInRequest,
    body: sessionBody,
  },
  previewControl: {
    path: '/controls:preview',
    summary: 'What a control would do',
    isWrite: false,
    params: nothing,
    request: previewRequest,
    body: preview,
  },
  makeControls: {
    path: '/controls',
    summary: 'Pause, throttle or limit',
    isWrite: true,
    params: nothing,
    request: controlRequest,
    body: controlsMade,
  },
  extendControl: {
    path: '/controls/:id/extend',
    summary: 'Let a control live longer',
    isWrite: true,
    params: id,
    request: extendRequest,
    body: controlsMade,
  },
  liftControl: {
    path: '/controls/:id/lift',
    summary: 'End one control',
    isWrite: true,
    params: id,
    request: liftRequest,
    body: controlsMade,
  },
  resume: {
    path: '/controls:resume',
    summary: 'End all controls on targets, at once or in a ramp',
    isWrite: true,
    params: nothing,
    request: resumeRequest,
    body: controlsMade,
  },
  previewAction: {
    path: '/actions:preview',
    summary: 'What an action would do',
    isWrite: false,
    params: nothing,
    request: actionPreviewRequest,
    body: actionPreview,
  },
  act: {
    path: '/actions',
    summary: 'Retry, discard or promote jobs, cancel a run, repair a saga',
    isWrite: true,
    params: nothing,
    request: actionRequest,
    body: actionMade,
  },
} as const

export type WriteName = keyof typeof WRITES
export type WriteRequest<Name extends WriteName> = z.input<(typeof WRITES)[Name]['request']>
export type WriteBody<Name extends WriteName> = z.infer<(typeof WRITES)[Name]['body']>
