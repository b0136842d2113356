/** What is out of date in this folder: the installed packages, the build. Node alone, so that it runs on a fresh clone. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Everything the build reads. */
const SOURCES = ['cli', 'server', 'web', 'package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts']
const NOT_BUILT = /\.test\.tsx?$|\.md$/

/** The file in `dist/` that says what it was built from. */
export const BUILT_FROM = 'built-from'

/** A digest of all the sources, names and contents: unlike a time it notices a deleted file and an older commit. */
export function sourcesDigest(root) {
  const digest = createHash('sha256')
  for (const file of SOURCES.flatMap((name) => filesUnder(root, name))) {
    digest.update(`${file}\0`)
    digest.update(readFileSync(join(root, file)))
  }
  return digest.digest('hex')
}

export function isBuilt(root) {
  return readText(join(root, 'dist', BUILT_FROM)) === sourcesDigest(root)
}

/**
 * Whether `node_modules/` holds what `package-lock.json` asks for, by the list npm itself leaves there. Packages for
 * other platforms, which npm skips, are left out of the comparison.
 */
export function isInstalled(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'))
  if (wanted === null || installed === null) return false
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  )
}

function packagesOf(lockfile) {
  const text = readText(lockfile)
  if (text === null) return null
  try {
    return JSON.parse(text).packages ?? null
  } catch {
    return null
  }
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/** The files at or under a path, relative to the root, in a fixed order; none when there is nothing. */
function filesUnder(root, path) {
  let entries
  try {
    entries = readdirSync(join(root, path), { withFileTypes: true })
  } catch (error) {
    return error.code === 'ENOTDIR' ? [path] : []
  }
  return entries
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules' && !NOT_BUILT.test(name))
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => filesUnder(root, `${path}/${name}`))
}
