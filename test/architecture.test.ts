import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Folder → what its files may import: other folders of the project, packages, `node:` modules. Longest match wins. */
const RULES: Readonly<Record<string, { folders: readonly string[]; packages?: readonly string[]; node?: boolean }>> = {
  'server/domain': { folders: [] },
  'server/rules': { folders: ['server/domain'] },
  'server/wire': { folders: [] },
  'server/source': {
    folders: ['server/domain', 'server/wire', 'server/runtime/layout'],
    packages: ['ioredis', 'amqplib', 'kafkajs'],
    node: true,
  },
  'server/runtime': {
    folders: ['server/domain', 'server/runtime/layout'],
    packages: ['ioredis', 'croner', 'csv-parse'],
    node: true,
  },
  'server/runtime/layout': { folders: ['server/domain'] },
  'server/broker': {
    folders: ['server/domain', 'server/wire', 'server/broker/redis/lua'],
    node: true,
  },
  'server/broker/redis/lua': { folders: ['server/broker', 'server/domain'], packages: ['luaparse'], node: true },
  'server/board': { folders: ['server/domain', 'server/rules', 'server/api'], node: true },
  'server/api': { folders: ['server/domain'], packages: ['zod', '@asteasolutions/zod-to-openapi'] },
  'server/http': {
    folders: ['server/domain', 'server/rules', 'server/api', 'server/board'],
    packages: ['express', 'helmet', '@asteasolutions/zod-to-openapi'],
    node: true,
  },
  server: {
    folders: ['server/domain', 'server/board', 'server/http', 'server/source', 'server/api'],
    packages: ['yaml', 'zod', 'pino'],
    node: true,
  },
  web: {
    folders: ['server/api', 'server/domain'],
    packages: [
      'react',
      'react-dom',
      '@tanstack/react-query',
      '@tanstack/react-router',
      '@tanstack/react-virtual',
      'uplot',
    ],
  },
  'cli/screen': {
    folders: ['cli', 'server/api', 'server/domain'],
    packages: ['ink', 'react', 'string-width'],
    node: true,
  },
  'cli/demo': {
    folders: ['cli', 'server', 'server/runtime', 'server/broker', 'server/domain'],
    packages: ['bullmq'],
    node: true,
  },
  cli: {
    folders: ['cli/screen', 'cli/demo', 'server', 'server/api', 'server/broker', 'server/domain'],
    packages: ['commander', 'yaml', 'string-width', 'esbuild', 'vite'],
    node: true,
  },
}

/** Type imports vanish when built: the web may name the contract's types, although their file imports zod. */
interface Import {
  readonly file: string
  readonly from: string
  readonly to: string
  readonly isType: boolean
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name) && !/\.test\.tsx?$|\.d\.ts$/.test(entry.name),
    )
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

function folderOf(file: string): string {
  const known = Object.keys(RULES).filter((folder) => file.startsWith(`${folder}/`))
  return known.sort((a, b) => b.length - a.length)[0] ?? dirname(file)
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const found = text.matchAll(
    /^(import|export)\s(type\s)?[^'"]*?from\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  )
  return [...found].map(([, , type, named, bare, dynamic]) => {
    const specifier = named ?? bare ?? dynamic ?? ''
    const to = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier
    return { file, from: folderOf(file), to, isType: type !== undefined }
  })
}

/** The only readers of the machine's clocks: the server's, and those of workers and brokers, which run without the server. */
const CLOCK_FILES: readonly string[] = [
  'server/clock.ts',
  'server/runtime/system-clock.ts',
  'server/broker/system-clock.ts',
]

const imports = ['server', 'web', 'cli'].flatMap(sourceFiles).flatMap(importsOf)
const isOurs = (to: string) => /^(server|web|cli|test)\//.test(to)

test('there are imports to judge', () => {
  expect(imports.length).toBeGreaterThan(100)
})

test('every folder imports only the folders it may', () => {
  const wrong = imports.filter(({ from, to }) => {
    const target = folderOf(to)
    return isOurs(to) && target !== from && !RULES[from]?.folders.includes(target)
  })
  expect(wrong.map(({ file, to }) => `${file} → ${to}`)).toEqual([])
})

test('every folder imports only the packages it may: one package, one folder', () => {
  const wrong = imports.filter(({ from, to }) => {
    if (isOurs(to) || to.startsWith('node:') || /\.css(\?.*)?$/.test(to)) return false
    const name = to
      .split('/')
      .slice(0, to.startsWith('@') ? 2 : 1)
      .join('/')
    return !RULES[from]?.packages?.includes(name)
  })
  expect(wrong.map(({ file, to }) => `${file} → ${to}`)).toEqual([])
})

test('the pure folders and the web import nothing of Node', () => {
  const wrong = imports.filter(({ from, to }) => to.startsWith('node:') && !RULES[from]?.node)
  expect(wrong.map(({ file, to }) => `${file} → ${to}`)).toEqual([])
})

test('the web takes only types of the contract, but for its paths', () => {
  const allowed = /^server\/(domain\/|api\/paths\.ts$)/
  const wrong = imports.filter(
    ({ from, to, isType }) => from === 'web' && to.startsWith('server/') && !isType && !allowed.test(to),
  )
  expect(wrong.map(({ file, to }) => `${file} → ${to}`)).toEqual([])
})

test('a broker sees of the domain only the clock, the log and the seeded generator', () => {
  const allowed = /^server\/domain\/(clock|log|seeded)\.ts$/
  const wrong = imports.filter(
    ({ file, to }) => file.startsWith('server/broker/') && to.startsWith('server/domain/') && !allowed.test(to),
  )
  expect(wrong.map(({ file, to }) => `${file} → ${to}`)).toEqual([])
})

test('nobody outside the tests imports a test, and nobody under server reads the machine clock or chance itself', () => {
  expect(imports.filter(({ to }) => to.startsWith('test/'))).toEqual([])
  const readers = sourceFiles('server').filter((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return !CLOCK_FILES.includes(file) && /\b(Date\.now|Math\.random|performance\.now)\(|new Date\(\)/.test(text)
  })
  expect(readers).toEqual([])
})
