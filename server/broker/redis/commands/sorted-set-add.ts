import { floatOf, SYNTAX } from '../arguments.ts'
import type { Call } from '../command.ts'
import { DoubleReply, ErrorReply, type Reply } from '../reply.ts'
import { sortedSetAt } from '../typed.ts'
import { SortedSetValue } from '../values/sorted-set.ts'

interface AddOptions {
  isNx: boolean
  isXx: boolean
  isGt: boolean
  isLt: boolean
  isCh: boolean
  isIncr: boolean
  /** Where the scores and members begin. */
  start: number
}

function parseOptions(args: readonly string[]): AddOptions {
  const options: AddOptions = {
    isNx: false,
    isXx: false,
    isGt: false,
    isLt: false,
    isCh: false,
    isIncr: false,
    start: 2,
  }
  for (; options.start < args.length; options.start++) {
    const text = args[options.start] as string
    const first = text.charCodeAt(0)
    // Words begin with a letter; scores, but for inf and nan, do not.
    if (first < 65 || text.length > 4) break
    const word = text.toUpperCase()
    if (word === 'NX') options.isNx = true
    else if (word === 'XX') options.isXx = true
    else if (word === 'GT') options.isGt = true
    else if (word === 'LT') options.isLt = true
    else if (word === 'CH') options.isCh = true
    else if (word === 'INCR') options.isIncr = true
    else break
  }
  return options
}

function checkOptions({ isNx, isXx, isGt, isLt, isIncr, start }: AddOptions, length: number): void {
  const rest = length - start
  if (rest === 0 || rest % 2 === 1) throw new ErrorReply(SYNTAX)
  if (isNx && isXx) throw new ErrorReply('ERR XX and NX options at the same time are not compatible')
  if ((isGt && isNx) || (isLt && isNx) || (isGt && isLt)) {
    throw new ErrorReply('ERR GT, LT, and/or NX options at the same time are not compatible')
  }
  if (isIncr && rest > 2) throw new ErrorReply('ERR INCR option supports a single increment-element pair')
}

export function zadd(call: Call, args: readonly string[]): Reply {
  const options = parseOptions(args)
  checkOptions(options, args.length)
  const scores: number[] = []
  for (let i = options.start; i < args.length; i += 2) scores.push(floatOf(args[i] as string))
  if (options.isIncr) return increment(call, args, options, scores[0] as number)
  const { db } = call
  const key = args[1] as string
  const found = sortedSetAt(db, key)
  if (found === undefined && options.isXx) return 0
  const zset = found ?? new SortedSetValue()
  let added = 0
  let updated = 0
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number
    const member = args[options.start + 2 * i + 1] as string
    const before = zset.score(member)
    if (!isWanted(options, before, score)) continue
    if (before === score) continue
    if (added + updated === 0 && found !== undefined) db.changing(key)
    zset.set(member, score)
    if (before === undefined) added++
    else updated++
  }
  if (added + updated > 0) {
    if (found === undefined) db.set(key, zset)
    else db.changed(key)
  }
  return options.isCh ? added + updated : added
}

/** Whether the member may get this score. @param before undefined: it is new */
function isWanted({ isNx, isXx, isGt, isLt }: AddOptions, before: number | undefined, score: number): boolean {
  if (before === undefined) return !isXx
  return !(isNx || (isGt && score <= before) || (isLt && score >= before))
}

export function zincrby(call: Call, args: readonly string[]): Reply {
  const delta = floatOf(args[2] as string)
  return increment(call, args, PLAIN, delta)
}

const PLAIN: AddOptions = { isNx: false, isXx: false, isGt: false, isLt: false, isCh: false, isIncr: true, start: 2 }

/** The new score, or nil when an option forbids it. */
function increment({ db }: Call, args: readonly string[], options: AddOptions, delta: number): Reply {
  const key = args[1] as string
  const member = args[options.start + 1] as string
  const found = sortedSetAt(db, key)
  if (found === undefined && options.isXx) return null
  const before = found?.score(member)
  if (options.isNx && before !== undefined) return null
  const score = before === undefined ? delta : before + delta
  if (Number.isNaN(score)) throw new ErrorReply('ERR resulting score is not a number (NaN)')
  if (!isWanted(options, before, score)) return null
  if (found === undefined) {
    db.set(key, new SortedSetValue([[member, score]]))
  } else if (before !== score) {
    db.changing(key)
    found.set(member, score)
    db.changed(key)
  }
  return new DoubleReply(score)
}
