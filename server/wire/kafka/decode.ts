import type { Reader } from './reader.ts'
import { type Decoded, type Field, type Fields, type FieldType, type Form, isIn, type Primitive } from './schema.ts'
import { WireError, within } from './wire-error.ts'

type Values = Record<string, unknown>

/**
 * Decodes one object. The depth is that of the schema, so no input can nest deeper; no array or text is allocated
 * before its length was compared with the bytes left. Throws WireError, naming the field.
 */
export function decodeFields<F extends Fields>(fields: F, reader: Reader, form: Form): Decoded<F> {
  return decodeObject(fields, reader, form) as Decoded<F>
}

function decodeObject(fields: Fields, reader: Reader, form: Form): Values {
  const out: Values = {}
  for (const { name, field, isRead } of planOf(fields, form.version)) {
    if (!isRead) {
      out[name] = field.absent
      continue
    }
    try {
      out[name] = decodeValue(field, reader, form)
    } catch (thrown) {
      throw within(name, thrown)
    }
  }
  if (form.flexible) decodeTagged(fields, out, reader, form)
  return out
}

interface Step {
  readonly name: string
  readonly field: Field
  /** In order among the others, in this version. */
  readonly isRead: boolean
}

/** An answer holds tens of thousands of the same object: what to read of it is worked out once per version. */
const plans = new WeakMap<Fields, Map<number, readonly Step[]>>()

function planOf(fields: Fields, version: number): readonly Step[] {
  let byVersion = plans.get(fields)
  if (!byVersion) {
    byVersion = new Map()
    plans.set(fields, byVersion)
  }
  let plan = byVersion.get(version)
  if (!plan) {
    plan = Object.entries(fields).map(([name, field]) => ({
      name,
      field,
      isRead: field.tag === null && isIn(field, version),
    }))
    byVersion.set(version, plan)
  }
  return plan
}

function decodeTagged(fields: Fields, out: Values, reader: Reader, form: Form): void {
  const count = reader.uvarint()
  if (count === 0) return
  // A tagged field is at least a tag and a size.
  if (count * 2 > reader.left) throw new WireError(`${count} tagged fields, ${reader.left} bytes left`)
  for (let i = 0; i < count; i += 1) {
    const tag = reader.uvarint()
    const size = reader.uvarint()
    const known = Object.entries(fields).find(([, field]) => field.tag === tag && isIn(field, form.version))
    if (!known) {
      reader.skip(size)
      continue
    }
    const [name, field] = known
    try {
      out[name] = reader.slice(size, () => decodeValue(field, reader, form))
    } catch (thrown) {
      throw within(name, thrown)
    }
  }
}

function decodeValue(field: Field, reader: Reader, form: Form): unknown {
  const { type } = field
  const mayBeNull = form.version >= field.nullableFrom
  if (typeof type === 'string') return decodePrimitive(type, reader, form, mayBeNull)
  if ('struct' in type) return decodeObject(type.struct, reader, form)
  const count = decodeLength(reader, form, 4)
  if (count === -1) {
    if (mayBeNull) return null
    throw new WireError('null array where one is required')
  }
  const smallest = smallestOf(type.array, form)
  if (count * smallest > reader.left) throw new WireError(`${count} elements, ${reader.left} bytes left`)
  return decodeElements(type.array, reader, form, count)
}

function decodeElements(element: Primitive | Fields, reader: Reader, form: Form, count: number): unknown[] {
  const out: unknown[] = []
  for (let i = 0; i < count; i += 1) {
    try {
      out.push(
        typeof element === 'string'
          ? decodePrimitive(element, reader, form, false)
          : decodeObject(element, reader, form),
      )
    } catch (thrown) {
      throw within(String(i), thrown)
    }
  }
  return out
}

/** Length of a text, bytes or array; −1 = null. */
function decodeLength(reader: Reader, form: Form, width: 2 | 4): number {
  const length = form.flexible ? reader.uvarint() - 1 : width === 2 ? reader.int16() : reader.int32()
  if (length < -1) throw new WireError(`negative length ${length}`)
  return length
}

function decodePrimitive(type: Primitive, reader: Reader, form: Form, mayBeNull: boolean): unknown {
  switch (type) {
    case 'bool':
      return reader.int8() !== 0
    case 'int8':
      return reader.int8()
    case 'int16':
      return reader.int16()
    case 'int32':
      return reader.int32()
    case 'int64':
      return reader.int64()
    case 'offset':
      return reader.int64OrNull()
    case 'uuid':
      return [...reader.bytes(16)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    case 'string':
    case 'bytes': {
      const length = decodeLength(reader, form, type === 'string' ? 2 : 4)
      if (length === -1) {
        if (mayBeNull) return null
        throw new WireError(`null ${type} where one is required`)
      }
      return type === 'string' ? reader.text(length) : reader.bytes(length)
    }
  }
}

/** Fewest bytes that one value can take: what turns a declared length into a bound on memory. */
function smallestOf(type: Primitive | Fields, form: Form): number {
  if (typeof type === 'string') return smallestPrimitive(type, form)
  let sum = form.flexible ? 1 : 0
  for (const name in type) {
    const field = type[name] as Field
    if (field.tag === null && isIn(field, form.version)) sum += smallestField(field.type, form)
  }
  // An object without fields takes no bytes; count it as one, or any number of them would fit.
  return Math.max(sum, 1)
}

function smallestField(type: FieldType, form: Form): number {
  if (typeof type === 'string') return smallestPrimitive(type, form)
  if ('struct' in type) return smallestOf(type.struct, form)
  return form.flexible ? 1 : 4
}

const SMALLEST: { readonly [P in Primitive]: number } = {
  bool: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  offset: 8,
  uuid: 16,
  string: 2,
  bytes: 4,
}

function smallestPrimitive(type: Primitive, form: Form): number {
  return form.flexible && (type === 'string' || type === 'bytes') ? 1 : SMALLEST[type]
}
