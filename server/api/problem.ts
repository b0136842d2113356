import { z } from './zod.ts'

/** RFC 9457. `code` is for programs, `detail` names the thing and the remedy. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    code: z.enum([
      'bad-request',
      'not-found',
      'ambiguous',
      'method-not-allowed',
      'misdirected',
      'forbidden',
      'too-many',
      'not-ready',
      'internal',
      'unauthorized',
      'changed',
      'conflict',
      'unsupported',
      'key-reused',
      'unsupported-type',
      'too-large',
      'unavailable',
      'timeout',
    ]),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    candidates: z.array(z.string()).optional().describe('For `ambiguous`: what it could have meant'),
    difference: z.array(z.string()).optional().describe('For `changed`: what is not as it was seen, in words'),
  })
  .openapi('Problem')
export type Problem = z.infer<typeof problem>
