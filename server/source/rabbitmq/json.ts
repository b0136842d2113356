/** Reading of JSON that a stranger wrote: a wrong shape is null, never an exception and never a default. */
export type JsonObject = Readonly<Record<string, unknown>>

export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

/** The objects of a list; null when it is not a list. Other elements are left out. */
export function asObjects(value: unknown): readonly JsonObject[] | null {
  return Array.isArray(value) ? value.map(asObject).filter((one) => one !== null) : null
}

export function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** A number ≥ 0: counts, bytes, milliseconds. */
export function asCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}
