import { severity, sourceKind } from './freshness.ts'
import { LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX } from './lists.ts'
import { z } from './zod.ts'

/** Filters are substrings or globs (`*`), never expressions; longer ones are refused. */
export const FILTER_LENGTH_MAX = 256

/** What every list takes. Unknown keys are refused. */
export function listQuery<const Fields extends readonly [string, ...string[]]>(sortFields: Fields) {
  const both = [...sortFields, ...sortFields.map((field) => `-${field}` as const)] as [
    Fields[number] | `-${Fields[number]}`,
    ...(Fields[number] | `-${Fields[number]}`)[],
  ]
  return z.strictObject({
    filter: z.string().max(FILTER_LENGTH_MAX).optional().describe('Substring of the reference, or a glob with `*`'),
    source: z.string().max(128).optional(),
    kind: sourceKind.optional(),
    system: z.string().max(64).optional(),
    severity: z
      .union([severity, z.literal('faults')])
      .optional()
      .describe('`faults`: critical, warning or unknown'),
    sort: z.enum(both).optional().describe('`-` in front: descending'),
    offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
    limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT),
    trend: z.enum(['0', '1']).default('0').describe('1: with sparkline points'),
  })
}

/** What `GET /controls` takes: living ones first, those that end soonest on top; then the ended, newest first. */
export const controlQuery = z.strictObject({
  state: z.enum(['living', 'ended', 'all']).default('all'),
  source: z.string().max(128).optional(),
  filter: z.string().max(FILTER_LENGTH_MAX).optional().describe('Substring of the target, or a glob with `*`'),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT),
})
