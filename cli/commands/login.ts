import type { Session as SessionBody } from '../../server/api/session.ts'
import { CliFailure, EXIT, type ExitCode } from '../exit.ts'
import { inert } from '../format/inert.ts'
import { isBody, printBody } from '../print.ts'
import type { Session } from '../session.ts'
import { browserSignIn, signInRemedy } from '../sign-in.ts'

/** Prints the address that signs a browser in, once; the server then makes another. */
export function login({ io, api, write, note }: Session): ExitCode {
  const url = browserSignIn(api.server, io.env)
  if (url === null) throw new CliFailure(EXIT.forbidden, 'no address to sign in at', [signInRemedy(api.server, io.env)])
  write(`${inert(url)}\n`)
  note('open it in a browser: it signs in one, once')
  return EXIT.done
}

/** As whom this tool acts, and whether it may; 4 when it may not. */
export async function whoami(session: Session): Promise<ExitCode> {
  const body = await session.api.read<SessionBody>('/session')
  if (isBody(session.output)) await printBody(session, body)
  else session.write(`${inert(body.actor ?? 'a stranger')}\n`)
  if (body.why !== null) session.note(body.why)
  return body.mayWrite ? EXIT.done : EXIT.forbidden
}
