/** What a list shows is its address: the search part of the URL, defaults left out. */
export interface ListSearch {
  readonly filter?: string
  readonly sort?: string
  readonly source?: string
  readonly faults?: boolean
}

/** Reads the search of a list's address; whatever is not understood is dropped. */
export function readListSearch(search: Readonly<Record<string, unknown>>): ListSearch {
  const text = (key: string, max: number) => {
    const value = search[key]
    return typeof value === 'string' && value !== '' ? { [key]: value.slice(0, max) } : {}
  }
  return {
    ...text('filter', 256),
    ...text('sort', 64),
    ...text('source', 128),
    ...(search.faults === '1' || search.faults === true ? { faults: true } : {}),
  }
}

export const QUEUE_TABS = ['failures', 'jobs', 'workers', 'config', 'sagas'] as const
export type QueueTab = (typeof QUEUE_TABS)[number]

/** The tab of a page; none = the one that fits best now. */
export function readTabSearch(search: Readonly<Record<string, unknown>>): { readonly tab?: QueueTab } {
  const tab = QUEUE_TABS.find((one) => one === search.tab)
  return tab ? { tab } : {}
}

export interface HistorySearch {
  readonly filter?: string | undefined
  readonly mine?: boolean | undefined
}

export function readHistorySearch(search: Readonly<Record<string, unknown>>): HistorySearch {
  const { filter } = readListSearch(search)
  return { ...(filter ? { filter } : {}), ...(search.mine === '1' || search.mine === true ? { mine: true } : {}) }
}

/** `?filter=mail&faults=1`: plain, so that people can read and write it. */
export function writeSearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === '' || value === false) continue
    params.set(key, value === true ? '1' : String(value))
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text))
}
