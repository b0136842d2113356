import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Connection from 'kafkajs/src/network/connection.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findProgram } from '../../../test/brokers/process.ts'
import { startFakeKafka } from '../../../test/support/fake-kafka.ts'
import { listGroups } from '../../wire/kafka/messages/list-groups.ts'
import type { TlsSettings } from '../settings.ts'
import { connectToBroker } from './connection.ts'

const nothing = () => {}
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }

const connect = (to: { host: string; port: number }, tls: TlsSettings | null = null) => {
  const meter = { commands: 0, bytesSent: 0, bytesRead: 0 }
  const settings = { kind: 'kafka', brokers: [to], tls, sasl: null } as const
  return connectToBroker({ to, settings, log, meter, signal: AbortSignal.timeout(5_000) }).then((connection) => {
    onTestFinished(() => connection.close())
    return { connection, meter }
  })
}

/** A key and a certificate for `kafka.test`, signed by itself; null without openssl. */
async function selfSigned(): Promise<{ readonly key: string; readonly cert: string } | null> {
  const openssl = await findProgram('openssl')
  if (!openssl) return null
  const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  // biome-ignore format: an argument list reads best in pairs
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=kafka.test', '-addext', 'subjectAltName=DNS:kafka.test', '-keyout', key, '-out', cert]
  try {
    execFileSync(openssl, args, { stdio: 'ignore' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the inside of kafkajs that we use', () => {
  it('is that of 2.2.4: look at connection.ts before changing this number', () => {
    expect(createRequire(import.meta.url)('kafkajs/package.json')).toMatchObject({ version: '2.2.4' })
    for (const method of [
      'connect',
      'authenticate',
      'isAuthenticated',
      'processData',
      'setVersions',
      'setSupportAuthenticationProtocol',
    ]) {
      expect(Object.getOwnPropertyNames(Connection.prototype)).toContain(method)
    }
  })
})

describe('a connection', () => {
  it('counts every request and byte, and answers many requests in their order', async () => {
    const fake = await startFakeKafka(({ body }) => ({ groups: [{ groupId: body.statesFilter[0], protocolType: '' }] }))
    onTestFinished(() => fake.stop())
    const { connection, meter } = await connect(fake)
    const before = { ...meter }
    const names = ['a', 'b', 'c', 'd']
    const answers = await Promise.all(names.map((name) => connection.ask(listGroups, { statesFilter: [name] })))
    expect(answers.map(({ groups }) => groups[0]?.groupId)).toEqual(names)
    expect(meter.commands - before.commands).toBe(4)
    expect(before.commands).toBe(1)
    expect(meter.bytesSent).toBeGreaterThan(before.bytesSent)
    expect(meter.bytesRead).toBeGreaterThan(before.bytesRead)
  })

  it('refuses an answer that nobody asked for, and lets go', async () => {
    const fake = await startFakeKafka(() => 'close')
    onTestFinished(() => fake.stop())
    const { connection } = await connect(fake)
    await expect(connection.ask(listGroups, {})).rejects.toMatchObject({ code: 'unreachable' })
    expect(connection.isUsable()).toBe(false)
    await expect(connection.ask(listGroups, {})).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('knows what the broker does not: a request without a common version is not sent', async () => {
    const fake = await startFakeKafka(() => 'close', { versions: { ListGroups: null } })
    onTestFinished(() => fake.stop())
    const { connection } = await connect(fake)
    await expect(connection.ask(listGroups, {})).rejects.toMatchObject({ code: 'unsupported' })
    expect(connection.isUsable()).toBe(true)
  })

  it('over TLS trusts the authority given and no other, and the name given', async ({ skip }) => {
    const pair = await selfSigned()
    if (!pair) return skip('openssl is not on this machine')
    const fake = await startFakeKafka(() => ({ groups: [] }), { tls: pair })
    onTestFinished(() => fake.stop())
    const { connection } = await connect(fake, { ca: pair.cert, serverName: 'kafka.test' })
    await expect(connection.ask(listGroups, {})).resolves.toMatchObject({ groups: [] })
    await expect(connect(fake, { ca: null, serverName: 'kafka.test' })).rejects.toMatchObject({ code: 'refused' })
    await expect(connect(fake, { ca: pair.cert, serverName: 'other.test' })).rejects.toMatchObject({ code: 'refused' })
    await expect(connect(fake, null)).rejects.toMatchObject({ name: 'OpsError' })
  })
})
