import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from './commands/all.ts'
import { Registry } from './registry.ts'

const text = readFileSync(join(import.meta.dirname, 'OMITTED.md'), 'utf8')
const namesIn = (title: string) => {
  const section = text.split(/^## /m).find((part) => part.startsWith(title)) ?? ''
  return [...section.matchAll(/`([a-z_-]+(?:\|[a-z-]+)?)`/g)].map(([, name]) => name as string)
}
const omitted = namesIn('Commands\n')
const added = namesIn('Commands of later versions')
const real = readFileSync(join(import.meta.dirname, '../../../test/conformance/data/redis-7.0.15-commands.txt'), 'utf8')
  .trim()
  .split('\n')
const registered = new Registry(commands).all.map(({ name }) => name)

test('every command of Redis 7.0.15 is registered or named as left out, with a reason', () => {
  const here = new Set([...registered, ...omitted])
  expect(real.filter((name) => !here.has(name))).toEqual([])
})

test('nothing is both registered and left out, and nothing is left out that Redis does not have', () => {
  expect(omitted.filter((name) => registered.includes(name) || !real.includes(name))).toEqual([])
  expect(omitted).toEqual([...new Set(omitted)])
})

test('what is registered is a command of Redis 7.0.15, or named as of a later version', () => {
  expect(registered.filter((name) => !real.includes(name)).toSorted()).toEqual(added.toSorted())
})

test('no command is registered twice', () => {
  expect(registered).toEqual([...new Set(registered)])
})
