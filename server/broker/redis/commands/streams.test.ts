import { describe, expect, it } from 'vitest'
import { request } from '../../../../test/support/raw-resp.ts'
import { startEngine, type TestEngine } from '../../../../test/support/redis-engine.ts'
import { sortCommands, streamCommands } from '../../../../test/support/redis-stream-commands.ts'
import { seeded } from '../../../domain/seeded.ts'
import { ByteWriter } from '../bytes.ts'
import type { Effect, Journal } from '../journal-port.ts'
import { writeValue } from '../value-codec.ts'

function recording(): { readonly engine: TestEngine; readonly frames: (readonly Effect[])[] } {
  const engine = startEngine()
  const frames: (readonly Effect[])[] = []
  const journal: Journal = {
    append: (frame) => frames.push(frame),
    flushed: () => null,
    refusal: null,
    beforeChange() {},
    compact: () => null,
    figures: {
      ...{
        lastSaveAtMs: 0,
        lastSaveOk: true,
        isSaving: false,
        changesSinceSave: 0,
        journalBytes: 0,
        lastWriteOk: true,
      },
    },
    close: async () => {},
  }
  engine.engine.journal = journal
  return { engine, frames }
}

/** Every key as bytes: ids, groups, who has what since when. */
function contentOf({ engine }: TestEngine): readonly string[] {
  const db = engine.dbs[0]!
  const keys = [...db.keys()].map((key) => {
    const writer = new ByteWriter(64)
    writeValue(writer, db.peek(key)!.value)
    return `${key} ${writer.written.toString('latin1')}`
  })
  return keys.sort()
}

describe('what the journal keeps of streams', () => {
  it.each([
    ['streams', streamCommands],
    ['SORT', sortCommands],
  ])('of %s makes the very same keys again', async (_, commands) => {
    for (let seed = 1; seed <= 25; seed++) {
      const { engine, frames } = recording()
      const client = engine.connect()
      const generator = commands(seeded(seed))
      const requests = Array.from({ length: 150 }, () => generator.next()).filter(
        (words) => !words.some((word) => word.toUpperCase() === 'BLOCK'),
      )
      await client.say(requests.map((words) => request(...words)).join(''))
      const again = startEngine()
      for (const frame of frames) again.engine.replay(frame)
      expect(contentOf(again), `seed ${seed}`).toEqual(contentOf(engine))
    }
  })

  it('names no * and no approximate trim, and tells when entries were delivered', async () => {
    const { engine, frames } = recording()
    const client = engine.connect()
    await client.ask('XADD', 's', '*', 'f', 'v')
    engine.clock.advance(1000)
    for (let count = 0; count < 150; count++) await client.ask('XADD', 's', 'MAXLEN', '~', '10', '*', 'f', 'v')
    await client.ask('XTRIM', 's', 'MAXLEN', '~', '1')
    await client.ask('XGROUP', 'CREATE', 's', 'g', '0')
    await client.ask('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '2', 'STREAMS', 's', '>')
    const kept = frames.flat().map(({ args }) => args.join(' '))
    expect(kept.filter((line) => /[*~]/.test(line))).toEqual([])
    expect(kept.filter((line) => line.includes('MAXLEN'))).toEqual([
      expect.stringMatching(/^XADD s MAXLEN = 10 \d+-108 f v$/),
    ])
    expect(kept.slice(-3)).toEqual([
      'XGROUP CREATECONSUMER s g c',
      expect.stringMatching(/^XCLAIM s g c 0 \d+-\d+ \d+-\d+ TIME \d+ RETRYCOUNT 1 FORCE JUSTID LASTID \d+-\d+$/),
      expect.stringMatching(/^XGROUP SETID s g \d+-\d+ ENTRIESREAD \d+$/),
    ])
  })
})
