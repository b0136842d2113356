import { OpsError } from '../../../domain/errors.ts'
import type { Entry } from '../iterating.ts'
import { allowedUrl, type HttpPage, type HttpReading, placeOf, readPage } from './http-page.ts'

/** Where an iteration over pages of an HTTP API stands. */
export interface HttpCursor {
  /** The page to read next; null = there are no more. Without the secrets given as `params`. */
  readonly page: string | null
  /** How many of its items are finished. */
  readonly done: number
}

export interface HttpPages<Item> extends HttpReading {
  /** The first page: http: or https:, without a password. */
  readonly url: string | URL
  readonly items: (page: HttpPage) => readonly Item[]
  /** The page after this one, absolute or relative to it; null or undefined = this is the last. */
  readonly next: (page: HttpPage) => string | URL | null | undefined
}

/** Nobody can stop a run that finds no item: so many pages without one, in a row, are an error. */
const EMPTY_PAGES_MAX = 1_000

/**
 * The items of the pages of an HTTP API. The cursor is the address of the page to read next, and how many of its items
 * are finished: a stop within a page reads that page again, so what it holds must not move meanwhile (pages by key or
 * token do not; pages by number or offset do, when something is added or deleted).
 *
 *     items: (_, cursor: HttpCursor | null, { signal }) =>
 *       fromHttpPages({
 *         url: 'https://api.example.com/orders?limit=200',
 *         items: ({ body }) => orders.parse(body).data,
 *         next: ({ body, url }) => {
 *           const token = orders.parse(body).nextToken
 *           return token === null ? null : Object.assign(new URL(url), { search: `?limit=200&after=${token}` })
 *         },
 *         headers: async () => ({ authorization: `Bearer ${await token()}` }),
 *         signal,
 *       }, cursor)
 *
 * Only http: and https:, only the origin of `url` and those in `origins`, also for redirects and for a cursor that was
 * kept. Status 429, and 503 with Retry-After, make the run step aside for that time (1 s to 1 h), which is no failed
 * attempt; everything else is an OpsError (see `readPage`), and the job's retries decide. Nothing is asked twice here.
 */
export async function* fromHttpPages<Item>(
  { items, next, ...pages }: HttpPages<Item>,
  cursor: HttpCursor | null,
): AsyncGenerator<Entry<Item, HttpCursor>> {
  const first = firstUrl(pages)
  let done = cursor?.done ?? 0
  let empty = 0
  const kept = cursor === null ? first.href : cursor.page
  let url = kept === null ? null : allowedUrl(kept, { base: first, first }, pages)
  while (url !== null) {
    const page = await readPage(url, first, pages)
    const found = items(page)
    if (!Array.isArray(found))
      throw new OpsError('malformed', 'fromHttpPages', `${placeOf(url)}: \`items\` gave no array`)
    const to = next(page)
    const base = new URL(page.url)
    const after = to === null || to === undefined ? null : allowedUrl(to, { base, first }, pages)
    if (after?.href === url.href) {
      throw new OpsError('malformed', 'fromHttpPages', `${placeOf(url)}: \`next\` gave the same page again`)
    }
    for (let at = done; at < found.length; at += 1) {
      const isLast = at === found.length - 1
      const place: HttpCursor = isLast ? { page: after?.href ?? null, done: 0 } : { page: url.href, done: at + 1 }
      yield { item: found[at], cursor: place }
    }
    empty = found.length > done ? 0 : empty + 1
    if (empty >= EMPTY_PAGES_MAX) {
      throw new OpsError('malformed', 'fromHttpPages', `${placeOf(url)}: ${empty} pages in a row have no items`)
    }
    done = 0
    url = after
  }
}

function firstUrl(pages: HttpReading & { readonly url: string | URL }): URL {
  if (!URL.canParse(String(pages.url)))
    throw new OpsError('invalid', 'fromHttpPages', 'url: expected an absolute address')
  const url = new URL(String(pages.url))
  return allowedUrl(url, { base: url, first: url }, pages)
}
