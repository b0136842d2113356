import { SAGA_ACTS } from '../domain/saga.ts'
import { z } from './zod.ts'

/**
 * One line of the ledger: everything that was asked for, done, refused or ended, in order. Append-only; each line holds
 * the hash of the one before.
 */
export const ledgerEntry = z
  .object({
    seq: z.number().int().describe('From 1, without holes'),
    atMs: z.number(),
    actor: z
      .string()
      .describe('A person, or `expiry`, `sluice` (put back), `unknown` (refused before it was known who)'),
    act: z
      .enum([
        'pause',
        'throttle',
        'limit',
        'extend',
        'lift',
        'expire',
        'put-back',
        'retry',
        'discard',
        'promote',
        'cancel',
        'force-cancel',
        ...SAGA_ACTS,
        'refuse',
      ])
      .describe('What was done; `refuse`: something that was not let through'),
    targets: z.array(z.string()).describe('References, at most 200'),
    control: z.string().nullable(),
    reason: z.string().nullable(),
    detail: z.string().describe('In words: `at most 50/s for 15 m`, `retried 12 of 12`, `Origin https://evil.example`'),
    outcome: z.enum(['done', 'partly', 'failed', 'refused']),
    hash: z.string().describe('SHA-256, hex, over the line before and this one'),
  })
  .openapi('LedgerEntry')
export type LedgerEntry = z.infer<typeof ledgerEntry>

export const historyQuery = z.strictObject({
  filter: z.string().max(256).optional().describe('Substring of a target, reason, actor or control'),
  actor: z.string().max(128).optional(),
  sinceMs: z.coerce.number().int().min(0).optional(),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})

/** `GET /history`: newest first. */
export const historyList = z
  .object({
    asOfMs: z.number(),
    total: z.number(),
    offset: z.number(),
    items: z.array(ledgerEntry),
    isIntact: z.boolean().describe('The chain of hashes holds'),
    fault: z.string().nullable().describe('Where it does not: `line 17 was changed`; or that it cannot be written'),
  })
  .openapi('HistoryList')
export type HistoryList = z.infer<typeof historyList>
