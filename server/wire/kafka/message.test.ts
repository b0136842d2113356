import { describe, expect, it } from 'vitest'
import { APIS } from './apis.ts'
import { CAPTURED } from './captured.ts'
import {
  type Api,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from './message.ts'
import { describeGroups } from './messages/describe-groups.ts'
import { listGroups } from './messages/list-groups.ts'
import { listOffsets } from './messages/list-offsets.ts'
import { metadata } from './messages/metadata.ts'
import { offsetCommit } from './messages/offset-commit.ts'
import { offsetFetch } from './messages/offset-fetch.ts'
import { Reader } from './reader.ts'
import type { Fields } from './schema.ts'
import { WireError } from './wire-error.ts'

const unhex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const apiNamed = (name: string): Api => APIS.find((each) => each.name === name)!
const captured = (name: string, version: number): Uint8Array =>
  unhex(CAPTURED.find((each) => each.api === name && each.version === version)!.hex)

describe('answers of a real Kafka', () => {
  it('are there for every message that is written down', () => {
    expect(new Set(CAPTURED.map((each) => each.api))).toEqual(new Set(APIS.map((each) => each.name)))
  })

  it.each(CAPTURED.map((each) => [`${each.api} v${each.version}`, each] as const))(
    '%s decodes, and encoding what was decoded gives the same bytes',
    (_, { api, version, hex: text }) => {
      const decoded = decodeResponse(apiNamed(api), version, unhex(text))
      const frame = encodeResponse(apiNamed(api), { version, correlation: 7 }, decoded)
      expect(hex(frame.subarray(8))).toBe(text)
    },
  )

  it.each(CAPTURED.map((each) => [`${each.api} v${each.version}`, each] as const))(
    '%s cut short anywhere is an error, never a value',
    (_, { api, version, hex: text }) => {
      const whole = unhex(text)
      for (let length = 0; length < whole.byteLength; length += 1) {
        expect(() => decodeResponse(apiNamed(api), version, whole.subarray(0, length))).toThrow(WireError)
      }
    },
  )

  it.each(CAPTURED.map((each) => [`${each.api} v${each.version}`, each] as const))(
    '%s with any one byte overwritten ends in a value or a WireError, and quickly',
    (_, { api, version, hex: text }) => {
      const whole = unhex(text)
      for (let at = 0; at < whole.byteLength; at += 1) {
        for (const value of [0x00, 0x7f, 0xff]) {
          const broken = whole.slice()
          broken[at] = value
          try {
            decodeResponse(apiNamed(api), version, broken)
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(WireError)
          }
        }
      }
    },
  )

  it('with bytes left over are refused: the version was not what we thought', () => {
    const longer = new Uint8Array([...captured('ListGroups', 5), 0])
    expect(() => decodeResponse(listGroups, 5, longer)).toThrow('ListGroups v5 response: 1 bytes left over')
  })

  it('say what they said', () => {
    const groups = decodeResponse(listGroups, 5, captured('ListGroups', 5)).groups
    expect(groups).toContainEqual({
      groupId: 'billing',
      protocolType: 'consumer',
      groupState: 'Stable',
      groupType: 'classic',
    })
    const ends = decodeResponse(listOffsets, 7, captured('ListOffsets', 7)).topics[0]
    expect(ends?.partitions[0]?.offset).toBeGreaterThanOrEqual(10)
    const simple = decodeResponse(offsetFetch, 9, captured('OffsetFetch', 9)).groups.find((g) => g.groupId === 'simple')
    const offsets = simple?.topics[0]?.partitions.map((p) => [p.partitionIndex, p.committedOffset])
    expect(offsets).toEqual(expect.arrayContaining([[0, 3], [1, -1]])) // biome-ignore format: pairs
    expect(decodeResponse(metadata, 10, captured('Metadata', 10)).topics[0]).toMatchObject({
      name: 'orders',
      isInternal: false,
      partitions: [
        { leaderId: 1, replicaNodes: [1], isrNodes: [1] },
        { leaderId: 1, replicaNodes: [1], isrNodes: [1] },
      ],
    })
    expect(decodeResponse(describeGroups, 6, captured('DescribeGroups', 6)).groups[0]?.members[0]?.clientId).toBe('app')
  })
})

describe('requests', () => {
  it.each([
    ['listGroups', listGroups, { statesFilter: ['Empty'], typesFilter: [] }],
    [
      'offsetFetch',
      offsetFetch,
      { groups: [{ groupId: 'a', memberId: null, memberEpoch: -1, topics: null }], requireStable: false },
    ],
    ['metadata', metadata, { topics: null, allowAutoTopicCreation: false }],
    ['describeGroups', describeGroups, { groups: ['ä', '日本'], includeAuthorizedOperations: true }],
    [
      'offsetCommit',
      offsetCommit,
      { groupId: 'g', topics: [{ name: 't', partitions: [{ partitionIndex: 1, committedOffset: 2 ** 53 - 1 }] }] },
    ],
  ] as readonly (readonly [string, Api, Record<string, unknown>])[])(
    'of %s survive the way there and back in their newest version',
    (_, of, body) => {
      const version = of.maxVersion
      const frame = encodeRequest(
        of,
        { version, correlation: 42, client: 'sluice' },
        body as Record<keyof Fields, never>,
      )
      expect(new DataView(frame.buffer, frame.byteOffset).getInt32(0)).toBe(frame.byteLength - 4)
      const reader = new Reader(frame.subarray(4))
      expect(decodeRequestHeader(reader)).toEqual({ key: of.key, version, correlation: 42, client: 'sluice' })
      expect(decodeRequest(of, version, reader)).toMatchObject(body)
    },
  )

  it('of a version that is not written down are refused', () => {
    expect(() => encodeRequest(listGroups, { version: 6, correlation: 0, client: null }, {})).toThrow(
      'ListGroups v6: known are 0–5',
    )
  })

  it('with an offset that is no exact integer are refused, naming the field', () => {
    const body = { topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: 1.5 }] }] }
    expect(() => encodeRequest(listOffsets, { version: 7, correlation: 0, client: null }, body)).toThrow(
      'not an exact integer: 1.5',
    )
  })
})

describe('hostile lengths', () => {
  it('an array that announces 2^31 − 1 groups is refused before anything is allocated', () => {
    expect(() => decodeResponse(listGroups, 0, unhex('00007fffffff'))).toThrow(
      'ListGroups v0 response.groups: 2147483647 elements, 0 bytes left',
    )
  })

  it('a compact array that announces 2^32 − 2 groups is refused before anything is allocated', () => {
    expect(() => decodeResponse(listGroups, 5, unhex('00000000000000ffffffff0f'))).toThrow('4294967294 elements')
  })

  it('a varint longer than five bytes, a negative length and a text longer than the message are refused', () => {
    expect(() => decodeResponse(listGroups, 5, unhex('00000000000000ffffffffff01'))).toThrow(
      'varint longer than 5 bytes',
    )
    expect(() => decodeResponse(listGroups, 0, unhex('0000fffffffe'))).toThrow('negative length -2')
    expect(() => decodeResponse(listGroups, 0, unhex('0000000000017fff0000'))).toThrow('groups.0.groupId: truncated')
  })

  it('an integer that a number cannot hold is an error that names the field, except for a committed offset', () => {
    const beyond = '7fffffffffffffff'
    const ends = unhex(
      `00000001000174000000010000000000000000000000000000${beyond}`.replace('000000010001', '000000010001'),
    )
    const answer = decodeResponse(listOffsets, 1, ends.byteLength > 0 ? ends : ends)
    expect(answer.topics[0]?.partitions[0]?.offset).toBeNull()
    const time = unhex(`0000000100017400000001000000000000${beyond}0000000000000000`)
    expect(() => decodeResponse(listOffsets, 1, time)).toThrow('topics.0.partitions.0.timestamp: 64-bit integer beyond')
  })
})
