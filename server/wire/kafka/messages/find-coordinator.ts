import { api } from '../message.ts'
import { array, int8, int16, int32, listOf, nullableString, string } from '../schema.ts'

export const findCoordinator = api({
  key: 10,
  name: 'FindCoordinator',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 3,
  request: {
    key: string({ to: 3 }),
    /** 0 group, 1 transaction. */
    keyType: int8({ from: 1 }),
    coordinatorKeys: listOf('string', { from: 4 }),
  },
  response: {
    throttleTimeMs: int32({ from: 1 }),
    errorCode: int16({ to: 3 }),
    errorMessage: nullableString({ from: 1, to: 3 }),
    nodeId: int32({ to: 3 }),
    host: string({ to: 3 }),
    port: int32({ to: 3 }),
    coordinators: array(
      {
        key: string(),
        nodeId: int32(),
        host: string(),
        port: int32(),
        errorCode: int16(),
        errorMessage: nullableString(),
      },
      { from: 4 },
    ),
  },
})
