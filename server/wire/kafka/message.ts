import { decodeFields } from './decode.ts'
import { encodeFields } from './encode.ts'
import { Reader } from './reader.ts'
import type { Decoded, Draft, Fields, Form } from './schema.ts'
import { WireError, within } from './wire-error.ts'
import { Writer } from './writer.ts'

/** One API of Kafka's protocol: its two messages as data, and the versions of them that are written down here. */
export interface Api<Q extends Fields = Fields, S extends Fields = Fields> {
  readonly key: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  /** First version with compact lengths and tagged fields. */
  readonly flexibleFrom: number
  readonly request: Q
  readonly response: S
}

/** What precedes every request: header v1, or v2 in flexible versions. */
export interface RequestHeader {
  readonly version: number
  readonly correlation: number
  readonly client: string | null
}

/** ApiVersions is answered with header v0 in every version, or a client that knows less could not read it. */
const API_VERSIONS = 18

export function api<Q extends Fields, S extends Fields>(definition: Api<Q, S>): Api<Q, S> {
  return definition
}

/** A whole request frame, size first. Throws WireError for a version that is not known here. */
export function encodeRequest<Q extends Fields>(of: Api<Q, Fields>, header: RequestHeader, body: Draft<Q>): Uint8Array {
  const form = formOf(of, header.version)
  const writer = new Writer()
  writer.int32(0)
  writer.int16(of.key)
  writer.int16(header.version)
  writer.int32(header.correlation)
  encodeClient(writer, header.client)
  if (form.flexible) writer.uvarint(0)
  encodeBody(of, () => encodeFields(of.request, body, { writer, form }))
  return framed(writer)
}

/** Header of a request frame without its size; the body follows at `reader`. */
export function decodeRequestHeader(reader: Reader): RequestHeader & { readonly key: number } {
  const key = reader.int16()
  const version = reader.int16()
  const correlation = reader.int32()
  const length = reader.int16()
  return { key, version, correlation, client: length < 0 ? null : reader.text(length) }
}

export function decodeRequest<Q extends Fields>(of: Api<Q, Fields>, version: number, reader: Reader): Decoded<Q> {
  const form = formOf(of, version)
  try {
    if (form.flexible) skipTagged(reader)
    return complete(decodeFields(of.request, reader, form), reader)
  } catch (thrown) {
    throw within(`${of.name} v${version} request`, thrown)
  }
}

export function encodeResponse<S extends Fields>(
  of: Api<Fields, S>,
  header: { readonly version: number; readonly correlation: number },
  body: Draft<S>,
): Uint8Array {
  const form = formOf(of, header.version)
  const writer = new Writer()
  writer.int32(0)
  writer.int32(header.correlation)
  if (form.flexible && of.key !== API_VERSIONS) writer.uvarint(0)
  encodeBody(of, () => encodeFields(of.response, body, { writer, form }))
  return framed(writer)
}

/** Body of a response frame, from just after the correlation id. Bytes left over are an error: the version was not what we thought. */
export function decodeResponse<S extends Fields>(of: Api<Fields, S>, version: number, payload: Uint8Array): Decoded<S> {
  const form = formOf(of, version)
  const reader = new Reader(payload)
  try {
    if (form.flexible && of.key !== API_VERSIONS) skipTagged(reader)
    return complete(decodeFields(of.response, reader, form), reader)
  } catch (thrown) {
    throw within(`${of.name} v${version} response`, thrown)
  }
}

function formOf(of: Api, version: number): Form {
  if (version < of.minVersion || version > of.maxVersion) {
    throw new WireError(`${of.name} v${version}: known are ${of.minVersion}–${of.maxVersion}`)
  }
  return { version, flexible: version >= of.flexibleFrom }
}

/** Header v1 and v2 both hold the client id as a classic nullable string. */
function encodeClient(writer: Writer, client: string | null): void {
  const raw = client === null ? null : Writer.utf8(client)
  writer.int16(raw === null ? -1 : raw.byteLength)
  if (raw) writer.bytes(raw)
}

function encodeBody(of: Api, encode: () => void): void {
  try {
    encode()
  } catch (thrown) {
    throw within(of.name, thrown)
  }
}

function framed(writer: Writer): Uint8Array {
  const frame = writer.written
  new DataView(frame.buffer, frame.byteOffset, 4).setInt32(0, frame.byteLength - 4)
  return frame
}

function skipTagged(reader: Reader): void {
  const count = reader.uvarint()
  if (count * 2 > reader.left) throw new WireError(`${count} tagged fields, ${reader.left} bytes left`)
  for (let i = 0; i < count; i += 1) {
    reader.uvarint()
    reader.skip(reader.uvarint())
  }
}

function complete<T>(value: T, reader: Reader): T {
  if (reader.left > 0) throw new WireError(`${reader.left} bytes left over`)
  return value
}
