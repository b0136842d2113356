/**
 * Messages as data. A message is an object of fields in wire order; each field says its type and the versions it is in.
 * Where a version lacks a field, encoding leaves it out and decoding gives its `absent` value, so that callers see one
 * shape for all versions.
 */
export type Primitive = 'bool' | 'int8' | 'int16' | 'int32' | 'int64' | 'offset' | 'uuid' | 'string' | 'bytes'

export type FieldType = Primitive | { readonly array: Primitive | Fields } | { readonly struct: Fields }

export interface Field<out T = unknown, out D = T> {
  readonly type: FieldType
  /** First and last version that has it. */
  readonly from: number
  readonly to: number
  /** First version in which it may be null; Infinity = never. */
  readonly nullableFrom: number
  /** Its number as a tagged field of flexible versions; null = an ordinary field. */
  readonly tag: number | null
  /** Value in versions without it, and when the caller gives none. */
  readonly absent: unknown
  /** Types only: what decoding gives, and what encoding accepts. Never present. */
  readonly decoded?: T
  readonly draft?: D
}

export type Fields = { readonly [name: string]: Field }

/** What decoding gives. */
export type Decoded<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T, unknown> ? T : never }
/** What encoding accepts: any field may be left out, and its `absent` value is written. */
export type Draft<F extends Fields> = { readonly [K in keyof F]?: F[K] extends Field<unknown, infer D> ? D : never }

export interface FieldOptions<T> {
  readonly from?: number
  readonly to?: number
  readonly tag?: number
  readonly absent?: T
}

export interface NullableOptions<T> extends FieldOptions<T> {
  readonly nullableFrom?: number
}

function field<T, D = T>(type: FieldType, absent: unknown, options: NullableOptions<unknown>): Field<T, D> {
  return {
    type,
    from: options.from ?? 0,
    to: options.to ?? Number.POSITIVE_INFINITY,
    nullableFrom: options.nullableFrom ?? Number.POSITIVE_INFINITY,
    tag: options.tag ?? null,
    absent: options.absent === undefined ? absent : options.absent,
  }
}

const nullable = (options: NullableOptions<unknown>) => ({ nullableFrom: 0, ...options })

export const bool = (options: FieldOptions<boolean> = {}): Field<boolean> => field('bool', false, options)
export const int8 = (options: FieldOptions<number> = {}): Field<number> => field('int8', 0, options)
export const int16 = (options: FieldOptions<number> = {}): Field<number> => field('int16', 0, options)
export const int32 = (options: FieldOptions<number> = {}): Field<number> => field('int32', 0, options)
/** Beyond ± 2^53 − 1 decoding fails and names the field. */
export const int64 = (options: FieldOptions<number> = {}): Field<number> => field('int64', 0, options)
/**
 * A 64-bit integer that a stranger may have chosen freely (a committed offset): beyond ± 2^53 − 1 it decodes to null,
 * so that one absurd value does not cost the thousand sane ones in the same answer.
 */
export const offset = (options: FieldOptions<number> = {}): Field<number | null> => field('offset', 0, options)
/** 16 bytes as 32 hexadecimal digits; absent: all zero. */
export const uuid = (options: FieldOptions<string> = {}): Field<string> => field('uuid', '0'.repeat(32), options)
export const string = (options: FieldOptions<string> = {}): Field<string> => field('string', '', options)
export const nullableString = (options: NullableOptions<string | null> = {}): Field<string | null> =>
  field('string', null, nullable(options))
/** Decodes to a view of the message, not a copy. */
export const bytes = (options: FieldOptions<Uint8Array> = {}): Field<Uint8Array> =>
  field('bytes', new Uint8Array(0), options)
export const nullableBytes = (options: NullableOptions<Uint8Array | null> = {}): Field<Uint8Array | null> =>
  field('bytes', null, nullable(options))

type NumberLike = 'int8' | 'int16' | 'int32' | 'int64'
type ElementOf<P extends NumberLike | 'string' | 'uuid'> = P extends NumberLike ? number : string

export const listOf = <P extends NumberLike | 'string' | 'uuid'>(
  element: P,
  options: FieldOptions<readonly ElementOf<P>[]> = {},
): Field<readonly ElementOf<P>[]> => field({ array: element }, [], options)
export const array = <F extends Fields>(
  fields: F,
  options: FieldOptions<readonly Draft<F>[]> = {},
): Field<readonly Decoded<F>[], readonly Draft<F>[]> => field({ array: fields }, [], options)
export const nullableArray = <F extends Fields>(
  fields: F,
  options: NullableOptions<readonly Draft<F>[] | null> = {},
): Field<readonly Decoded<F>[] | null, readonly Draft<F>[] | null> => field({ array: fields }, null, nullable(options))
export const struct = <F extends Fields>(
  fields: F,
  options: FieldOptions<Draft<F>> = {},
): Field<Decoded<F>, Draft<F>> => field({ struct: fields }, {}, options)

/** A version of a message: which fields there are, and whether lengths are compact and tagged fields allowed (KIP-482). */
export interface Form {
  readonly version: number
  readonly flexible: boolean
}

export function isIn(field: Field, version: number): boolean {
  return version >= field.from && version <= field.to
}
