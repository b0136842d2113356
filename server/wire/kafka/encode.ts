import { type Draft, type Field, type Fields, type Form, isIn, type Primitive } from './schema.ts'
import { WireError, within } from './wire-error.ts'
import { Writer } from './writer.ts'

interface Target {
  readonly writer: Writer
  readonly form: Form
}

type Values = Record<string, unknown>

/** Encodes one object. A value for a field that this version lacks is left out. Throws WireError, naming the field. */
export function encodeFields<F extends Fields>(fields: F, values: Draft<F>, to: Target): void {
  encodeObject(fields, values as Values, to.writer, to.form)
}

function encodeObject(fields: Fields, values: Values, writer: Writer, form: Form): void {
  const tagged: { readonly name: string; readonly field: Field; readonly tag: number }[] = []
  for (const name in fields) {
    const field = fields[name] as Field
    if (!isIn(field, form.version)) continue
    if (field.tag !== null) {
      if (values[name] !== undefined && values[name] !== field.absent) tagged.push({ name, field, tag: field.tag })
      continue
    }
    try {
      encodeValue(field, values[name] === undefined ? field.absent : values[name], { writer, form })
    } catch (thrown) {
      throw within(name, thrown)
    }
  }
  if (!form.flexible) return
  writer.uvarint(tagged.length)
  for (const { name, field, tag } of tagged.sort((a, b) => a.tag - b.tag)) {
    const inner = new Writer()
    encodeValue(field, values[name], { writer: inner, form })
    writer.uvarint(tag)
    writer.uvarint(inner.written.byteLength)
    writer.bytes(inner.written)
  }
}

function encodeValue(field: Field, value: unknown, to: Target): void {
  const { writer, form } = to
  const { type } = field
  if (value === null && form.version < field.nullableFrom) throw new WireError('null where a value is required')
  if (typeof type === 'string') {
    PRIMITIVES[type](value, to)
  } else if ('struct' in type) {
    encodeObject(type.struct, value as Values, writer, form)
  } else if (value === null) {
    encodeLength(-1, 4, to)
  } else {
    const elements = value as readonly unknown[]
    encodeLength(elements.length, 4, to)
    const element = type.array
    for (const each of elements) {
      if (typeof element === 'string') PRIMITIVES[element](each, to)
      else encodeObject(element, each as Values, writer, form)
    }
  }
}

function encodeLength(length: number, width: 2 | 4, { writer, form }: Target): void {
  if (form.flexible) writer.uvarint(length + 1)
  else if (width === 4) writer.int32(length)
  else if (length > 0x7fff) throw new WireError(`text of ${length} bytes, at most 32767 fit`)
  else writer.int16(length)
}

const PRIMITIVES: { readonly [P in Primitive]: (value: unknown, to: Target) => void } = {
  bool: (value, { writer }) => writer.int8(value ? 1 : 0),
  int8: (value, { writer }) => writer.int8(value as number),
  int16: (value, { writer }) => writer.int16(value as number),
  int32: (value, { writer }) => writer.int32(value as number),
  int64: (value, { writer }) => writer.int64(value as number),
  offset: (value, { writer }) => writer.int64(value as number),
  uuid: (value, { writer }) => {
    for (let i = 0; i < 32; i += 2) writer.uint8(Number.parseInt((value as string).slice(i, i + 2), 16))
  },
  string: (value, to) => encodeBytes(value === null ? null : Writer.utf8(value as string), 2, to),
  bytes: (value, to) => encodeBytes(value as Uint8Array | null, 4, to),
}

function encodeBytes(raw: Uint8Array | null, width: 2 | 4, to: Target): void {
  encodeLength(raw === null ? -1 : raw.byteLength, width, to)
  if (raw) to.writer.bytes(raw)
}
