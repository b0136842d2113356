/** The same commands to two servers, and what they answer differently. */
import { openRaw, parseReply, type RawRedis, type Tree } from './raw-resp.ts'

export type Request = readonly string[]
/** Requests that make no sense without each other: MULTI and its EXEC. */
export type Step = readonly Request[]

/** Why an answer may differ: members in any order; members by chance, so only their number and kind count. */
export type Tolerance = 'sorted' | 'pairs' | 'shape'

export interface Twins {
  readonly model: RawRedis
  readonly ours: RawRedis
  close(): void
}

export async function openTwins(modelPort: number, ourPort: number, protocol: 2 | 3): Promise<Twins> {
  const [model, ours] = await Promise.all([openRaw(modelPort), openRaw(ourPort)])
  const hello = [['HELLO', String(protocol)]]
  await Promise.all([model.ask(hello), ours.ask(hello)])
  return {
    model,
    ours,
    close() {
      model.close()
      ours.close()
    },
  }
}

export interface Difference {
  readonly request: Request
  readonly model: string
  readonly ours: string
}

/** From empty servers: the requests, then every key's content. Null: all answers agree. */
export async function compare(
  twins: Twins,
  steps: readonly Step[],
  keys: readonly string[],
): Promise<Difference | null> {
  const first = await differenceIn(twins, [['FLUSHALL'], ...steps.flat()])
  return (
    first ??
    (await differenceIn(
      twins,
      keys.flatMap((key) => [
        ['TYPE', key],
        ['OBJECT', 'ENCODING', key],
      ]),
    )) ??
    contentDifference(twins, keys)
  )
}

async function differenceIn({ model, ours }: Twins, requests: readonly Request[]): Promise<Difference | null> {
  const [theirs, mine] = await Promise.all([model.ask(requests), ours.ask(requests)])
  for (const [i, request] of requests.entries()) {
    if (theirs[i] === mine[i]) continue
    const tolerance = toleranceOf(request)
    const expected = leveled(theirs[i]!, tolerance)
    const got = leveled(mine[i]!, tolerance)
    if (expected !== got) return { request, model: theirs[i]!, ours: mine[i]! }
  }
  return null
}

const READS: Readonly<Record<string, (key: string) => Request>> = {
  string: (key) => ['GET', key],
  hash: (key) => ['HGETALL', key],
  list: (key) => ['LRANGE', key, '0', '-1'],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
}

async function contentDifference(twins: Twins, keys: readonly string[]): Promise<Difference | null> {
  const types = await twins.model.ask(keys.map((key) => ['TYPE', key]))
  const found: Request[] = []
  for (const [i, key] of keys.entries()) {
    const read = READS[types[i]!.slice(1, -2)]
    if (read !== undefined) found.push(read(key))
  }
  return (await differenceIn(twins, found)) ?? expiryDifference(twins, keys)
}

/** Times to live may differ by what lies between the two requests. */
async function expiryDifference({ model, ours }: Twins, keys: readonly string[]): Promise<Difference | null> {
  const requests = keys.map((key) => ['PTTL', key])
  const [theirs, mine] = await Promise.all([model.ask(requests), ours.ask(requests)])
  for (const [i, request] of requests.entries()) {
    const apart = Math.abs(Number(theirs[i]!.slice(1)) - Number(mine[i]!.slice(1)))
    if (apart > 2_000) return { request, model: theirs[i]!, ours: mine[i]! }
  }
  return null
}

const SORTED = ['SMEMBERS', 'SINTER', 'SUNION', 'SDIFF', 'HKEYS', 'HVALS', 'SSCAN']
const PAIRS = ['HGETALL', 'HSCAN', 'ZSCAN']
const BY_CHANCE = ['SPOP', 'SRANDMEMBER', 'HRANDFIELD', 'ZRANDMEMBER']

function toleranceOf(request: Request): Tolerance | null {
  const name = request[0]!.toUpperCase()
  if (BY_CHANCE.includes(name)) return 'shape'
  if (PAIRS.includes(name)) return 'pairs'
  return SORTED.includes(name) ? 'sorted' : null
}

function leveled(reply: string, tolerance: Tolerance | null): string {
  if (tolerance === null) return reply
  const tree = parseReply(reply)
  return JSON.stringify(tolerance === 'shape' ? shape(tree) : sorted(tree, tolerance === 'pairs' ? 2 : 1))
}

/** Errors in full; of the rest kinds and numbers. */
function shape([kind, value]: Tree): Tree {
  if (typeof value !== 'string') return [kind, value.map(shape)]
  return kind === '-' || kind === ':' || kind === 'nil' ? [kind, value] : [kind, '']
}

/** The cursor of a scan stays where it is. */
function sorted([kind, value]: Tree, width: 1 | 2): Tree {
  if (typeof value === 'string') return [kind, value]
  const [first, second] = value
  if (value.length === 2 && typeof second?.[1] !== 'string' && second !== undefined)
    return [kind, [first!, sorted(second, width)]]
  const groups: Tree[][] = []
  for (let i = 0; i < value.length; i += width) groups.push(value.slice(i, i + width))
  return [
    kind,
    groups
      .map((group) => JSON.stringify(group))
      .sort()
      .map((group) => ['', group] as const),
  ]
}

/** The fewest of the steps that are still answered differently, by leaving out one run after another. */
export async function shrink<T>(
  steps: readonly T[],
  isDifferent: (fewer: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let left = [...steps]
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < left.length; ) {
      const fewer = [...left.slice(0, start), ...left.slice(start + size)]
      if (await isDifferent(fewer)) left = fewer
      else start += size
    }
  }
  return left
}
