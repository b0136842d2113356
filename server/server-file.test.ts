import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeServerFile, serverFilePath, writeServerFile } from './server-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-server-file-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = { url: 'http://127.0.0.1:7380', token: 't', pid: 7, signInUrl: 'http://127.0.0.1:7380/#token=o' }

test('the token is for its user only, in a folder of theirs, and goes with the server', () => {
  const path = serverFilePath(folder, { host: '127.0.0.1', port: 7380 })
  expect(path).toBe(join(folder, 'servers', '127.0.0.1_7380.json'))
  writeServerFile(path, file)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(file)
  expect([statSync(path).mode & 0o777, statSync(join(folder, 'servers')).mode & 0o777]).toEqual([0o600, 0o700])
  removeServerFile(path, file)
  expect(existsSync(path)).toBe(false)
})

test('a server that ends leaves the file of the one that took its place', () => {
  const path = serverFilePath(folder, { host: '::1', port: 1 })
  expect(path).toMatch(/--1_1\.json$/)
  writeServerFile(path, file)
  for (const other of ['of another', JSON.stringify({ ...file, token: 'of another' })]) {
    writeFileSync(path, other)
    removeServerFile(path, file)
    expect(readFileSync(path, 'utf8')).toBe(other)
  }
  expect(() => removeServerFile(join(folder, 'nowhere'), file)).not.toThrow()
})
