import { readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { CliFailure, EXIT } from './exit.ts'
import { serverOf } from './http.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * Where a server of this machine leaves its token for the same person's terminal: one file for each address, readable by
 * its owner only, gone when the server ends.
 */
export function tokenFile(server: URL, env: Env): string {
  const state =
    env.SLUICE_STATE_DIR || join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'sluice')
  const port = server.port || (server.protocol === 'https:' ? '443' : '80')
  return join(state, 'servers', `${server.hostname.replace(/^\[|\]$/g, '').replaceAll(/[^\w.-]/g, '-')}_${port}.json`)
}

/**
 * The value of the Authorization header for this server, or null when there is none: then the server says what it does
 * not show to strangers. SLUICE_TOKEN comes first; a token from a file goes to the very address that the file names.
 * @throws CliFailure 4 when others could read the file
 */
export function signIn(server: URL, env: Env): string | null {
  if (env.SLUICE_TOKEN) return bearer(env.SLUICE_TOKEN, 'SLUICE_TOKEN')
  const found = fileOf(server, env)
  return found && bearer(found.token, tokenFile(server, env))
}

/**
 * The address that signs one browser in, once; null where no server of this person answers there.
 * @throws CliFailure 4 when others could read the file
 */
export function browserSignIn(server: URL, env: Env): string | null {
  const url = fileOf(server, env)?.signInUrl ?? null
  return url !== null && URL.canParse(url) && new URL(url).origin === server.origin ? url : null
}

interface ServerFile {
  readonly url: string
  readonly token: string
  readonly signInUrl: string | null
}

/** The file for this server, if it names this very address. */
function fileOf(server: URL, env: Env): ServerFile | null {
  const file = tokenFile(server, env)
  const mode = modeOf(file)
  if (mode === null) return null
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new CliFailure(
      EXIT.forbidden,
      `${file} can be read by others (mode ${(mode & 0o777).toString(8)}), so its token is not used: start the server anew, or chmod 600 it`,
    )
  }
  const found = readToken(file)
  return URL.canParse(found.url) && new URL(found.url).origin === server.origin ? found : null
}

/** What to do about a 401: where a token was looked for, and the addresses for which there are some. */
export function signInRemedy(server: URL, env: Env): string {
  const file = tokenFile(server, env)
  const known = knownServers(join(file, '..')).filter((url) => url !== server.origin)
  const others = known.length > 0 ? `; there are tokens for ${known.join(', ')}, which --server names` : ''
  return `no token for ${serverOf(server)} in ${file}: run it as the person who started the server, or set SLUICE_TOKEN${others}`
}

const KNOWN_MAX = 8

function knownServers(folder: string): string[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  const files = names.filter((name) => name.endsWith('.json')).slice(0, KNOWN_MAX)
  return files.flatMap((name) => {
    try {
      return new URL(readToken(join(folder, name)).url).origin
    } catch {
      // Somebody else's file: it is only a hint.
      return []
    }
  })
}

function modeOf(file: string): number | null {
  try {
    return statSync(file).mode
  } catch {
    return null
  }
}

function readToken(file: string): ServerFile {
  let parsed: unknown
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    parsed = null
  }
  if (typeof parsed === 'object' && parsed !== null && 'url' in parsed && 'token' in parsed) {
    if (typeof parsed.url === 'string' && typeof parsed.token === 'string') {
      const signInUrl = 'signInUrl' in parsed && typeof parsed.signInUrl === 'string' ? parsed.signInUrl : null
      return { url: parsed.url, token: parsed.token, signInUrl }
    }
  }
  throw new CliFailure(EXIT.forbidden, `${file} is not a token file of Sluice: start the server anew`)
}

/** Header fields are visible ASCII: anything else would be a header of somebody's own. */
function bearer(token: string, from: string): string {
  if (!/^[\x21-\x7e]{1,512}$/.test(token)) throw new CliFailure(EXIT.forbidden, `the token of ${from} is not one`)
  return `Bearer ${token}`
}
