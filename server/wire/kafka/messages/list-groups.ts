import { api } from '../message.ts'
import { array, int16, int32, listOf, string } from '../schema.ts'

/** A broker lists only the groups that it coordinates: ask every one. */
export const listGroups = api({
  key: 16,
  name: 'ListGroups',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 3,
  request: { statesFilter: listOf('string', { from: 4 }), typesFilter: listOf('string', { from: 5 }) },
  response: {
    throttleTimeMs: int32({ from: 1 }),
    errorCode: int16(),
    groups: array({
      groupId: string(),
      /** `consumer`; `` for a group that only holds offsets; other words are not readers of topics (`connect` …). */
      protocolType: string(),
      groupState: string({ from: 4 }),
      /** `classic`, `consumer`, `share`, `streams`; `` where the broker does not tell. */
      groupType: string({ from: 5 }),
    }),
  },
})
