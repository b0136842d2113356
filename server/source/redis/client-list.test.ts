import { describe, expect, it } from 'vitest'
import { bullmqWorkers, workerRow } from './client-list.ts'

const encoded = (name: string) => Buffer.from(name).toString('base64')
const line = (name: string, more = '') =>
  `id=3 addr=10.0.0.7:50123 laddr=10.0.0.1:6379 fd=8 name=${name} age=120 idle=2 flags=b db=0 cmd=bzpopmin user=default${more}`

describe('bullmqWorkers', () => {
  it('knows workers with and without a name, and neither QueueEvents nor others', () => {
    const text = [
      line(`bull:${encoded('emails')}`),
      line(`bull:${encoded('emails')}:w:mailer:2`),
      line(`bull:${encoded('emails')}:qe`),
      line(`other:${encoded('emails')}`),
      line('sluice'),
      line(''),
      '',
    ].join('\n')
    expect(bullmqWorkers(text, ['bull']).map(({ queue, name }) => [queue.base, name])).toEqual([
      ['bull:emails:', null],
      ['bull:emails:', 'mailer:2'],
    ])
  })

  it('reads names in any script, and several prefixes', () => {
    const text = [line(`{app}:${encoded('Rechnungen-März')}`), line(`bull:${encoded('请求')}`)].join('\n')
    expect(bullmqWorkers(text, ['bull', '{app}']).map(({ queue }) => queue.base)).toEqual([
      '{app}:Rechnungen-März:',
      'bull:请求:',
    ])
  })

  it('a name that is not the base64 of a queue is nobody', () => {
    const names = ['bull:', 'bull:%%%', 'bull:emails', `bull:${encoded('a:b')}`, `bull:${'QUFB'.repeat(600)}`]
    expect(bullmqWorkers(names.map((name) => line(name)).join('\n'), ['bull'])).toEqual([])
  })

  it('its row tells the host and the times by the server’s clock', () => {
    const [worker] = bullmqWorkers(line(`bull:${encoded('emails')}:w:mailer`), ['bull'])
    expect(worker && workerRow(worker, 'emails', 1_000_000)).toMatchObject({
      id: 'bullmq:mailer@10.0.0.7:50123',
      host: '10.0.0.7',
      serves: ['emails'],
      startedAtMs: 880_000,
      beatAtMs: 998_000,
      pid: null,
      capacity: null,
    })
  })
})
