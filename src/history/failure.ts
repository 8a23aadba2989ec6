import { TimeoutError } from '@libp2p/interface'
import { ipOf } from '../address/ip.ts'
import { isWrongPeer } from '../pipeline/errors.ts'
import type { Candidate } from '../pipeline/types.ts'

/**
 * Whose fault a failed attempt was
 *
 * - `silent`: nothing was heard until it was given up
 * - `refused`: somebody said no before there was a connection
 * - `unknown`: it failed without a code, as every WebSocket does: nobody can tell whether anything answered
 * - `unresolved`: the name has no address, or nobody could tell: the same as `local`, unless other names resolve
 * - `handshake`: it failed after the first response
 * - `wrong-peer`: another peer answered
 * - `unreachable`: this machine has no way there at the moment: nothing about the address
 * - `local`: nobody's but this node's: nothing about anything
 */
export type Failure = 'silent' | 'refused' | 'unknown' | 'unresolved' | 'handshake' | 'wrong-peer' | 'unreachable' | 'local'

/** Errors that this node makes itself: it denied the attempt, ended it, or could not make it */
const LOCAL_NAMES = new Set([
  'AbortError',
  'CircularDialError',
  'ConnectionDeniedError',
  'ConnectionInterceptedError',
  'DialDeniedError',
  'InvalidMultiaddrError',
  'InvalidParametersError',
  'NoValidAddressesError',
  'NotStartedError',
  'TransportUnavailableError',
  'UnsupportedOperationError'
])

/** Faults of a program: what it was given, or what it made of that, is wrong */
const PROGRAM_NAMES = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'])

const LOCAL_CODES = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EADDRINUSE'])

/** What Linux answers at once where a route is missing (ENETUNREACH), unreachable, prohibited, or a blackhole (EINVAL), and what its own firewall says (EPERM) */
const NO_ROUTE = new Set(['ENETUNREACH', 'ENETDOWN', 'EPERM', 'EACCES', 'EINVAL', 'EAFNOSUPPORT'])

/** This machine says at once that a host cannot be reached. A router takes a round trip, the neighbour table 3 s: the host is silent */
const AT_ONCE = 5

/** An attempt that failed `elapsed` milliseconds after it began, with or without a first response */
export function failureOf (error: Error, elapsed: number, wasHeard: boolean): Failure {
  // this node itself may answer there too
  if (isWrongPeer(error) || error.name === 'InvalidPeerIdError') {
    return 'wrong-peer'
  }

  const code = codeOf(error)

  if (LOCAL_NAMES.has(error.name) || isOfProgram(error) || (code != null && LOCAL_CODES.has(code))) {
    return 'local'
  }

  if (wasHeard || error.name === 'ConnectionClosedError') {
    return 'handshake'
  }

  if (error.name === 'TimeoutError' || code === 'ETIMEDOUT') {
    return 'silent'
  }

  if (code == null) {
    return 'unknown'
  }

  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) {
    return 'unresolved'
  }

  if (code === 'EHOSTUNREACH') {
    return elapsed < AT_ONCE ? 'unreachable' : 'silent'
  }

  return NO_ROUTE.has(code) ? 'unreachable' : 'refused'
}

/** The time of the callers was over, not that of the attempt: its own is of libp2p's class */
export function isOfCaller (error: Error): boolean {
  return error.name === 'TimeoutError' && !(error instanceof TimeoutError)
}

/** Something has come back: the way there works */
export function isAnswer (failure: Failure): boolean {
  return failure === 'refused' || failure === 'handshake' || failure === 'wrong-peer'
}

/** This machine or its network has failed, as far as one attempt can tell: nothing about the peer */
export function isOwnFailure (failure: Failure): boolean {
  return failure === 'local' || failure === 'unreachable' || failure === 'unresolved'
}

function isOfProgram ({ name, code }: Error & { code?: unknown }): boolean {
  return PROGRAM_NAMES.has(name) || (typeof code === 'string' && code.startsWith('ERR_INVALID_'))
}

/** The system's error code: of the error itself, of what caused it, or of the event that a WebSocket rejects with */
export function codeOf (thrown: unknown, depth: number = 3): string | undefined {
  if (depth === 0) {
    return
  }

  try {
    const { code, cause, error, errors } = (thrown ?? {}) as { code?: unknown, cause?: unknown, error?: unknown, errors?: unknown }

    if (typeof code === 'string' && /^E(AI_)?[A-Z]+$/.test(code)) {
      return code
    }

    return codeOf(cause, depth - 1) ?? codeOf(error, depth - 1) ?? (Array.isArray(errors) ? codeOf(errors[0], depth - 1) : undefined)
  } catch {
    // an error of a transport may have getters that throw
    return undefined
  }
}

/** Milliseconds for which a name that has resolved says that others can */
const FRESH = 10_000

/** The two names that have resolved last. DNS works while they are fresh, so that the failure of a third is its own */
export class ResolvedNames {
  readonly #latest = new Map<string, number>()

  /** The host of an address has resolved, if it is a name */
  resolved (candidate: Candidate, now: number): void {
    const name = nameToResolve(candidate)

    if (name == null) {
      return
    }

    this.#latest.delete(name)
    this.#latest.set(name, now)
    const [oldest = ''] = this.#latest.keys()

    if (this.#latest.size > 2) {
      this.#latest.delete(oldest)
    }
  }

  /** Whether another name than that of an address has resolved lately */
  hasOther (candidate: Candidate, now: number): boolean {
    const name = nameToResolve(candidate)

    return [...this.#latest].some(([other, at]) => other !== name && now - at < FRESH)
  }
}

/** The host, where DNS has to resolve it. Undefined: an IP address, this machine, or no host */
function nameToResolve ({ multiaddr, facts }: Candidate): string | undefined {
  return facts.network === 'name' && facts.scope !== 'loopback' && ipOf(multiaddr) == null ? facts.host : undefined
}
