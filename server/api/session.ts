import { z } from './zod.ts'

/** Who one is here, and what one may. `GET /session`. */
export const sessionBody = z
  .object({
    actor: z.string().nullable().describe('Null = not signed in: looking is free, acting is not'),
    mayWrite: z.boolean(),
    why: z.string().nullable().describe('Why not, and the remedy'),
  })
  .openapi('Session')
export type Session = z.infer<typeof sessionBody>

/** `POST /session`: exchanges the one-time token of the start for a cookie. */
export const signInRequest = z.strictObject({ token: z.string().min(1).max(256) }).openapi('SignIn')
