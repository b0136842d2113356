import { describe, expect, it } from 'vitest'
import { request } from '../../../../test/support/raw-resp.ts'
import { startEngine, type TestEngine } from '../../../../test/support/redis-engine.ts'
import { typeFamilies } from '../../../../test/support/redis-families.ts'
import { sequence } from '../../../../test/support/redis-templates.ts'
import { seeded } from '../../../domain/seeded.ts'
import type { Db } from '../db.ts'
import type { Effect, Journal } from '../journal-port.ts'

const KEEPS_NOTHING: Omit<Journal, 'append'> = {
  flushed: () => null,
  refusal: null,
  beforeChange() {},
  compact: () => null,
  figures: {
    ...{ lastSaveAtMs: 0, lastSaveOk: true, isSaving: false, changesSinceSave: 0, journalBytes: 0, lastWriteOk: true },
  },
  close: async () => {},
}

function recording(): { engine: TestEngine; frames: (readonly Effect[])[] } {
  const engine = startEngine()
  const frames: (readonly Effect[])[] = []
  engine.engine.journal = { ...KEEPS_NOTHING, append: (frame) => frames.push(frame) }
  return { engine, frames }
}

function contentOf(db: Db): unknown {
  const keys = [...db.keys()].map((key) => {
    const { value, expiresAtMs } = db.peek(key)!
    const content =
      typeof value === 'string'
        ? value
        : 'entries' in value
          ? [...value.entries()]
          : 'members' in value
            ? [...value.members()].sort()
            : 'values' in value
              ? [...value.values()]
              : value
    return [key, content, expiresAtMs]
  })
  return keys.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
}

describe('what the journal keeps', () => {
  const families = typeFamilies.map((family) => ({
    ...family,
    templates: [...family.templates, ...(family.name === 'sets' ? ['spop K', 'spop K 2', 'spop K 3'] : [])],
  }))
  it.each(families)('of $name makes the same keys again, an hour later', async (family) => {
    for (let seed = 1; seed <= 12; seed++) {
      const { engine, frames } = recording()
      const client = engine.connect()
      const steps = sequence(family, 60, seeded(seed))
      for (let from = 0; from < steps.length; from += 20) {
        await client.say(
          steps
            .slice(from, from + 20)
            .flat()
            .map((words) => request(...words))
            .join(''),
        )
        engine.clock.advance(50_000)
      }
      const again = startEngine()
      again.clock.advance(3_600_000)
      for (const frame of frames) again.engine.replay(frame)
      expect(contentOf(again.engine.dbs[0]!), `seed ${seed}`).toEqual(contentOf(engine.engine.dbs[0]!))
    }
  })

  it('never names a relative time, a member by chance or a command that waits', async () => {
    const { engine, frames } = recording()
    const client = engine.connect()
    const other = engine.connect()
    const commands = [
      'set k v ex 10; setex k 10 v; psetex k 10000 v; getex k ex 20; getex k persist; set f 1; incrbyfloat f 0.1',
      'hincrbyfloat h f 0.1; sadd s a b c; spop s; spop s 5; rpush l 1 2 3 4; blpop l 0; brpop l 0; blmove l m left right 0',
      'brpoplpush m l 0; blmpop 0 1 l left count 5; zadd z 1 a 2 b 3 c; bzpopmin z 0; bzpopmax z 0; bzmpop 0 1 z min',
    ]
    for (const command of commands.join('; ').split('; ')) await client.ask(...command.split(' '))
    await client.ask('blmove', 'q', 'r', 'left', 'left', '0')
    await other.ask('rpush', 'q', 'x')
    const kept = frames.flat().map(({ args }) => args.join(' ').toLowerCase())
    expect(kept.filter((line) => /^(b|spop|incrbyfloat|hincrbyfloat|getex|setex|psetex)/.test(line))).toEqual([])
    expect(kept.filter((line) => / (ex|px) /.test(line))).toEqual([])
    expect(kept.at(-1)).toBe('lmove q r left left')
    expect(kept.slice(0, 2)).toEqual([
      expect.stringMatching(/^set k v pxat \d+$/),
      expect.stringMatching(/^set k v pxat \d+$/),
    ])
  })
})
